"""scikit-learn's scores and matplotlib's figures, loaded when the first one is computed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def metric(function: str, *given: object, **options: object) -> Any:
    """What a function of `sklearn.metrics` returns. Any: scikit-learn ships no types."""
    with from_extra("scores", "an artifact"):
        found = getattr(import_module("sklearn.metrics"), function)
    return found(*given, **options)


def score(function: str, *given: object, **options: object) -> float:
    """The same, of a function that returns a number."""
    return float(metric(function, *given, **options))


@contextmanager
def drawing(title: str, x: str, y: str) -> Generator[tuple[Figure, Any]]:
    """A figure, which is not pyplot's, and its axes with their names.

    Any: the methods of matplotlib's axes take options that have no types.
    """
    with from_extra("tables", "a plot"):
        from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    yield figure, axes
