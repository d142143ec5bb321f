"""A figure is drawn once; what is sent of it is its picture, and itself only when it is asked for."""

import io
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter, methodcaller
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from artifact_torch.internal.pictures import Figures, Picture, PictureForm, draw


@pytest.fixture(autouse=True)
def without_a_window() -> None:
    mpl.use("agg")


def a_figure(width: float = 4.0, height: float = 3.0) -> Figure:
    figure = Figure(figsize=(width, height))
    axes: Any = figure.add_subplot()  # Any: matplotlib's own keywords are untyped
    axes.plot([0, 1, 2], [1, 3, 2])
    return figure


def of_pyplot() -> Figure:
    from matplotlib import pyplot as plt

    figure: Figure = methodcaller("figure")(plt)
    axes: Any = figure.add_subplot()
    axes.plot([0, 1, 2], [1, 3, 2])
    return figure


def size_of(content: bytes) -> tuple[int, int]:
    height, width, _ = np.asarray(imread(io.BytesIO(content), format="png")).shape
    return width, height


@pytest.mark.parametrize(
    ("inches", "dpi", "pixels"),
    [
        ((4.0, 3.0), 100, (400, 300)),
        ((4.0, 3.0), 300, (1200, 900)),
        ((40.0, 10.0), 100, (2000, 500)),
        ((10.0, 80.0), 100, (250, 2000)),
        ((40.0, 10.0), 200, (4000, 1000)),
    ],
)
def test_a_picture_is_at_most_2000_pixels_wide_or_high_unless_more_dots_are_asked_for(
    inches: tuple[float, float], dpi: float, pixels: tuple[int, int]
) -> None:
    figure = a_figure(*inches)
    assert size_of(draw(figure, dpi=dpi)) == pixels
    assert (*figure.get_size_inches(),) == inches


def test_an_svg_is_one_and_has_no_date() -> None:
    content = draw(a_figure(), form="svg")
    assert b"<svg" in content
    assert b"dc:date" not in content


def test_drawing_changes_nothing_of_pyplots() -> None:
    from matplotlib import pyplot as plt

    first, second = of_pyplot(), of_pyplot()
    plt.close(second)
    try:
        before = (plt.get_fignums(), dict(mpl.rcParams), mpl.get_backend(), first.canvas)
        with ThreadPoolExecutor(3) as threads:
            for content in threads.map(draw, [first, second, a_figure()]):
                assert content.startswith(b"\x89PNG")
        assert (plt.get_fignums(), dict(mpl.rcParams), mpl.get_backend(), first.canvas) == before
        assert plt.gcf() is first
    finally:
        plt.close(first)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each drawing of any figure."""
    drawn: list[str] = []
    figures: Any = Figure  # Any: matplotlib leaves the keywords of savefig open
    savefig = figures.savefig

    def count(self: Figure, *args: object, **options: object) -> object:
        drawn.append(str(options["format"]))
        return savefig(self, *args, **options)

    monkeypatch.setattr(Figure, "savefig", count)
    return drawn


@pytest.mark.parametrize("form", ["png", "svg"])
def test_it_is_drawn_once_by_whoever_asks_first(
    monkeypatch: pytest.MonkeyPatch, form: PictureForm
) -> None:
    drawn = counted(monkeypatch)
    figure = a_figure()
    picture = Picture(figure, form=form)
    assert drawn == []
    with ThreadPoolExecutor(4) as threads:
        contents = {*threads.map(attrgetter("content"), [picture] * 8)}
    sent: Picture = pickle.loads(pickle.dumps(picture))  # noqa: S301
    assert contents == {picture.content} == {sent.content}
    assert drawn == [form]
    assert picture.figure() is figure


def test_what_arrives_loads_its_figure_when_it_is_asked_for_and_draws_the_same() -> None:
    sent: Picture = pickle.loads(pickle.dumps(Picture(a_figure(), dpi=50)))  # noqa: S301
    again: Picture = pickle.loads(pickle.dumps(sent))  # noqa: S301  (not loaded in between)
    assert again.figure() is again.figure()
    assert draw(again.figure(), dpi=50) == sent.content
    assert pickle.loads(pickle.dumps(again)).content == sent.content  # noqa: S301


def test_a_figure_that_pyplot_has_open_arrives_as_nobodys() -> None:
    from matplotlib import pyplot as plt

    figure = of_pyplot()
    try:
        sent = pickle.dumps(Picture(figure))
        before = plt.get_fignums()
        loaded: Picture = pickle.loads(sent)  # noqa: S301
        assert [type(loaded.figure()), plt.get_fignums()] == [Figure, before]
        assert plt.gcf() is figure
        assert draw(loaded.figure()) == loaded.content
    finally:
        plt.close(figure)


def test_what_cannot_be_pickled_arrives_as_its_picture() -> None:
    figure = a_figure()
    figure.axes[0].set_label(unpicklable())
    sent: Picture = pickle.loads(pickle.dumps(Picture(figure)))  # noqa: S301
    assert sent.content == draw(figure)
    assert (*sent.figure().get_size_inches(),) == (4.0, 3.0)
    seen = imread(io.BytesIO(draw(sent.figure())), format="png")
    was = imread(io.BytesIO(sent.content), format="png")
    assert np.abs(np.asarray(seen) - np.asarray(was)).mean() < 0.05


class unpicklable:  # noqa: N801  (stands for a value)
    def __reduce__(self) -> str:
        raise TypeError("not to be sent")


def test_figures_are_read_one_by_one() -> None:
    plain = a_figure()
    sent: Picture = pickle.loads(pickle.dumps(Picture(a_figure())))  # noqa: S301
    broken = Picture(a_figure())
    broken.__setstate__({"form": "png", "dpi": 100, "_content": b"", "_figure": b"no pickle"})
    figures = Figures({"plain": plain, "sent": sent, "broken": broken})
    assert [*figures] == ["plain", "sent", "broken"]
    assert figures["plain"] is plain
    assert figures["sent"] is sent.figure()
    assert repr(figures) == "<figures plain, sent, broken>"
    with pytest.raises(pickle.UnpicklingError):
        figures["broken"]


def test_a_figure_that_cannot_be_drawn_says_so_each_time() -> None:
    figure = a_figure()
    axes: Any = figure.axes[0]  # Any: as above
    axes.set_title(r"$\nonsense{$")
    picture = Picture(figure)
    for _ in range(2):
        with pytest.raises(ValueError, match="nonsense"):
            _ = picture.content


def test_it_is_there_without_matplotlib() -> None:
    program = "import sys, artifact_torch.internal.pictures\nassert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  (our own program)


def test_a_function_of_no_module_in_a_figure_is_sent() -> None:
    pytest.importorskip("cloudpickle")
    from matplotlib.ticker import FuncFormatter

    def marked(value: float, _: object) -> str:
        return f"<{value:g}>"

    figure = a_figure()
    axes: Any = figure.axes[0]  # Any: as above
    axes.xaxis.set_major_formatter(FuncFormatter(marked))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sent: Picture = pickle.loads(pickle.dumps(Picture(figure)))  # noqa: S301
    assert "<1>" in [label.get_text() for label in sent.figure().axes[0].get_xticklabels()]
