"""What is kept outside of the process belongs to the run as it goes on, and nothing is ahead of the
record.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from safetensors.torch import load as load_tensors
from torch import optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    RunFolder,
    Trainer,
)
from artifact_torch.contracts import Checkpointer, Moment, ResultsClient
from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.run_folder import read_status
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression


class Remembers:
    """A client that stays in this process."""

    def __init__(self) -> None:
        self.begun: list[Mapping[str, str]] = []
        self.names: list[str] = []
        self.steps: list[int] = []
        self.ends: list[tuple[Ending, str]] = []

    def __reduce__(self) -> str:
        raise TypeError

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        self.begun.append(run.kept)
        self.names.append(run.name)
        return {"id": "1"}

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def log_results(self, results: Sequence[Recorded], /) -> None:
        self.steps += [each.step for each in results]

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, how: Ending, reason: str, /) -> None:
        self.ends.append((how, reason))


class FailsLate:
    """A checkpointer whose work beside the training fails."""

    def is_due(self, moment: Moment, /) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None: ...

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        raise CheckpointError

    def drain(self, timeout_s: float, /) -> None:
        raise CheckpointError("the disk is gone")


def trainer(
    folder: Path | None,
    *,
    n_epochs: int = 4,
    clients: Sequence[ResultsClient] = (),
    checkpointer: Checkpointer | None = None,
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.SGD, lr=0.01)),
        train_loader=Batches(points(4), 2),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=BestScoreTracker("loss"),
        routines=[DataLoaderRoutine(Batches(points(4), 2), scores=[LossCallback("loss")])],
        run_folder=None if folder is None else RunFolder(folder, keep=None),
        tracking_clients=clients,
        checkpointer=checkpointer,
        progress=False,
    )


def best_in(folder: Path) -> object:
    about: object = json.loads((folder / "best" / "best.json").read_text())
    assert is_mapping(about)
    return about["step"], about["scores"]


def test_the_best_weights_are_not_those_of_a_future_that_was_left_behind(tmp_path: Path) -> None:
    whole = trainer(tmp_path).train()
    assert best_in(tmp_path) == (8, {"loss": whole.scores["loss"].iloc[-1]})
    again = trainer(tmp_path)
    again.restore(epoch=1)
    result = again.train(stop=[EpochBoundStopper(max_n_epochs=1)])
    assert result.best_weights is not None
    assert best_in(tmp_path) == (2, {"loss": whole.scores["loss"].iloc[0]})
    there = load_tensors((tmp_path / "best" / "weights.safetensors").read_bytes())
    assert same_weights(dict(there), result.best_weights)


def test_there_are_none_where_the_run_goes_on_from_before_any(tmp_path: Path) -> None:
    begun = trainer(tmp_path)
    state = dict(begun.state_dict())
    begun.train()
    state["log"] = []
    begun.load_state_dict(state)
    assert (tmp_path / "best").exists()
    with pytest.raises(RuntimeError):
        begun.train(stop=[Raises()])
    assert not (tmp_path / "best").exists()


class Raises:
    def should_stop(self, state: object, /) -> bool:
        raise RuntimeError


def test_without_a_folder_a_client_goes_on_with_its_run() -> None:
    client = Remembers()
    run = trainer(None, n_epochs=1, clients=[client])
    run.train()
    run.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    assert client.begun == [{}, {"id": "1"}]
    assert client.names[0] == client.names[1]
    assert client.steps == [2, 4]


def test_no_checkpoint_is_on_the_disk_before_the_record_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, sync = list[str](), os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    trainer(tmp_path).train()
    order = [name for name in synced if name in ("record.jsonl", "manifest.json")]
    assert order.count("manifest.json") == 4
    assert all(order[n - 1] == "record.jsonl" for n, name in enumerate(order) if name[0] == "m")


def test_a_last_save_that_fails_fails_the_run_which_is_told_all_the_same(tmp_path: Path) -> None:
    client = Remembers()
    with pytest.raises(CheckpointError, match="the disk is gone"):
        trainer(tmp_path, clients=[client], checkpointer=FailsLate()).train()
    assert client.ends == [("failed", "CheckpointError: the disk is gone")]
    assert client.steps == [2, 4, 6, 8]
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.reason) == client.ends[0]
