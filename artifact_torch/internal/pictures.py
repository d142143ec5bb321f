"""Figures that are drawn once, wherever they are wanted: as a file, in another process, as figures."""

from __future__ import annotations

import copyreg
import io
import math
import pickle
from collections import ChainMap
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
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
"""A wider figure, or one of more than its square, is scaled: at 100 dpi, to 2,000 pixels wide and 4
megapixels. More are of no use on a screen, and cost a second and hundreds of megabytes; who wants
them asks for more dpi.
"""


def _scaled_dpi(figure: Figure, dpi: float) -> float:
    """The dots per inch that a .png of `figure` gets: fewer than `dpi` where it is too large."""
    width, height = map(float, figure.get_size_inches())
    return dpi * min(1.0, MAX_INCHES / width, MAX_INCHES / math.sqrt(width * height))


def draw(figure: Figure, *, form: PictureForm = "png", dpi: float = DPI) -> bytes:
    """`figure` as the content of a file. It stays as it is, pyplot has no part in it, and nothing
    global is changed, so that any thread may call it. Raises whatever the drawing raises.

    A title above the page, as those of artifact-core, is on the picture. An .svg has no date, so
    that the same figure differs in random ids alone (`svg.hashsalt` of matplotlib's settings).
    """
    buffer = io.BytesIO()
    drawn: Any = figure  # Any: matplotlib leaves the keywords of savefig open
    # the backend is named because a canvas of a window would be asked otherwise
    options: dict[str, object] = {"format": "svg", "backend": "svg", "metadata": {"Date": None}}
    if form == "png":  # level 3: half the time of the default, and files of the same size
        options = {"format": "png", "backend": "agg", "pil_kwargs": {"compress_level": 3}}
        options["dpi"] = _scaled_dpi(figure, dpi)
    if any(not all(0 <= at <= 1 for at in text.get_position()) for text in figure.texts):
        options["bbox_inches"] = "tight"
    with _drawn_in_one_go(figure):
        drawn.savefig(buffer, **options)
    return buffer.getvalue()


@contextmanager
def _drawn_in_one_go(figure: Figure) -> Generator[None]:
    """`Figure.tight_layout` leaves a layout engine that does nothing, for which savefig draws twice."""
    from matplotlib.layout_engine import PlaceHolderLayoutEngine

    laid_out: Any = figure  # Any: matplotlib leaves the keywords of set_layout_engine open
    engine = laid_out.get_layout_engine()
    if not isinstance(engine, PlaceHolderLayoutEngine):
        yield
        return
    laid_out.set_layout_engine(None)
    if laid_out.get_layout_engine() is not None:  # by the user's settings: another layout
        laid_out.set_layout_engine(engine)
    try:
        yield
    finally:
        laid_out.set_layout_engine(engine)


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
        """Of a .png; scaled for large figures (`_scaled_dpi`)."""
        self.is_scaled: bool = False
        """Whether it was drawn with fewer."""
        self._figure: Figure | bytes = figure
        self._drawn: dict[PictureForm, bytes] = {}
        self._lock = RLock()

    @property
    def content(self) -> bytes:
        """The file. Raises whatever the drawing raises, each time it is read."""
        return self.drawn(self.form)

    def drawn(self, form: PictureForm) -> bytes:
        """The file in that form, which is drawn once, too."""
        with self._lock:
            if form not in self._drawn:
                figure = self.figure()
                self._drawn[form] = draw(figure, form=form, dpi=self.dpi)
                self.is_scaled |= form == "png" and _scaled_dpi(figure, self.dpi) < self.dpi
            return self._drawn[form]

    def figure(self) -> Figure:
        """Itself, the same at each call, and not pyplot's."""
        with self._lock:
            if isinstance(self._figure, bytes):
                self._figure = _figure_of(self._figure)
            return self._figure

    def __getstate__(self) -> Mapping[str, object]:
        with self._lock:
            self.drawn(self.form)
            figure = self._figure
            pickled = figure if isinstance(figure, bytes) else _pickled(figure)
            drawn = dict(self._drawn)
        kept = {"form": self.form, "dpi": self.dpi, "is_scaled": self.is_scaled}
        return {**kept, "_drawn": drawn, "_figure": pickled}

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
