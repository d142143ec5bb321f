"""Figures as SVG texts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from typing import Protocol

import matplotlib as mpl
from matplotlib.figure import Figure


def svg(figure: Figure, draw: Callable[[], None], *, font_size: int) -> str:
    """The figure that `draw` draws on. With neither a date nor random ids: the same drawing is the
    same text.
    """
    settings: dict[str, object] = {
        "svg.hashsalt": "benchmarks",
        "svg.fonttype": "none",
        "font.size": font_size,
    }
    with _settings(mpl).rc_context(settings):
        draw()
        text = StringIO()
        _saving(figure).savefig(text, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


class _Settings(Protocol):
    """What is used of matplotlib; it leaves some of it open."""

    def rc_context(self, rc: dict[str, object], /) -> AbstractContextManager[None]: ...


class _Saving(Protocol):
    """What is used of a figure."""

    def savefig(
        self,
        fname: StringIO,
        *,
        format: str,  # noqa: A002  (matplotlib's word)
        metadata: dict[str, None],
    ) -> object: ...


def _settings(module: _Settings) -> _Settings:
    return module


def _saving(figure: _Saving) -> _Saving:
    return figure
