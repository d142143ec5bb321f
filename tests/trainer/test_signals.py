"""A signal ends a run after the update in progress, saved; the next process goes on as if nothing
had been, wherever the signal came.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import optim

from artifact_torch import (
    OptimizerStep,
    StepBoundStopper,
    Trainer,
    TrainingResult,
)
from artifact_torch.contracts import Every
from artifact_torch.errors import ConfigurationError
from artifact_torch.run_folder import read_status
from artifact_torch.trainer.loop.signals import Asked, Signals
from tests.toys import Batches, Fit, Points, points, same_weights
from tests.trainer.test_interrupted import (
    FORMS,
    PLACES,
    USUAL,
    Form,
    Plain,
    Told,
    composed,
)

HERE = tuple(each for each in PLACES if each not in ("due", "save"))


@dataclass
class Signalled:
    """Sends itself a signal at the given calls of the places, one to each process: a second would
    end the tests.
    """

    at: Mapping[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    n_calls: dict[str, int] = field(default_factory=dict[str, int])
    is_sent: bool = False

    def __call__(self, place: str) -> None:
        self.n_calls[place] = self.n_calls.get(place, 0) + 1
        number = self.at.get((place, self.n_calls[place]))
        if number and not self.is_sent:
            self.is_sent = True
            signal.raise_signal(number)


def trainer_of(form: Form, trips: Callable[[str], None], folder: Path) -> Trainer[Points, Fit]:
    return composed(form, trips, Told(trips), folder=folder)


def run(
    form: Form, at: Mapping[tuple[str, int], int], folder: Path
) -> tuple[TrainingResult, list[int | None]]:
    """To its end in as many trainers as it takes; and how each of the others ended."""
    trips, codes = Signalled(at), list[int | None]()
    for _ in range(9):
        trainer = trainer_of(form, trips, folder)
        trips.is_sent = False
        try:
            return trainer.train(), codes
        except SystemExit as left:
            codes.append(left.code if isinstance(left.code, int) else -1)
        except KeyboardInterrupt:
            codes.append(None)
    raise AssertionError("it never ended")


def require_same(form: Form, at: Mapping[tuple[str, int], int], parent: Path) -> list[int | None]:
    whole, _ = run(form, {}, parent / "whole")
    result, codes = run(form, at, parent / "parts")
    assert same_weights(result.last_weights, whole.last_weights)
    assert (result.n_steps, result.stop_reason) == (whole.n_steps, whole.stop_reason)
    assert (result.best_epoch, result.best_step) == (whole.best_epoch, whole.best_step)
    assert result.scores.equals(whole.scores)
    return codes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
@pytest.mark.parametrize("place", HERE)
def test_each_place(place: str, number: int, tmp_path: Path) -> None:
    n = 1 if place in ("on_start", "on_end") else 2
    codes = require_same(USUAL, {(place, n): number}, tmp_path)
    assert codes == [None if number == signal.SIGINT else 128 + number]


@settings(deadline=None, max_examples=25)
@given(
    form=FORMS,
    at=st.dictionaries(
        st.tuples(st.sampled_from(HERE), st.integers(1, 8)),
        st.sampled_from([signal.SIGTERM, signal.SIGINT]),
        min_size=1,
        max_size=3,
    ),
)
def test_wherever_signals_come_it_ends_the_same(
    form: Form, at: dict[tuple[str, int], int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    require_same(form, at, tmp_path_factory.mktemp("run"))


def test_the_folder_says_how_it_ended(tmp_path: Path) -> None:
    trainer = trainer_of(USUAL, Signalled({("update", 3): signal.SIGTERM}), tmp_path)
    with pytest.raises(SystemExit) as left:
        trainer.train()
    assert left.value.code == 143
    assert trainer.result.stop_reason == "interrupted by SIGTERM"
    assert trainer.result.n_steps == 3  # the update in progress was finished
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.step) == ("stopped", 3)


def test_handlers_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    run(USUAL, {("update", 3): signal.SIGTERM}, tmp_path)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_one_that_is_ignored_stays_so(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        _, codes = run(USUAL, {("update", 3): signal.SIGUSR1}, tmp_path)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert codes == []


def test_the_same_trainer_goes_on_after_ctrl_c(tmp_path: Path) -> None:
    whole, _ = run(USUAL, {}, tmp_path / "whole")
    trainer = trainer_of(USUAL, Signalled({("routine", 2): signal.SIGINT}), tmp_path / "one")
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    result = trainer.train()
    assert same_weights(result.last_weights, whole.last_weights)
    assert result.scores.equals(whole.scores)


CHILD = """
import os, signal, sys, threading, time
import torch
from torch import optim
from functools import partial
from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from tests.toys import Batches, points, Regression

class Slow(Regression):
    def forward(self, points):
        if {when}:
            for _ in range({n_signals}):
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.01)
            time.sleep({sleep_s})
        return super().forward(points)

model = Slow()
Trainer(
    OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.01)),
    train_loader=Batches(points(20), 2), stop=[EpochBoundStopper(max_n_epochs=3)],
    run_folder=sys.argv[1], progress=False, grace_s={grace_s},
).train()
"""


def child(folder: Path, **asked: object) -> subprocess.CompletedProcess[str]:
    program = CHILD.format(**{"when": "model.training", "n_signals": 1, "sleep_s": 0, **asked})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=300,
    )


def test_a_second_signal_leaves_at_once(tmp_path: Path) -> None:
    left = child(tmp_path, n_signals=2, sleep_s=250, grace_s=250)
    assert left.returncode == 143


def test_the_end_of_the_grace_leaves_and_says_so(tmp_path: Path) -> None:
    left = child(tmp_path, sleep_s=250, grace_s=0.2)
    assert left.returncode == 143
    assert "SIGTERM: the update, save or validation in progress took more than" in left.stderr


def test_it_leaves_with_the_code_of_a_shell(tmp_path: Path) -> None:
    assert child(tmp_path, grace_s=250).returncode == 143


def test_a_grace_that_is_none(tmp_path: Path) -> None:
    every: list[Every] = []
    with pytest.raises(ConfigurationError) as refused:
        Trainer(
            OptimizerStep(Plain(), optimizer=partial(optim.SGD, lr=0.01)),
            train_loader=Batches(points(4), 2),
            stop=[StepBoundStopper(max_n_steps=2)],
            run_folder=tmp_path,
            checkpoint_every=every,
            grace_s=-1.0,
        )
    assert "checkpoint_every must have a cadence, got an empty list; write 1" in str(refused.value)
    assert "grace_s (seconds) must be at least 0, got -1.0" in str(refused.value)


def test_one_that_comes_just_as_a_validation_begins_interrupts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = Signals.check

    def looked(signals: Signals) -> None:
        look(signals)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Signals, "check", looked)
    signals, has_begun = Signals(grace_s=250.0), False
    with signals.heard(lambda: None), pytest.raises(Asked), signals.interrupting():
        has_begun = True
    assert not has_begun


def test_who_waits_for_the_end_of_the_grace_is_not_cut_off() -> None:
    signals = Signals(grace_s=250.0)
    with signals.heard(lambda: None):
        signal.raise_signal(signal.SIGTERM)
        assert 0.0 < signals.left_s <= 248.0
    assert Signals(grace_s=0.0).left_s == float("inf")
