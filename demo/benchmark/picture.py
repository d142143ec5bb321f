"""The medians of the seeds as a picture: a dot each, a line from the least to the most."""

from collections.abc import Sequence
from typing import Protocol

from matplotlib.figure import Figure

from demo.benchmark.contenders import OURS, in_order
from demo.benchmark.results import Results
from demo.benchmark.svg import svg

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

    def draw() -> None:
        panels = figure.subplots(len(_SHOWN), len(tables), squeeze=False)
        for row, (measure, label) in enumerate(_SHOWN.items()):
            for column, table in enumerate(tables):
                panel: _Panel = panels[row][column]
                _draw(panel, results, table, measure)
                if row == 0:
                    panel.set_title(table)
                if column == 0:
                    panel.set_xlabel(label)

    return svg(figure, draw, font_size=8)


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
