"""Figures that are drawn once, wherever they are wanted: as a file, in another process, as figures."""

from __future__ import annotations

import copyreg
import io
import pickle
from collections import ChainMap
from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PictureForm: TypeAlias = Literal["png", "svg"]

DPI = 100
"""Dots per inch: a figure of matplotlib's own size is 640 pixels wide."""

MAX_INCHES = 20.0
"""A larger figure is scaled to it: 2,000 pixels at 100 dpi. More are of no use on a screen, and
cost a second and hundreds of megabytes; who wants them asks for more dpi.
"""


def scaled_dpi(figure: Figure, dpi: float) -> float:
    """The dots per inch that a .png of `figure` gets: fewer than `dpi` where it is larger than
    `MAX_INCHES`.
    """
    longest = max(map(float, figure.get_size_inches()))
    return dpi * min(1.0, MAX_INCHES / longest)


def draw(figure: Figure, *, form: PictureForm = "png", dpi: float = DPI) -> bytes:
    """`figure` as the content of a file. It stays as it is, pyplot has no part in it, and nothing
    global is changed, so that any thread may call it. Raises whatever the drawing raises.

    The backend is named because a canvas of a window would be asked otherwise; an .svg has no date,
    so that the same figure differs in random ids alone (`svg.hashsalt` of matplotlib's settings).
    """
    buffer = io.BytesIO()
    drawn: Any = figure  # Any: matplotlib leaves the keywords of savefig open
    if form == "svg":
        drawn.savefig(buffer, format="svg", backend="svg", metadata={"Date": None})
    else:
        drawn.savefig(buffer, format="png", backend="agg", dpi=scaled_dpi(figure, dpi))
    return buffer.getvalue()


@final
class Picture:
    """A figure that is drawn once: when its `content` is first read, or when it is sent to another
    process. Threads may share it.

    Pickled, it has its content, and its figure as bytes that are not loaded before `figure()` asks
    for it. A figure that cannot be pickled (a formatter that is a lambda, without cloudpickle)
    arrives as a figure that shows its picture.
    """

    def __init__(self, figure: Figure, *, form: PictureForm = "png", dpi: float = DPI) -> None:
        self.form: PictureForm = form
        self.dpi: float = dpi
        """Of a .png; scaled for large figures (`scaled_dpi`)."""
        self._figure: Figure | bytes = figure
        self._content: bytes | None = None
        self._lock = RLock()

    @property
    def content(self) -> bytes:
        """The file. Raises whatever the drawing raises, each time it is read."""
        with self._lock:
            if self._content is None:
                self._content = draw(self.figure(), form=self.form, dpi=self.dpi)
            return self._content

    def figure(self) -> Figure:
        """Itself, the same at each call, and not pyplot's."""
        with self._lock:
            if isinstance(self._figure, bytes):
                self._figure = _figure_of(self._figure)
            return self._figure

    def __getstate__(self) -> Mapping[str, object]:
        with self._lock:
            content, figure = self.content, self._figure
            pickled = figure if isinstance(figure, bytes) else _pickled(figure)
        return {"form": self.form, "dpi": self.dpi, "_content": content, "_figure": pickled}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        self.__dict__.update(state)
        self._lock = RLock()


@final
class Figures(Mapping[str, "Figure"]):
    """Pictures read as the figures that they are of, each loaded when it is looked at."""

    def __init__(self, pictures: Mapping[str, Picture | Figure]) -> None:
        self._pictures = dict(pictures)

    def __getitem__(self, name: str) -> Figure:
        found = self._pictures[name]
        return found.figure() if isinstance(found, Picture) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def __repr__(self) -> str:
        return f"<figures {', '.join(self._pictures)}>" if self._pictures else "<no figures>"


def _pickled(figure: Figure) -> bytes:
    """Without the mark that would give it back to pyplot where it is loaded."""
    try:
        return _dumped(figure)
    except Exception:  # noqa: BLE001  (a part of the user's may raise anything)
        return _dumped(_shown(figure))


def _dumped(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    try:  # takes functions that have no place to be imported from, as formatters often are
        made: Any = import_module("cloudpickle")  # Any: it comes without types
    except ImportError:
        made = pickle
    known = getattr(made.Pickler, "dispatch_table", copyreg.dispatch_table)
    reducers = {"dispatch_table": ChainMap({type(figure): _reduced}, known)}
    type("FigurePickler", (made.Pickler,), reducers)(buffer).dump(figure)
    return buffer.getvalue()


def _reduced(figure: object) -> tuple[object, ...]:
    # Figure.__setstate__ opens a window of pyplot's for what pyplot had made
    reduced: Any = figure.__reduce_ex__(pickle.HIGHEST_PROTOCOL)  # Any: as copyreg has it
    made, parts, state, *rest = reduced
    return (made, parts, {**state, "_restore_to_pylab": False}, *rest)


def _figure_of(pickled: bytes) -> Figure:
    with from_extra("tables", "a plot"):
        from matplotlib.figure import Figure
    loaded: object = pickle.loads(pickled)  # noqa: S301  (made by `_dumped`)
    if not isinstance(loaded, Figure):
        raise TypeError(f"got {type(loaded).__name__}, expected a matplotlib Figure")
    return loaded


def _shown(figure: Figure) -> Figure:
    """A figure of the same size that shows the picture of `figure`."""
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    width, height = map(float, figure.get_size_inches())
    shown = Figure(figsize=(width, height))
    drawn: Any = shown  # Any: matplotlib leaves the keywords of add_axes open
    axes = drawn.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.imshow(imread(io.BytesIO(draw(figure)), format="png"))
    axes.set_axis_off()
    return shown
