"""A client of our own shape: one call a moment, and an outage that costs no more than that."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

import pytest
import torch

from artifact_torch import (
    ContractError,
    CsvClient,
    DataLoader,
    DataLoaderRoutine,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    TrainLoss,
    steps,
)
from artifact_torch.contracts import Failure, Moment, Result, ResultKind, ResultsClient
from tests.toys import Fit, Points, points, seeded_regression
from tests.trainer.composed import untyped


@final
class Kept:
    """Keeps what it is told; raises while it is down."""

    def __init__(self) -> None:
        self.told: list[tuple[object, object]] = []
        self.calls = 0
        self.is_down = False

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        self._tell(list(results), str(moment))

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self._tell(settings, "settings")

    def flush(self) -> None:
        self._tell(None, "flush")

    def _tell(self, what: object, where: str) -> None:
        self.calls += 1
        if self.is_down:
            raise ConnectionError("no server")
        self.told.append((what, where))


@pytest.fixture(autouse=True)
def warnings_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


RESULTS = [Result(ResultKind.SCORE, "a", 1.0), Result(ResultKind.SCORE, "b", 2.0)]


def new_trainer(client: ResultsClient, folder: Path, max_n_steps: int) -> Trainer[Points, Fit]:
    loader = DataLoader(TensorTable(points()), batch_size=5, shuffle=True)
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=torch.optim.Adam),
        train_loader=loader,
        stop=[StepBoundStopper(max_n_steps=max_n_steps)],
        checkpointer=FolderCheckpointer(folder, every=steps(4)),
        callbacks=[TrainLoss(every=steps(3))],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
        tracking_clients=[client],
        settings={"lr": 0.001},
        progress=False,
    )


def recorded(result: TrainingResult) -> list[list[float]]:
    """Epoch, step and scores, without what is not there."""
    rows = result.scores.reset_index().to_numpy().tolist()
    return [[value for value in row if value == value] for row in rows]  # noqa: PLR0124 NaN


def written(path: Path) -> list[list[float]]:
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    return [[float(each) for each in [*row[:2], *row[3:]] if each] for row in rows]


def test_the_trainer_tells_settings_every_moment_and_the_end(tmp_path: Path) -> None:
    client = Kept()
    new_trainer(client, tmp_path, 10).train()
    places = [where for _, where in client.told]
    expected = ["step 3", "epoch 1", "step 6", "epoch 2", "step 9", "step 10", "flush"]
    assert places == ["settings", *expected]


def test_the_file_of_a_killed_and_resumed_run_is_its_history(tmp_path: Path) -> None:
    whole = tmp_path / "whole.csv"
    uninterrupted = new_trainer(CsvClient(whole), tmp_path / "a", 14).train()
    assert written(whole) == recorded(uninterrupted)

    path = tmp_path / "scores.csv"
    new_trainer(CsvClient(path), tmp_path / "b", 11).train()
    path.write_text(path.read_text()[:-3])  # torn
    again = new_trainer(CsvClient(path), tmp_path / "b", 14)
    again.restore(step=8)
    resumed = again.train()
    assert written(path) == recorded(resumed) == recorded(uninterrupted)


def test_a_client_without_a_method_is_refused_by_the_contract_that_it_began(
    tmp_path: Path,
) -> None:
    class Forgot:
        def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...

        def flush(self) -> None: ...

    with pytest.raises(ContractError) as refused:
        untyped(new_trainer, Forgot(), tmp_path, 1)
    assert "ResultsClient" in str(refused.value)
    assert "log_settings" in str(refused.value)
    assert "log_score" not in str(refused.value)
