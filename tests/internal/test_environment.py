"""Variables for the time of a block."""

import os
from contextlib import suppress

import pytest

from artifact_torch.internal.environment import environment


def seen() -> list[str | None]:
    return [os.environ.get(name) for name in ("ONE_OF_US", "ONE_OF_THEIRS")]


def test_what_nobody_set_is_there_within_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_OF_THEIRS", "theirs")
    ours = {"ONE_OF_US": "ours", "ONE_OF_THEIRS": "ours"}
    with environment(ours):
        assert seen() == ["ours", "theirs"]
    assert seen() == [None, "theirs"]
    with suppress(ZeroDivisionError), environment(ours, replace=True):
        assert seen() == ["ours", "ours"]
        raise ZeroDivisionError
    assert seen() == [None, "theirs"]
