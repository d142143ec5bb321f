"""A trace of some updates: those alone, and no bit of training is another."""

import json
import logging
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import optim

from artifact_torch import (
    EpochBoundStopper,
    OptimizerStep,
    Profile,
    StepBoundStopper,
    Trainer,
)
from artifact_torch.contracts import EarlyStopper, Periodic, RunState, Watching
from artifact_torch.errors import ConfigurationError
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

LOADER = Batches(points(20), 4)  # five batches


def trainer(
    *callbacks: Profile, stop: EarlyStopper[RunState] | None = None
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.1)),
        train_loader=LOADER,
        stop=[stop or EpochBoundStopper(max_n_epochs=3)],
        callbacks=callbacks,
        progress=False,
    )


def n_traced(path: Path, operator: str) -> int:
    events: Any = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    return sum(1 for event in events if event.get("name") == operator)


@pytest.mark.parametrize(("after", "n_updates", "expected"), [(0, 1, 1), (1, 3, 3), (5, 2, 2)])
def test_only_those_updates_are_traced(
    tmp_path: Path, after: int, n_updates: int, expected: int
) -> None:
    path = tmp_path / "new" / "trace.json"
    trainer(Profile(path, after=after, n_updates=n_updates)).train()
    # the model has two linear layers and one dropout
    assert n_traced(path, "aten::linear") == 2 * expected
    assert n_traced(path, "aten::dropout") == expected
    assert "aten::addmm" in path.with_suffix(".txt").read_text(encoding="utf-8")


def test_it_ends_with_the_epoch(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    trainer(Profile(path, after=3, n_updates=10)).train()
    assert n_traced(path, "aten::dropout") == 2


def test_it_ends_with_the_run(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    trainer(Profile(path, after=1, n_updates=10), stop=StepBoundStopper(max_n_steps=3)).train()
    assert n_traced(path, "aten::dropout") == 2


def test_no_bit_of_training_is_another(tmp_path: Path) -> None:
    expected = trainer().train()
    profiled = trainer(Profile(tmp_path / "trace.json", after=2)).train()
    assert same_weights(profiled.last_weights, expected.last_weights)


def test_an_error_ends_it(tmp_path: Path) -> None:
    class Fails(Batches):
        def batches(self, epoch: int) -> Any:
            yield from list(super().batches(epoch))[:3]
            raise RuntimeError("no more")

    path = tmp_path / "trace.json"
    made = Trainer(
        OptimizerStep(seeded_regression(), optimizer=optim.SGD),
        train_loader=Fails(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[Profile(path, after=1, n_updates=9)],
        progress=False,
    )
    with pytest.raises(RuntimeError, match="no more"):
        made.train()
    assert n_traced(path, "aten::dropout") == 2
    with torch.profiler.profile():  # torch has one at a time: ours is over
        pass


def test_it_traces_once_and_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "trace.json"
    profile = Profile(path, after=1, n_updates=1)
    with caplog.at_level(logging.INFO):
        trainer(profile).train()
    said = [each.getMessage() for each in caplog.records if "Profile" in each.getMessage()]
    assert said == [f"Profile: {path}, and a table beside it"]
    path.unlink()
    trainer(profile).train()
    assert not path.exists()


def test_a_rehearsal_traces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    trainer(Profile(path, after=0)).rehearse()
    assert not path.exists()


def test_a_file_that_cannot_be_written_does_not_end_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    result = trainer(Profile(tmp_path / "file" / "trace.json", after=0)).train()
    assert result.n_epochs_elapsed == 3
    assert "could not be written" in caplog.text


def test_it_is_there_for_those_updates_alone(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "trace.json", after=4)
    assert isinstance(profile, Periodic)
    assert isinstance(profile, Watching)
    assert str(profile.every) == str(Profile("x", after=4).every)


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ConfigurationError) as told:
        Profile("", after=-1, n_updates=0)
    assert str(told.value).splitlines() == [
        "Profile: path must be a non-empty str, got ''",
        "Profile: after must be at least 0, got -1",
        "Profile: n_updates must be at least 1, got 0",
    ]
