"""The medians of the seeds as a picture: a dot each, a line from the least to the most."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from io import StringIO
from typing import Protocol

import matplotlib as mpl
from matplotlib.figure import Figure

from demo.benchmark.contenders import OURS, in_order
from demo.benchmark.results import Results

_SHOWN = {
    "c2st": "told from held-out rows (0.5 is best)",
    "tstr": "use for prediction (right is best)",
    "membership": "membership attack (0.5 is best)",
}
_OUR_COLOUR, _OTHERS = "#1f6f8b", "#8f8f8f"


def drawn(results: Results) -> str:
    """An SVG: a column a table, a row a measure. The same results give the same file."""
    tables = [*results.tables]
    figure = Figure(figsize=(2.6 * len(tables) + 0.9, 5.6), layout="constrained")
    settings: dict[str, object] = {
        "svg.hashsalt": "demo.benchmark",
        "svg.fonttype": "none",
        "font.size": 8,
    }
    with _settings(mpl).rc_context(settings):
        panels = figure.subplots(len(_SHOWN), len(tables), squeeze=False)
        for row, (measure, label) in enumerate(_SHOWN.items()):
            for column, table in enumerate(tables):
                panel: _Panel = panels[row][column]
                _draw(panel, results, table, measure)
                if row == 0:
                    panel.set_title(table)
                if column == 0:
                    panel.set_xlabel(label)
        text = StringIO()
        _saving(figure).savefig(text, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


class _Panel(Protocol):
    """The part of matplotlib's `Axes` that is used."""

    def plot(
        self, x: Sequence[float], y: Sequence[float], fmt: str, /, *, color: str
    ) -> object: ...
    def set_yticks(self, ticks: Sequence[float], labels: Sequence[str], /) -> object: ...
    def set_title(self, label: str, /) -> object: ...
    def set_xlabel(self, label: str, /) -> object: ...
    def invert_yaxis(self) -> object: ...
    def grid(self, visible: bool, /, *, color: str) -> object: ...


def _draw(panel: _Panel, results: Results, table: str, measure: str) -> None:
    methods = in_order(results.methods(table))
    for place, method in enumerate(methods):
        found = results.spread(table, method, measure)
        if found is not None:
            colour = _OUR_COLOUR if method in OURS else _OTHERS
            panel.plot([found.least, found.most], [place, place], "-", color=colour)
            panel.plot([found.median], [place], "o", color=colour)
    panel.set_yticks([float(place) for place in range(len(methods))], methods)
    panel.invert_yaxis()
    panel.grid(True, color="#e6e6e6")


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
