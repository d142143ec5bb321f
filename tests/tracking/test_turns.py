"""Calls for which training waits a short while and no longer."""

import logging
from collections.abc import Callable
from functools import partial
from threading import Event, Thread

import pytest

from artifact_torch import seed_everything
from artifact_torch.tracking.turns import Turns
from tests.tracking.delivery.doubles import draw


@pytest.fixture(autouse=True)
def warnings_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def test_a_work_is_done_when_take_returns() -> None:
    turns, done = Turns("X", limit_s=60), list[int]()
    for number in range(20):
        turns.take(partial(done.append, number))
        assert done[-1] == number
    assert turns.drain(0) == 0


def test_what_a_work_draws_was_not_drawn() -> None:
    seed_everything(5)
    expected = draw()
    seed_everything(5)
    drawn: list[object] = []
    Turns("X", limit_s=60).take(lambda: drawn.append(draw()))
    assert drawn == [expected]
    assert draw() == expected


def test_a_work_that_hangs_is_waited_for_once(caplog: pytest.LogCaptureFixture) -> None:
    turns, over, done = Turns("X", limit_s=0.01, most=5), Event(), list[int]()
    turns.take(lambda: over.wait(60))
    for number in range(7):
        turns.take(partial(done.append, number))
    assert not turns.is_waited_for
    assert turns.n_left == 6
    over.set()
    assert turns.drain(60) == 2  # lost: it remembers five
    assert turns.drain(60) == 0
    assert done == [0, 1, 2, 3, 4]
    assert caplog.messages == [
        "X did not answer within 0.01 s. The run goes on and does not wait for it again.",
        "X is 5 rounds behind; further ones are lost.",
    ]


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
def test_what_a_work_raises_is_logged(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        raise error

    turns, done = Turns("X", limit_s=60), Event()
    turns.take(work)
    turns.take(done.set)
    assert done.is_set()
    (message,) = caplog.messages
    assert type(error).__name__ in message


def test_a_thread_that_cannot_be_started_costs_the_work(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    turns, done = Turns("X", limit_s=60), Event()
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        turns.take(done.set)
    assert not done.is_set()
    assert turns.drain(60) == 1
    assert caplog.messages == ["X cannot be called: can't start new thread."]
    turns.take(done.set)
    assert done.is_set()


def test_a_work_that_hangs_is_waited_for_five_seconds_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, over, done = [0.0], Event(), Event()
    monkeypatch.setattr("artifact_torch.tracking.silence.monotonic", lambda: now[0])
    turns = Turns("X", limit_s=0.01)
    turns.take(lambda: [done.wait(60)])
    turns.take(lambda: over.wait(60))

    def tick() -> bool:
        """The first work takes two seconds, the second one does not end."""
        now[0] += 1
        if now[0] == 2:
            done.set()
            while turns.n_left > 1:
                pass
        return False

    assert turns.drain(1e6, tick) == 1
    assert now[0] in (7, 8)  # five after the first was done
    over.set()
    assert turns.drain(60) == 0


def test_the_wait_at_the_end_can_be_ended() -> None:
    turns, over = Turns("X", limit_s=0.01), Event()
    turns.take(lambda: over.wait(60))
    answers = iter([False, True])
    asked: Callable[[], bool] = lambda: next(answers)  # noqa: E731
    assert turns.drain(1e6, asked) == 1
    assert turns.drain(0.01) == 1
    over.set()
    assert turns.drain(60) == 0
