"""A client of our own shape beside a real run: it is told all, once, with its epoch and step."""

import json
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
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    TrainLoss,
    steps,
)
from artifact_torch.contracts import Ending, Recorded, ResultsClient, RunIdentity
from artifact_torch.internal.narrowing import is_list
from tests.toys import Fit, Points, points, seeded_regression
from tests.trainer.composed import untyped


@final
class Told:
    """Writes what it is told to a file, from whatever process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        self._tell("begin", run.kept)
        return {"id": "7"}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self._tell("settings", settings)

    def log_results(self, results: Sequence[Recorded], /) -> None:
        self._tell(
            "results",
            [[each.name, each.value, each.epoch, each.step] for each in results],
        )

    def log_file(self, path: Path, name: str, /) -> None:
        self._tell("file", name)

    def end(self, how: Ending, reason: str, /) -> None:
        self._tell("end", how)

    def _tell(self, what: str, of: object) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, of]) + "\n")

    def told(self) -> list[tuple[str, object]]:
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [(what, of) for what, of in map(json.loads, lines)]


def new_trainer(
    client: ResultsClient, folder: Path | None, max_n_steps: int
) -> Trainer[Points, Fit]:
    loader = DataLoader(TensorTable(points()), batch_size=5, shuffle=True)
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=torch.optim.Adam),
        train_loader=loader,
        stop=[StepBoundStopper(max_n_steps=max_n_steps)],
        run_folder=folder,
        checkpoint_every=steps(4),
        callbacks=[TrainLoss(every=steps(3))],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
        tracking_clients=[client],
        settings={"lr": 0.001},
        progress=False,
    )


def expected(result: TrainingResult) -> list[list[object]]:
    """Name, value, epoch, step of each score of the history."""
    rows = result.scores.reset_index().to_dict("records")
    return [
        [name, row[name], row["epoch"], row["step"]]
        for row in rows
        for name in ("train_loss", "loss")
        if row[name] == row[name]
    ]


def scores(client: Told) -> list[list[object]]:
    """As `expected` has them."""
    told: list[list[object]] = []
    for what, of in client.told():
        if what == "results" and is_list(of):
            told += [list(each) for each in of if is_list(each)]
    return told


@pytest.mark.parametrize("has_folder", [True, False])
def test_it_is_told_settings_every_moment_and_the_end(has_folder: bool, tmp_path: Path) -> None:
    client = Told(tmp_path / "told.jsonl")
    result = new_trainer(client, tmp_path / "run" if has_folder else None, 10).train()
    told = client.told()
    assert told[:2] == [("begin", {}), ("settings", {"lr": 0.001})]
    assert told[-2:] == [("file", "settings.json"), ("end", "finished")]
    assert scores(client) == expected(result)
    assert result.outages == {}


def test_a_run_that_goes_on_is_told_once(tmp_path: Path) -> None:
    client = Told(tmp_path / "told.jsonl")
    new_trainer(client, tmp_path / "run", 11).train()
    again = new_trainer(client, tmp_path / "run", 14)
    again.restore(step=8)  # 9 to 11 come again
    result = again.train()
    told = scores(client)
    left = [each for each in told if each not in expected(result)]
    assert [each[-1] for each in left] == [11, 11]  # what the end of the first run left out
    assert [each for each in told if each not in left] == expected(result)
    assert ("begin", {"id": "7"}) in client.told()


def test_the_file_of_a_resumed_run_is_its_history(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    new_trainer(CsvClient(path), tmp_path / "run", 11).train()
    result = new_trainer(CsvClient(path), tmp_path / "run", 14).train()
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    written = [[float(each) for each in [*row[:2], *row[3:]] if each] for row in rows]
    history = result.scores.reset_index().to_numpy().tolist()
    assert written == [[value for value in row if value == value] for row in history]  # noqa: PLR0124


def test_a_client_without_a_method_is_refused_by_the_contract_that_it_began() -> None:
    class Forgot:
        def log_results(self, results: Sequence[Recorded]) -> None: ...

        def end(self, how: Ending, reason: str) -> None: ...

    with pytest.raises(ContractError) as refused:
        untyped(new_trainer, Forgot(), None, 1)
    assert "ResultsClient" in str(refused.value)
    assert "log_settings" in str(refused.value)
    assert "log_score" not in str(refused.value)
