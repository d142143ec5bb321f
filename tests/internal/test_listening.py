"""What is heard appears all the same."""

import logging
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from artifact_torch.internal.listening import LOGGER, warnings_heard

BELOW = logging.getLogger("artifact_torch.below")


@contextmanager
def alone() -> Generator[None]:
    """As in a program that set up no logging; pytest has."""
    before, LOGGER.propagate, LOGGER.handlers = LOGGER.handlers, False, []
    yield
    LOGGER.propagate, LOGGER.handlers = True, before


def test_a_warning_of_a_logger_is_heard_and_goes_where_it_went(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[str] = []
    with warnings_heard(heard.append):
        BELOW.warning("%d rows", 3)
        LOGGER.info("not a warning")
        LOGGER.error("not a warning either")
    BELOW.warning("too late")
    assert heard == ["3 rows"]
    assert [each.getMessage() for each in caplog.records if each.levelno != logging.INFO] == [
        "3 rows",
        "not a warning either",
        "too late",
    ]
    assert capsys.readouterr().err == ""


def test_without_any_handler_it_is_written_once_as_python_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = logging.StreamHandler(sys.stderr)
    last.setLevel(logging.WARNING)
    monkeypatch.setattr(logging, "lastResort", last)
    first: list[str] = []
    second: list[str] = []
    with alone(), warnings_heard(first.append), warnings_heard(second.append):
        BELOW.warning("once")
    assert (first, second) == (["once"], ["once"])
    assert capsys.readouterr().err == "once\n"


def test_a_warning_of_the_warnings_module_is_heard_and_shown() -> None:
    heard: list[str] = []
    before = warnings.showwarning
    with pytest.warns(RuntimeWarning, match="rows") as shown, warnings_heard(heard.append):
        warnings.warn("few rows", RuntimeWarning, stacklevel=1)
    assert heard == ["RuntimeWarning: few rows"]
    assert len(shown) == 1
    assert warnings.showwarning is before


def test_who_put_something_above_it_keeps_it() -> None:
    heard: list[str] = []
    theirs: list[str] = []
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with warnings_heard(heard.append):
            above = warnings_heard(theirs.append)
            above.__enter__()
            warnings.warn("within", stacklevel=1)
        warnings.warn("after", stacklevel=1)
        above.__exit__(None, None, None)
    assert len(shown) == 2
    assert heard == ["UserWarning: within"]
    assert theirs == ["UserWarning: within", "UserWarning: after"]
