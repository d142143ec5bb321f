import logging
from collections.abc import Callable
from contextlib import suppress

import matplotlib.pyplot as plt
import pytest

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.domain_kit.isolation import figures_closed, isolated

SCORE = ResultKind.SCORE


def raising(error: BaseException) -> Callable[[], object]:
    def compute() -> object:
        raise error

    return compute


def test_what_does_not_raise_is_the_result() -> None:
    assert isolated(SCORE, "one", lambda: 1.0) == Result(SCORE, "one", 1.0)


def test_what_raises_is_a_failure_by_name() -> None:
    reason = "ValueError: invalid literal for int() with base 10: 'two'"
    assert isolated(SCORE, "two", lambda: int("two")) == Failure(SCORE, "two", reason)


def test_a_result_of_another_kind_is_a_failure_by_name() -> None:
    """A custom artifact may return anything."""
    assert isolated(SCORE, "text", lambda: "0.5") == Failure(
        SCORE,
        "text",
        "ValidationError: score \"text\": got '0.5', expected a number; "
        "return a float; of a tensor, its .item()",
    )
    failure = isolated(ResultKind.SCORE_COLLECTION, "many", lambda: {"a": "0.5", 3: 1.0})
    assert isinstance(failure, Failure)
    assert 'key "a": got' in failure.reason
    assert '; score_collection "many": got the key 3' in failure.reason


def test_the_traceback_is_there_for_those_who_debug(caplog: pytest.LogCaptureFixture) -> None:
    """The trainer logs the failure itself, once."""
    with caplog.at_level(logging.INFO):
        isolated(SCORE, "two", raising(LookupError()))
    assert caplog.records == []
    with caplog.at_level(logging.DEBUG):
        isolated(SCORE, "two", raising(LookupError()))
    (record,) = caplog.records
    assert record.getMessage() == "two could not be computed"
    assert record.exc_info is not None
    assert record.exc_info[0] is LookupError


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stop_of_the_program_is_not_caught(stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        isolated(SCORE, "one", raising(stop()))


def test_no_new_figure_stays_open_and_older_ones_do() -> None:
    own, _ = plt.subplot_mosaic("a")
    try:
        with suppress(RuntimeError), figures_closed():
            plt.subplot_mosaic("a")
            raise RuntimeError("no data")
        assert plt.get_fignums() == [own.number]
        assert plt.gcf() is own
    finally:
        plt.close(own)
