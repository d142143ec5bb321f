"""artifact-experiment's clients write the picture that is drawn already."""

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import pytest
from artifact_experiment.tracking import FilesystemTrackingClient, InMemoryTrackingClient
from matplotlib.figure import Figure

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.internal.pictures import Picture, draw
from artifact_torch.tracking import RunRecorder
from artifact_torch.tracking.drawn_figure import DrawnFigure
from tests.tracking.moments import end
from tests.tracking.test_entries import CallLog


def a_figure() -> Figure:
    figure = Figure(figsize=(2.0, 1.0))
    axes: Any = figure.add_subplot()  # Any: matplotlib leaves its keywords open
    axes.plot([0, 1], [1, 0])
    return figure


def sent() -> Picture:
    """As a picture arrives from another process."""
    picture: Picture = pickle.loads(pickle.dumps(Picture(a_figure())))  # noqa: S301  (our own)
    return picture


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How often matplotlib drew a whole figure."""
    drawn: list[object] = []
    drawing: Any = Figure.draw

    def count(self: Figure, renderer: object) -> None:
        drawn.append(self)
        drawing(self, renderer)

    monkeypatch.setattr(Figure, "draw", count)
    return drawn


def save(figure: Any, where: object, **options: object) -> None:
    figure.savefig(where, **options)


def test_what_is_saved_is_what_was_drawn(tmp_path: Path, drawings: list[object]) -> None:
    picture = sent()
    drawings.clear()
    figure, buffer = DrawnFigure(picture), io.BytesIO()
    save(figure, str(tmp_path / "0"), format="png", dpi=300, bbox_inches="tight")
    save(figure, tmp_path / "1.png")
    save(figure, buffer, format="png")
    files = [(tmp_path / name).read_bytes() for name in ("0", "1.png")]
    assert [*files, buffer.getvalue()] == [picture.content] * 3
    assert drawings == []


@pytest.mark.parametrize("options", [{"format": "pdf"}, {"format": "png", "facecolor": "red"}])
def test_what_asks_for_more_is_drawn(options: dict[str, object], drawings: list[object]) -> None:
    picture = sent()
    drawings.clear()
    buffer = io.BytesIO()
    save(DrawnFigure(picture), buffer, **options)
    assert drawings
    assert buffer.getvalue() != picture.content


def test_it_is_the_figure_for_whoever_looks_at_it() -> None:
    picture = sent()
    figure = DrawnFigure(picture)
    assert isinstance(figure, Figure)
    assert figure.axes == picture.figure().axes
    assert (*figure.get_size_inches(),) == (2.0, 1.0)
    assert draw(figure) == picture.content
    assert draw(copy.deepcopy(figure)) == picture.content
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        _ = figure.nothing


def results(picture: object) -> list[Result]:
    return [
        Result(ResultKind.PLOT, "P", picture),
        Result(ResultKind.PLOT_COLLECTION, "PC", {"one": picture}),
    ]


def test_the_filesystem_client_writes_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawings: list[object]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    client = FilesystemTrackingClient.build("e", "r")
    picture = sent()
    drawings.clear()
    recorder = RunRecorder(client)
    recorder.record(results(picture), end(3))
    recorder.drain()
    written = sorted(Path(client.run_dir).rglob("*.png"))
    assert [path.read_bytes() for path in written] == [picture.content] * 2
    assert drawings == []
    recorder.record(results(a_figure()), end(4))  # nobody drew it before
    recorder.drain()
    fresh = [path for path in Path(client.run_dir).rglob("*.png") if path not in written]
    assert [path.read_bytes() for path in fresh] == [picture.content] * 2
    client.stop()


def test_other_clients_get_the_figure_itself() -> None:
    picture, figure = sent(), a_figure()
    for value, expected in ((picture, picture.figure()), (figure, figure)):
        client = CallLog()
        RunRecorder(client).record(results(value), end(3))
        assert client.plots == [expected]
        assert client.plot_collections == [{"one": expected}]


def test_the_clients_memory_has_a_figure() -> None:
    client = InMemoryTrackingClient.build("e", "r")
    recorder = RunRecorder(client)
    recorder.record(results(Picture(a_figure())), end(3))
    recorder.drain()
    (stored,) = client.run.plots.values()
    assert isinstance(stored, Figure)
    assert len(stored.axes) == 1
    client.stop()
