"""A queue that shrinks is progress; one that does not ends the deadline."""

import logging

import pytest

from artifact_torch.tracking import logging_thread
from artifact_torch.tracking.logging_thread import Deadline


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Set the time by setting the item."""
    time = [100.0]
    monkeypatch.setattr(logging_thread, "monotonic", lambda: time[0])
    return time


def test_over_after_the_timeout_without_progress(clock: list[float]) -> None:
    waiting = Deadline(10.0, 3)
    clock[0] = 109.9
    assert not waiting.is_over(3)
    clock[0] = 110.0
    assert waiting.is_over(3)


def test_every_item_written_starts_the_timeout_again(clock: list[float]) -> None:
    waiting = Deadline(10.0, 3)
    for second, size, over in ((109, 2, False), (118, 2, False), (119, 2, True)):
        clock[0] = second
        assert waiting.is_over(size) is over


def test_a_queue_that_grows_is_no_progress(clock: list[float]) -> None:
    waiting = Deadline(10.0, 3)
    clock[0] = 105.0
    assert not waiting.is_over(7)
    clock[0] = 110.0
    assert waiting.is_over(6)


def test_a_long_wait_is_said_once(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    waiting = Deadline(60.0, 30)
    with caplog.at_level(logging.WARNING):
        for second in (100, 105, 106, 107):
            clock[0] = second
            assert not waiting.is_over(20)
    assert caplog.messages == [
        "Still writing 20 results to the tracking client; Ctrl-C ends the wait."
    ]
