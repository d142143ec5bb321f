"""How the values that are seen are spread: counts as an array, and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, final

import numpy as np
import torch
from torch import Tensor

from artifact_torch.contracts import ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.inside.summaries import wide_of
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from artifact_torch.contracts.kinds import Array
    from artifact_torch.contracts.routine import Plot

_CHUNK = 2**22  # values sorted at once: the look takes 64 MB at most, whatever a layer gives


@final
class Histogram:
    """How many values fell between `edges`: `[edges - 1]`, as `numpy.histogram` counts them.

    `lambda: Histogram([-1, 0, 1])`. Values outside and NaN are left out. Counted on the device, by
    sorting: no value is kept, none is drawn, and the same values give the same counts. Raises
    `ConfigurationError` for edges that do not increase.
    """

    kind = ResultKind.ARRAY

    def __init__(self, edges: Sequence[float]) -> None:
        self._counts = _Counts(checked_edges(edges))

    def add(self, _place: str, seen: Tensor, /) -> None:
        self._counts.add(seen)

    def seen(self) -> Array:
        """The counts. Copies to the CPU."""
        return self._counts.array()

    def merge(self, seen: Sequence[Array], /) -> None:
        self._counts.merge(seen)

    def result(self) -> Array:
        """Copies to the CPU."""
        return self._counts.array()


@final
class Density:
    """A picture of the density of all values that were seen, between their outermost half percents.

    Counted on the device between edges a twentieth of a value apart, so that neither values nor
    random numbers are needed. For the published package's `AllActivationsPDF`.
    """

    kind = ResultKind.PLOT

    def __init__(self) -> None:
        self._counts = _Counts(_EDGES)
        self._places: dict[str, None] = {}

    def add(self, place: str, seen: Tensor, /) -> None:
        self._places[place] = None
        self._counts.add(seen)

    def seen(self) -> tuple[Sequence[str], Array]:
        """The places, and the counts. Copies to the CPU."""
        return [*self._places], self._counts.array()

    def merge(self, seen: Sequence[tuple[Sequence[str], Array]], /) -> None:
        self._places = dict.fromkeys(place for places, _ in seen for place in places)
        self._counts.merge([counts for _, counts in seen])

    def result(self) -> Plot:
        """A figure that pyplot does not know of, so that nobody has to close it."""
        with from_extra("tables", "a density plot"):
            from matplotlib.figure import Figure

        edges, heights = density(self._counts.array(), _EDGES)
        figure = Figure(figsize=(6, 4), layout="constrained")
        n = len(self._places)
        title = next(iter(self._places)) if n == 1 else f"{n} places"
        _draw(figure.add_subplot(), edges, heights, title)
        return figure


class _Panel(Protocol):
    """The part of matplotlib's `Axes` that is used; its own `**kwargs` are untyped."""

    def stairs(self, values: Array, edges: Array, /, *, fill: bool) -> object: ...
    def set(self, *, xlabel: str, ylabel: str, title: str) -> object: ...


def _draw(panel: _Panel, edges: Array, heights: Array, title: str) -> None:
    panel.stairs(heights, edges, fill=True)
    panel.set(xlabel="value", ylabel="density", title=title)


def density(counts: Array, edges: Array, *, n_bins: int = 100) -> tuple[Array, Array]:
    """Edges of equal bins from the 0.5 % to the 99.5 % quantile, and the density in each.

    The values of a bin count as spread evenly over it. The area is the share of values within.
    """
    cumulated = np.concatenate([[0.0], np.cumsum(counts)])
    total = cumulated[-1]
    if not total:
        return np.array([0.0, 1.0]), np.array([0.0])
    first = int((cumulated <= 0.005 * total).sum()) - 1
    last = int((cumulated < 0.995 * total).sum())
    bins: Array = np.linspace(float(edges[first]), float(edges[last]), n_bins + 1)
    within: Array = np.interp(bins, edges, cumulated) / total
    return bins, np.diff(within) / np.diff(bins)


def checked_edges(edges: Sequence[float]) -> Array:
    """As an array. Raises `ConfigurationError` for fewer than two, or any that do not increase."""
    try:
        made = np.asarray(edges, dtype=np.float64)
        fits = made.ndim == 1 and len(made) > 1 and bool((np.diff(made) > 0).all())
    except (TypeError, ValueError):
        fits, made = False, np.zeros(0)
    if not fits:
        raise ConfigurationError(
            f"Histogram: edges must be two or more increasing numbers, got {shown(edges)}; write "
            "for example np.linspace(-1, 1, 21)"
        )
    return made


@final
class _Counts:
    """Counts between edges, on the device of the first values."""

    def __init__(self, edges: Array) -> None:
        self._edges = edges
        self._on_device: Tensor | None = None
        self._counts: Tensor | None = None

    def add(self, seen: Tensor) -> None:
        for values in _chunks(seen):
            in_order = values.sort().values.to(wide_of(values))
            if self._on_device is None:
                self._on_device = torch.tensor(self._edges).to(in_order)
            edges = self._on_device.to(in_order.device)
            below = torch.searchsorted(in_order, edges)
            below[-1:] = torch.searchsorted(in_order, edges[-1:], right=True)  # the last has both
            counts = below.diff()
            self._counts = (
                counts if self._counts is None else self._counts + counts.to(self._counts.device)
            )

    def merge(self, seen: Sequence[Array]) -> None:
        """Those of all processes, on the CPU."""
        total: Array = np.sum([np.zeros(len(self._edges) - 1), *seen], axis=0)
        self._counts = torch.tensor(total, dtype=torch.int64)

    def array(self) -> Array:
        counts: Array = (
            np.zeros(len(self._edges) - 1)
            if self._counts is None
            else self._counts.cpu().numpy().astype(np.float64)
        )
        return counts


def _chunks(seen: Tensor) -> Iterator[Tensor]:
    n = seen.numel()
    return iter(seen.reshape(-1).chunk(-(-n // _CHUNK)) if n else ())


def fine_edges() -> Array:
    """From -2**20 to 2**20, each at most a twentieth of its value from the next."""
    magnitudes = 2.0 ** np.arange(-20, 20, 0.0625)
    return np.concatenate([-magnitudes[::-1], [0.0], magnitudes])


_EDGES = fine_edges()
