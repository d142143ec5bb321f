"""Real runs beside MLflow: what each of them recorded, and what the server has of it."""

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import final

import torch

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    LossCallback,
    MLflowClient,
    OptimizerStep,
    StepBoundStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    TrainLoss,
    steps,
)
from artifact_torch.cli.main import main
from artifact_torch.tracking.delivery.standing import Standing, read_standing
from tests.toys import Fit, Points, points, seeded_regression
from tests.tracking.delivery.running import until
from tests.tracking.mlflow_store import history, stored

N_STEPS = 14
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_WATCHED: list[list[str]] = []


@final
class At:
    """Does what a test has planned, after the update of a step; notes each step."""

    def __init__(self, **planned: Callable[[], object]) -> None:
        self.events: list[str] = []
        self.planned = planned

    def on_batch(self, step: int, batch: object, output: Fit) -> None:
        self.events.append(f"step {step}")
        planned = self.planned.get(f"step_{step}")
        if planned is not None:
            planned()


def new_trainer(uri: str, folder: Path, at: At | None = None) -> Trainer[Points, Fit]:
    """Of epochs of four updates; a score at each update, two at the end of an epoch."""
    loader = DataLoader(TensorTable(points()), batch_size=5, shuffle=True, seed=1)
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=torch.optim.Adam, device="cpu"),
        train_loader=loader,
        stop=[StepBoundStopper(max_n_steps=N_STEPS)],
        run_folder=folder,
        checkpoint_every=steps(3),
        callbacks=[TrainLoss(every=steps(1)), *([] if at is None else [at])],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
        tracking_clients=[MLflowClient(experiment="runs", tracking_uri=uri)],
        settings={"lr": 0.001},
        progress=False,
    )


def standing(folder: Path) -> Standing:
    """Of the delivery to MLflow; an empty one before it begins."""
    return read_standing(folder / "tracking" / "mlflow.json") or Standing()


def run_of(folder: Path) -> str:
    """The id of its run at MLflow, as soon as it has one."""
    until(lambda: standing(folder).kept)
    return standing(folder).kept["run_id"]


def delivered(folder: Path) -> int:
    """What the command delivers at last says, which is tried as often as a busy server needs."""
    status = [1]

    def is_done() -> bool:
        status[0] = main(["sync", str(folder), "--to", "mlflow"])
        return status[0] == 0

    until(is_done)
    return status[0]


def recorded(result: TrainingResult) -> dict[str, list[tuple[int, float]]]:
    """Step and value of each score, and the epoch of each step."""
    rows = result.scores.reset_index().to_dict("records")
    by_name: dict[str, list[tuple[int, float]]] = {"epoch": []}
    for row in rows:
        step = int(row["step"])
        by_name["epoch"].append((step, float(row["epoch"])))
        for name in ("train_loss", "loss"):
            if row[name] == row[name]:
                by_name.setdefault(name, []).append((step, float(row[name])))
    return by_name


def held(database: str, run_id: str) -> dict[str, list[tuple[int, float]]]:
    """As the database has it: a score that arrived twice is there twice."""
    names = stored(database, run_id).metrics
    return {
        name: [(step, value) for step, value, _ in history(database, run_id, name)]
        for name in names
    }


@contextmanager
def network() -> Generator[list[str]]:
    """Each use of a network by this process, and each worker that its main thread starts."""
    if not _WATCHED:
        _WATCHED.append([])
        sys.addaudithook(_note)
    seen: list[str] = []
    _WATCHED.append(seen)
    try:
        yield seen
    finally:
        _WATCHED.remove(seen)


def _note(event: str, told: tuple[object, ...]) -> None:
    if len(_WATCHED) < 2:
        return
    is_worker = event == "subprocess.Popen" and "artifact_torch.tracking" in str(told)
    if event in _NETWORK or (is_worker and threading.current_thread() is threading.main_thread()):
        for seen in _WATCHED[1:]:
            seen.append(event)
