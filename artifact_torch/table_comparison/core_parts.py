"""artifact-core's private parts, as they are used here; only `core_gaps` knows them too.

Its artifacts know nothing of each other: each validates both tables again, four of them make the
same correlations, two the same figures. And its figures are pyplot's: each is the user's current
one for a while, and a heatmap is drawn *into* the current one, and closes it. Inside `computing`,
parts of it are replaced by ones that share, and that leave pyplot alone; outside, and in other
threads, they do what they always do. Where a version lacks a part, its artifacts share less.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cache
from importlib import import_module
from threading import Lock
from types import MappingProxyType
from typing import Any, final

from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.table_comparison.core_gaps import BOTH, correlations, differences, distances
from artifact_torch.table_comparison.shared import Shared, at_work

# Any, in this file: private parts of artifact-core, which has no stubs of them, and seaborn's

_seaborn: Any = import_module("seaborn")
_log = logging.getLogger(__name__)

_LIBS = "artifact_core._libs"
_TABLES = f"{_LIBS}.artifacts.table_comparison"
_CORRELATIONS = "correlations.calculator:CorrelationCalculator.compute_df_correlations"
_DISTANCES = "js.calculator:JSDistanceCalculator.compute_dict_js"
_DIFFERENCES = (
    f"{_TABLES}.correlations.calculator:CorrelationCalculator.compute_correlation_distance",
    f"{_TABLES}.correlations.calculator:CorrelationCalculator.compute_df_correlation_difference",
)
_HEATMAPS = "correlations.heatmap_plotter"
_COMBINER = f"{_LIBS}.tools.plotters.plot_combiner:PlotCombiner._draw_component_figure_content"
_HERE, _REPLACING = __name__.rpartition(".")[0], Lock()
_SHARED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{_LIBS}.validation.table_comparison.table_validator:TableValidator.validate": ("df",),
        f"{_TABLES}.{_DISTANCES}": ("df_real", "df_synthetic"),
        f"{_TABLES}.{_CORRELATIONS}": ("dataset",),
        **{
            f"{_TABLES}.{plotter}": tables
            for plotter, tables in {
                "pdf.overlaid_plotter:TabularOverlaidPDFPlotter.get_overlaid_pdf_plot_collection": BOTH,
                "cdf.overlaid_plotter:TabularOverlaidCDFPlotter.get_overlaid_cdf_plot_collection": BOTH,
                "descriptive_stats.alignment_plotter:DescriptiveStatsAlignmentPlotter"
                ".get_stat_alignment_plot": BOTH,
                f"{_HEATMAPS}:CorrelationHeatmapPlotter.get_correlation_heatmap": ("dataset",),
                f"{_HEATMAPS}:CorrelationHeatmapPlotter.get_correlation_difference_heatmap": BOTH,
            }.items()
        },
    }
)
"""The class methods whose results are shared, each with the arguments that are its tables. The other
ones are of the spec, which is one, or tell results apart.
"""


@contextmanager
def computing(shared: Shared) -> Generator[None]:
    """What artifacts of artifact-core compute inside is kept in `shared`, and taken from there."""
    replace_parts()
    token = at_work.set(shared)
    try:
        yield
    finally:
        at_work.reset(token)


@cache
def replace_parts() -> list[str]:
    """Once in a process; each part asks whether it is inside. Returns those that are not there.

    A call that was interrupted, or another thread's at the same time, leaves nothing to be replaced twice.
    """
    with _REPLACING:
        return _not_replaced()


def _not_replaced() -> list[str]:
    parts = {path: _sharing(path) for path in _SHARED} | {_COMBINER: _leaving_its_layout}
    parts |= dict.fromkeys(_DIFFERENCES, differences)
    missing = [path for path, part in parts.items() if not _replaced(path, part)]
    for name, module in [*sys.modules.items()]:
        if name.startswith(_LIBS) and vars(module).get("plt") is plt:
            vars(module)["plt"] = _Instead(plt, _OF_PYPLOT)
        if name == f"{_TABLES}.{_HEATMAPS}" and vars(module).get("sns") is _seaborn:
            vars(module)["sns"] = _Instead(_seaborn, _OF_SEABORN)
    if missing:
        _log.debug("artifact-core has no %s: its artifacts share less", ", ".join(missing))
    return missing


def _replaced(path: str, part: Callable[[Any], Any]) -> bool:
    module, _, member = path.partition(":")
    owner_name, _, name = member.partition(".")
    try:
        owner: Any = getattr(import_module(module), owner_name)
        original = getattr(owner, name)
    except (ImportError, AttributeError):
        return False
    if getattr(original, "__module__", "").startswith(_HERE):
        return True
    setattr(owner, name, staticmethod(part(original)))
    return True


def _sharing(path: str) -> Callable[[Any], Any]:
    tables = _SHARED[path]

    def of(original: Any) -> Any:
        make = original
        if path.endswith(_CORRELATIONS):
            make = correlations(original)
        elif path.endswith(_DISTANCES):
            make = distances(original)

        def part(*args: Any, **given: Any) -> Any:
            shared = at_work.get()
            if shared is None or args or not {*tables} <= given.keys():
                return original(*args, **given)
            rest = {name: value for name, value in given.items() if name not in tables}
            told = [(k, v) for k, v in sorted(rest.items()) if isinstance(v, Enum | str | int)]

            def of_tables(*of: Any) -> Any:
                return make(**dict(zip(tables, of, strict=True)), **rest)

            made = shared.once((path, *told), of_tables, *(given[name] for name in tables))
            return {**made} if is_mapping(made) else made  # whoever asks may change it

        return part

    return of


def _leaving_its_layout(original: Any) -> Any:
    """A figure that is copied into a larger one is a result of its own, too."""

    def part(*args: Any, **given: Any) -> Any:
        figure: Any = given.get("fig")
        if at_work.get() is None or figure is None:
            return original(*args, **given)
        sides = ("left", "right", "bottom", "top", "wspace", "hspace")
        before = {side: getattr(figure.subplotpars, side) for side in sides}
        done = original(*args, **given)
        figure.subplots_adjust(**before)
        figure.set_layout_engine(None)
        FigureCanvasAgg(figure)  # lets go of its pixels, which were copied: 1 to 2 MB
        return done

    return part


@final
class _Instead:
    """A module, some functions of which are replaced inside `computing`."""

    def __init__(self, module: Any, replaced: Mapping[str, Any]) -> None:
        self._module = module
        self._replaced = replaced

    def __getattr__(self, name: str) -> Any:
        if at_work.get() is not None and name in self._replaced:
            return self._replaced[name]
        return getattr(self._module, name)


def _figure(**given: Any) -> Any:
    figure = Figure(**given)
    FigureCanvasAgg(figure)  # artifact-core reads the pixels of its canvas
    return figure


def _subplots(nrows: int = 1, ncols: int = 1, **given: Any) -> Any:
    figure = _figure(**given)
    return figure, figure.subplots(nrows, ncols)


def _close(fig: Any = None) -> None:
    """pyplot does not have it."""


def _heatmap(*args: Any, **given: Any) -> Any:
    """Into a figure of its own, where none is given."""
    if given.get("ax") is None:
        given["ax"] = _figure().add_subplot()
    return _seaborn.heatmap(*args, **given)


_OF_PYPLOT: Mapping[str, Any] = MappingProxyType(
    {"figure": _figure, "subplots": _subplots, "close": _close}
)
_OF_SEABORN: Mapping[str, Any] = MappingProxyType({"heatmap": _heatmap})
