import logging

import matplotlib.pyplot as plt
import pytest
from artifact_core.table_comparison import TableComparisonScoreType
from matplotlib.figure import Figure

from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison.isolation import Isolated, add_failure, artifact_name


def isolated(*due: ResultKind) -> Isolated:
    return Isolated(7, due=due)


def test_what_raises_is_a_failure_by_name_and_the_rest_is_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = isolated(ResultKind.SCORE)
    with caplog.at_level(logging.INFO):
        scores = run.each(ResultKind.SCORE, ["1", "two", "3"], int)
    assert scores == {"1": 1, "3": 3}
    reason = "ValueError: invalid literal for int() with base 10: 'two'"
    assert run.failures == {"two": reason}
    assert caplog.messages == [f"two could not be computed at epoch 7: {reason}"]
    assert caplog.records[0].levelname == "ERROR"
    assert caplog.records[0].exc_info is None


def test_a_result_of_another_kind_is_a_failure_by_name() -> None:
    """A custom artifact may return anything."""
    run = isolated(ResultKind.SCORE)
    assert run.each(ResultKind.SCORE, ["3", "text"], {"3": 3, "text": "0.5"}.__getitem__) == {
        "3": 3
    }
    assert run.failures == {
        "text": "ValidationError: score \"text\": got '0.5', expected a number; "
        "return a float; of a tensor, its .item()"
    }


def test_the_traceback_is_there_for_those_who_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        isolated(ResultKind.SCORE).each(ResultKind.SCORE, ["two"], int)
    exc_info = caplog.records[0].exc_info
    assert exc_info is not None
    assert exc_info[0] is ValueError


def test_nothing_of_a_kind_that_is_not_due_is_computed() -> None:
    assert isolated(ResultKind.PLOT).each(ResultKind.SCORE, ["two"], int) == {}


def test_a_stop_of_the_program_is_not_caught() -> None:
    def interrupt(_: str) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        isolated(ResultKind.SCORE).each(ResultKind.SCORE, ["one"], interrupt)


def test_no_new_figure_stays_open_and_older_ones_do() -> None:
    def half_a_plot(name: str) -> Figure:
        figure, _ = plt.subplot_mosaic("a")
        if name == "broken":
            raise RuntimeError("no data")
        return figure

    own, _ = plt.subplot_mosaic("a")
    run = isolated(ResultKind.PLOT)
    plots = run.each(ResultKind.PLOT, ["whole", "broken"], half_a_plot)
    assert plt.get_fignums() == [own.number]
    assert list(plots) == ["whole"]
    assert run.failures == {"broken": "RuntimeError: no data"}
    plt.close(own)


def test_names() -> None:
    assert artifact_name(TableComparisonScoreType.MEAN_JS_DISTANCE) == "MEAN_JS_DISTANCE"
    assert artifact_name("CUSTOM") == "CUSTOM"


def test_two_kinds_that_share_a_name_keep_both_reasons() -> None:
    failures: dict[str, str] = {}
    add_failure(failures, "PDF", "ValueError: one")
    add_failure(failures, "PDF", "TypeError: two")
    assert failures == {"PDF": "ValueError: one; TypeError: two"}
