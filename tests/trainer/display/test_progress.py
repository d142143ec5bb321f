"""What a run shows of itself, by a clock that the tests turn."""

import logging
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import nn

from artifact_torch.contracts import Moment
from artifact_torch.trainer.display.progress import Progress, summarize
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.trainer.run import Run
from tests.toys import Still

LOSS = torch.tensor(0.43123)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Screen:
    """What was written to standard error, which is no terminal."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    @property
    def text(self) -> str:
        self._text += self._capsys.readouterr().err
        return self._text

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def screen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Where logging is not configured, in no notebook."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    logger = logging.getLogger("artifact_torch")
    level = logger.level
    yield Screen(capsys)
    logger.setLevel(level)
    assert logger.handlers == []  # the bar's has gone with it


def made(
    clock: Clock,
    mode: Mode = "lines",
    *,
    max_n_epochs: int | None = 20,
    max_n_steps: int | None = None,
) -> Progress:
    return Progress(mode, 8, max_n_epochs, max_n_steps, clock=clock)


def test_a_line_says_where_the_run_is_how_fast_and_how_long_it_has_left(
    screen: Screen, clock: Clock
) -> None:
    progress = made(clock)
    progress.batches(3, 2, LOSS, step=18)
    clock.now += 2.0
    progress.batches(3, 6, LOSS, step=22)
    # 4 batches in 2 seconds; of 20 * 8 batches 22 are done: 138 at half a second each
    assert screen.lines == [
        "epoch 3/20  batch 2/8  loss 0.4312",
        "epoch 3/20  batch 6/8  loss 0.4312  2 batches/s  left 0:01:09",
    ]


def test_the_rate_is_smoothed_and_the_time_left_is_by_the_pace_of_the_whole_call(
    screen: Screen, clock: Clock
) -> None:
    progress = made(clock, max_n_epochs=2)
    progress.batches(1, 0, None, step=0)
    clock.now += 1.0
    progress.batches(1, 2, None, step=2)
    clock.now += 3.0
    progress.batches(1, 5, None, step=5)
    # the rates 2 and 1: 0.7 * 2 + 0.3 * 1; 11 batches left at 4 seconds for 5
    assert screen.lines[-1] == "epoch 1/2  batch 5/8  1.7 batches/s  left 0:00:09"


def test_the_nearest_of_two_bounds_counts(screen: Screen, clock: Clock) -> None:
    progress = made(clock, max_n_steps=5)
    progress.batches(1, 2, None, step=1)
    clock.now += 1.0
    progress.batches(1, 4, None, step=2)
    assert "step 2/5  2 batches/s  left 0:00:03" in screen.text


def test_without_a_bound_no_time_is_left(screen: Screen, clock: Clock) -> None:
    progress = made(clock, max_n_epochs=None)
    progress.batches(1, 1, None, step=1)
    clock.now += 1.0
    progress.batches(1, 2, None, step=2)
    assert screen.lines[-1] == "epoch 1  batch 2/8  1 batches/s"


def test_a_run_that_was_restored_has_no_pace_before_its_first_batch(
    screen: Screen, clock: Clock
) -> None:
    progress = made(clock)
    clock.now = 5.0
    progress.batches(20, 1, None, step=153)
    clock.now += 1.0
    progress.batches(20, 3, None, step=155)  # 5 of 160 are left, 2 in a second
    assert screen.lines[-1].endswith("left 0:00:02")


def test_scores_have_a_line_of_their_own(screen: Screen, clock: Clock) -> None:
    progress = made(clock)
    progress.moment(Moment(epoch=3, step=24), {"val_loss": 0.40999, "val_accuracy": 0.87})
    assert screen.text == "epoch 3/20  step 24  val_loss 0.41  val_accuracy 0.87\n"


def test_a_moment_within_an_epoch_belongs_to_the_epoch_that_runs(
    screen: Screen, clock: Clock
) -> None:
    made(clock).moment(Moment(epoch=2, step=20, ends_epoch=False), {"a": float("nan")})
    assert screen.text == "epoch 3/20  step 20  a nan\n"


def test_at_most_one_line_a_second_and_the_last_scores_come_in_any_case(
    screen: Screen, clock: Clock
) -> None:
    progress = made(clock, max_n_epochs=None)
    for epoch in range(1, 36):  # a tenth of a second each
        progress.moment(Moment(epoch=epoch, step=epoch), {"a": epoch})
        clock.now += 0.1
    progress.close()
    steps = [line.split("  ")[1] for line in screen.lines]
    assert steps == ["step 1", "step 11", "step 21", "step 31", "step 35"]


def test_scores_that_wait_come_before_the_batches(screen: Screen, clock: Clock) -> None:
    progress = made(clock)
    progress.batches(1, 7, None, step=7)
    clock.now = 0.5
    progress.moment(Moment(epoch=1, step=8), {"a": 1.0})
    clock.now = 1.0
    progress.batches(2, 1, None, step=9)
    clock.now = 2.0
    progress.batches(2, 2, None, step=10)
    progress.close()
    assert [line.split("  ")[1] for line in screen.lines] == [
        "batch 7/8",
        "step 8",
        "batch 2/8",
    ]


def test_a_moment_without_scores_has_no_line(screen: Screen, clock: Clock) -> None:
    progress = made(clock)
    progress.moment(Moment(epoch=1, step=8), {"a": 0.5})
    clock.now += 0.5
    progress.moment(Moment(epoch=2, step=16), {"a": 0.25})
    progress.moment(Moment(epoch=3, step=24), {})  # the scores that wait are not lost by it
    progress.moment(Moment(epoch=3, step=24, ends_run=True), {})
    progress.close()
    assert screen.lines == ["epoch 1/20  step 8  a 0.5", "epoch 2/20  step 16  a 0.25"]


def test_what_is_said_comes_at_once_and_whole(screen: Screen, clock: Clock) -> None:
    progress = made(clock)
    progress.moment(Moment(epoch=1, step=8), {"a": 1.0})
    progress.say("two\nlines")
    progress.close()
    progress.say("after")
    assert screen.text == "epoch 1/20  step 8  a 1\ntwo\nlines\nafter\n"


def test_the_end_line_says_what_the_run_came_to(screen: Screen, clock: Clock) -> None:
    run = Run()
    run.seconds = {"training": 1.04, "validation": 0.2, "rest": 0.0}
    run.record(Moment(epoch=2, step=16), [])
    run.stop_reason = "2 epochs are over"
    line = "2 epochs are over: 2 epochs, 19 steps; 1.0 s training, 0.2 s validation, 0.0 s else"
    step = Still(nn.Linear(1, 1))
    step.n_steps = 19  # 3 of an epoch that did not end
    summarize(made(clock), run, None, step=step)
    summarize(made(clock), run, "runs/a", step=step)
    assert screen.text == f"{line}\n{line}; results: runs/a\n"


def everything(progress: Progress) -> None:
    progress.say("a summary")
    progress.batches(1, 1, LOSS, step=1)
    progress.moment(Moment(epoch=1, step=8), {"a": 1.0})
    progress.close()
    progress.say("the end")


SAID = ["a summary", "epoch 1/20  batch 1/8  loss 0.4312", "epoch 1/20  step 8  a 1", "the end"]


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_shown_where_that_is_asked_or_there_is_nothing_to_write_to(
    screen: Screen, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    if not is_there:
        monkeypatch.setattr(sys, "stderr", None)
    progress = made(clock, False if is_there else "auto")
    assert progress.interval_s is None
    everything(progress)
    assert screen.text == ""


@contextmanager
def logged(handler: logging.Handler) -> Generator[None]:
    """Our records from INFO on, to `handler`."""
    logger = logging.getLogger("artifact_torch")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def test_who_logs_on_a_screen_sees_each_line_once(screen: Screen, clock: Clock) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("LOG %(message)s"))
    with logged(handler):
        everything(made(clock))
    assert screen.lines == [
        "LOG a summary",
        "LOG epoch 1/20  batch 1/8  loss 0.4312",
        "LOG epoch 1/20  step 8  a 1",
        "LOG the end",
    ]


def test_who_logs_into_a_file_still_sees_the_lines(
    screen: Screen, clock: Clock, tmp_path: Path
) -> None:
    with logged(logging.FileHandler(tmp_path / "log")):
        everything(made(clock))
    assert screen.lines == SAID
    written = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert written == [SAID[0], SAID[2], SAID[3]]


def test_who_logs_warnings_on_a_screen_still_sees_the_lines(screen: Screen, clock: Clock) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    with logged(handler):
        everything(made(clock))
    assert screen.lines == SAID


def test_the_log_has_the_scores_of_every_moment_whatever_is_shown(
    screen: Screen, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "artifact_torch")
    progress = made(clock, False)
    for epoch in (1, 2, 3):
        progress.moment(Moment(epoch=epoch, step=epoch), {"a": 1.0})
    assert caplog.messages == [f"epoch {n}/20  step {n}  a 1" for n in (1, 2, 3)]
    assert screen.text == ""


def test_the_bar_has_the_loss_the_pace_and_the_last_scores(screen: Screen, clock: Clock) -> None:
    progress = made(clock, "bar")
    progress.batches(1, 1, LOSS, step=1)
    progress.moment(Moment(epoch=1, step=8), {"a": 0.25})  # too early for another look
    clock.now += 1.0
    progress.batches(2, 4, LOSS, step=12)
    progress.say("a word")
    progress.moment(Moment(epoch=2, step=16), {"b": 0.5})
    progress.close()
    looks = [each.rstrip() for each in screen.text.split("\r") if each.strip()]
    # 11 batches in a second; 148 are left
    now = "epoch 2/20 |█████     | 4/8, loss 0.4312  a 0.25  11/s  left 0:00:13"
    last = "epoch 2/20 |██████████| 8/8, loss 0.4312  a 0.25  b 0.5  11/s"
    assert looks == ["epoch 1/20 |█▎        | 1/8, loss 0.4312", now, "a word", now, last, last]
    assert screen.text.endswith("\n")


def test_the_bar_ends_at_the_step_that_the_run_ended_at(screen: Screen, clock: Clock) -> None:
    progress = made(clock, "bar", max_n_epochs=None, max_n_steps=8)
    progress.batches(1, 5, None, step=5)
    clock.now += 1.0
    progress.moment(Moment(epoch=1, step=8, seconds=1.0, ends_epoch=True, ends_run=True), {})
    progress.close()
    assert screen.text.rsplit("\r", 1)[-1].rstrip() == "epoch 1 |██████████| 8/8, step 8/8"


def test_the_bar_is_drawn_at_most_ten_times_a_second(screen: Screen, clock: Clock) -> None:
    progress = made(clock, "bar", max_n_epochs=None)
    for epoch in range(1, 101):  # a hundredth of a second each
        progress.moment(Moment(epoch=epoch, step=epoch), {"a": 1.0})
        clock.now += 0.01
    looks = screen.text.split("\r")
    progress.close()
    assert 8 <= sum("epoch" in look for look in looks) <= 11


@pytest.mark.parametrize(("mode", "interval_s"), [("bar", 0.1), ("lines", 1.0), ("auto", 1.0)])
def test_how_often_batches_are_wanted(
    screen: Screen, clock: Clock, mode: Mode, interval_s: float
) -> None:
    assert made(clock, mode).interval_s == interval_s


def test_a_notebook_has_a_bar(
    screen: Screen, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert made(clock, "auto").interval_s == 0.1
