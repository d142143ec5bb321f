"""What is in the record of a run, and what is read from it."""

import json
import logging
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from artifact_torch.contracts import Failure, Moment, Recorded, Result, ResultKind
from artifact_torch.internal.pictures import Picture, PictureForm
from artifact_torch.run_folder import Record, history, lines, recorded
from tests.run_folder.moments import START, at, raw, score

EPOCH_3 = Moment(epoch=3, step=150, seconds=12.5)
PLACE = {"epoch": 3, "step": 150, "ends_epoch": True, "seconds": 12.5}


def figure(width: float = 4.0) -> Figure:
    made = Figure(figsize=(width, 3.0))
    axes: Any = made.subplots()  # Any: matplotlib leaves keywords open
    axes.plot([1.0, 3.0, 2.0])
    return made


def without_time(line: dict[str, object]) -> dict[str, object]:
    assert isinstance(line["time"], float)
    return {key: value for key, value in line.items() if key != "time"}


def test_a_line_a_result(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.begin(START, {"lr": 0.001, "sizes": [1, 2], "limit": float("inf")})
    record.add(
        [
            *score("loss", 0.1 + 0.2),
            Result(ResultKind.SCORE_COLLECTION, "per class", {"a/b": 1.0, "c": float("nan")}),
            Failure(ResultKind.PLOT, "pdf", "no rows"),
        ],
        EPOCH_3,
    )
    record.end("finished", "epoch 3 of 3")
    begin, loss, collection, failure, end = map(without_time, raw(tmp_path))
    settings = {"lr": 0.001, "sizes": [1, 2], "limit": "inf"}
    place = {"epoch": 0, "step": 0, "seconds": 0.0}
    assert begin == {"event": "begin", "format": 1, **place, "settings": settings}
    assert loss == {"kind": "score", "name": "loss", "value": 0.30000000000000004, **PLACE}
    values = {"a/b": 1.0, "c": "nan"}
    assert collection == {
        "kind": "score_collection",
        "name": "per class",
        "value": values,
        **PLACE,
    }
    told = {"kind": "plot", "name": "pdf", "reason": "no rows"}
    assert failure == {"event": "failure", **told, **PLACE}
    assert end == {"event": "end", "how": "finished", "reason": "epoch 3 of 3"}


@pytest.mark.parametrize("value", [0.1, 1e300, -0.0, float("inf"), float("-inf"), float("nan")])
def test_a_score_is_read_back_exactly(value: float, tmp_path: Path) -> None:
    Record(tmp_path).add(score("loss", value), EPOCH_3)
    found = [recorded(line, tmp_path) for line in lines(tmp_path / "record.jsonl")[0]]
    assert len(found) == 1
    assert isinstance(found[0], Recorded)
    assert (found[0].kind, found[0].name) == (ResultKind.SCORE, "loss")
    assert (found[0].epoch, found[0].step, found[0].seconds) == (3, 150, 12.5)
    assert repr(found[0].value) == repr(value)


def read_all(folder: Path) -> dict[tuple[ResultKind, str], Recorded]:
    found = [recorded(line, folder) for line in history(folder)]
    return {(each.kind, each.name): each for each in found if each is not None}


@pytest.mark.parametrize(
    "array",
    [np.arange(6).reshape(2, 3), np.array([0.5, np.nan], dtype=np.float32), np.array([True])],
)
def test_an_array_is_a_file_that_is_read_back(array: np.ndarray, tmp_path: Path) -> None:
    keyed = {"x/y": array, "X/Y": array + 1}
    results = [
        Result(ResultKind.ARRAY, "a:b", array),
        Result(ResultKind.ARRAY_COLLECTION, "a:b", keyed),
    ]
    Record(tmp_path).add(results, EPOCH_3)
    line, _ = raw(tmp_path)
    assert line["value"] == {"file": "arrays/a_b/epoch_000003_step_00000150.npy"}
    found = read_all(tmp_path)
    one = found[ResultKind.ARRAY, "a:b"].value
    assert isinstance(one, np.ndarray)
    assert one.dtype == array.dtype
    assert np.array_equal(one, array, equal_nan=array.dtype.kind == "f")
    several = found[ResultKind.ARRAY_COLLECTION, "a:b"].value
    assert isinstance(several, dict)
    assert isinstance(several["X/Y"], np.ndarray)
    assert np.array_equal(several["X/Y"], array + 1, equal_nan=array.dtype.kind == "f")
    names = [path.name for path in (tmp_path / "arrays" / "a_b").iterdir() if path.is_dir()]
    assert len({name.casefold() for name in names}) == 2


def test_within_an_epoch_a_file_has_the_step_alone(tmp_path: Path) -> None:
    Record(tmp_path).add([Result(ResultKind.ARRAY, "a", np.zeros(1))], at(151))
    assert raw(tmp_path)[0]["value"] == {"file": "arrays/a/step_00000151.npy"}


def test_a_plot_is_a_picture_and_stays_as_it_is(tmp_path: Path) -> None:
    drawn = figure()
    canvas, dpi = drawn.canvas, drawn.dpi
    open_before = plt.get_fignums()
    Record(tmp_path, dpi=50).add([Result(ResultKind.PLOT, "pdf", drawn)], EPOCH_3)
    path = read_all(tmp_path)[ResultKind.PLOT, "pdf"].value
    assert path == tmp_path / "plots" / "pdf" / "epoch_000003_step_00000150.png"
    assert image.imread(str(path)).shape[:2] == (150, 200)
    assert (drawn.canvas, drawn.dpi, plt.get_fignums()) == (canvas, dpi, open_before)
    assert drawn.axes[0].lines


def test_a_plot_as_svg(tmp_path: Path) -> None:
    plots = {"one": figure(), "two": figure()}
    Record(tmp_path, plots="svg").add([Result(ResultKind.PLOT_COLLECTION, "p", plots)], EPOCH_3)
    files = read_all(tmp_path)[ResultKind.PLOT_COLLECTION, "p"].value
    assert isinstance(files, dict)
    assert set(files) == {"one", "two"}
    assert all("<svg" in Path(str(path)).read_text() for path in files.values())


def test_a_huge_plot_is_scaled_which_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(tmp_path)
    for epoch in (1, 2):
        moment = Moment(epoch=epoch, step=epoch)
        record.add([Result(ResultKind.PLOT, "wide", figure(width=100.0))], moment)
    path = read_all(tmp_path)[ResultKind.PLOT, "wide"].value
    assert image.imread(str(path)).shape[:2] == (60, 2000)
    assert caplog.text.count("too large for 100 dpi, scaled") == 1


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_is_written_as_it_was_drawn(tmp_path: Path, form: PictureForm) -> None:
    picture = Picture(figure(), form=form)
    drawn = picture.content
    picture.figure().clear()
    figures = {"one": picture}
    for result in (
        Result(ResultKind.PLOT, "p", picture),
        Result(ResultKind.PLOT_COLLECTION, "ps", figures),
    ):
        Record(tmp_path, plots=form).add([result], EPOCH_3)
    found = read_all(tmp_path)
    path, paths = (
        found[kind, name].value
        for kind, name in ((ResultKind.PLOT, "p"), (ResultKind.PLOT_COLLECTION, "ps"))
    )
    assert isinstance(paths, dict)
    assert [Path(str(each)).read_bytes() for each in (path, paths["one"])] == [drawn, drawn]


class Unwilling(Figure):
    def savefig(self, *args: object, **kwargs: object) -> None:
        raise KeyError("no such colour")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ResultKind.PLOT, Unwilling()),
        (ResultKind.PLOT, "a text"),
        (ResultKind.ARRAY, np.array([object()])),
        (ResultKind.ARRAY, [1.0]),
        (ResultKind.ARRAY_COLLECTION, 1.0),
        (ResultKind.SCORE, "a text that is no number"),
        (ResultKind.SCORE_COLLECTION, [1.0]),
    ],
)
def test_what_cannot_be_kept_is_a_failure_beside_the_others(
    kind: ResultKind, value: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(tmp_path)
    for step in (1, 2):
        record.add([Result(kind, "bad", value), *score("loss", 0.5)], at(step))
    bad, loss, *_ = raw(tmp_path)
    assert (bad["event"], bad["kind"], bad["name"]) == ("failure", kind.value, "bad")
    assert str(bad["reason"]).startswith("could not be recorded")
    assert loss["value"] == 0.5
    assert len([each for each in caplog.records if each.levelno == logging.ERROR]) == 1


def test_drawing_and_naming_draw_no_random_number(tmp_path: Path) -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  the global generator is the one to leave alone
    before = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    plots = [Result(ResultKind.PLOT, "p", figure())]
    Record(tmp_path, plots="svg").add(plots, EPOCH_3)
    Record(tmp_path, plots="png").add(plots, EPOCH_3)
    assert (random.getstate(), str(np.random.get_state())) == before  # noqa: NPY002


def test_a_future_that_was_left_behind_does_not_count(tmp_path: Path) -> None:
    record = Record(tmp_path)
    assert record.begin(START, {}) == []
    for step in (10, 20, 30):
        record.add([*score("loss", step), *score("auc", 0.5)], at(step))
    again = Record(tmp_path)
    before = again.begin(at(20), {})
    assert before is not None
    assert [(line["name"], line["step"]) for line in before] == [
        ("loss", 10),
        ("auc", 10),
        ("loss", 20),
        ("auc", 20),
    ]
    again.add(score("loss", 0.25), at(20))  # once more
    again.add(score("loss", 0.125), at(30))
    assert [(line["name"], line["step"], line["value"]) for line in history(tmp_path)] == [
        ("loss", 10, 10.0),
        ("auc", 10, 0.5),
        ("auc", 20, 0.5),
        ("loss", 20, 0.25),
        ("loss", 30, 0.125),
    ]


def test_names_that_share_a_form_keep_theirs_over_processes(tmp_path: Path) -> None:
    first = Record(tmp_path)
    first.begin(START, {})
    first.add([Result(ResultKind.ARRAY, "a/b", np.zeros(1))], at(10))
    second = Record(tmp_path)
    second.begin(at(10), {})
    both = [
        Result(ResultKind.ARRAY, "a_b", np.ones(1)),
        Result(ResultKind.ARRAY, "a/b", np.full(1, 2.0)),
    ]
    second.add(both, at(10))
    found = read_all(tmp_path)
    assert found[ResultKind.ARRAY, "a_b"].value == 1.0
    assert found[ResultKind.ARRAY, "a/b"].value == 2.0


def test_a_moment_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    write = os.write

    def counted(file: int, content: bytes) -> int:
        written.append(content)
        return write(file, content)

    monkeypatch.setattr(os, "write", counted)
    Record(tmp_path).add([*score("a", 1.0), *score("b", 2.0), *score("c", 3.0)], at(1))
    Record(tmp_path).add([], at(2))
    assert [content.count(b"\n") for content in written] == [3]


def test_a_name_of_any_letters(tmp_path: Path) -> None:
    name = 'zeilen\n"ende" \ud800 \u2028 ü'
    Record(tmp_path).add([*score(name, 1.0), Result(ResultKind.ARRAY, name, np.ones(1))], at(1))
    assert {key[1] for key in read_all(tmp_path)} == {name}
    assert json.loads((tmp_path / "record.jsonl").read_bytes().splitlines()[0])["name"] == name
