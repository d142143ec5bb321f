"""A run read back at once is what was recorded, by whatever way it is read."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import Begun, Record, RunFolder, history, opened, read_run, recorded
from artifact_torch.run_folder.recorded_run import RecordedPart
from artifact_torch.run_folder.recorded_scores import Curve
from tests.run_folder.moments import at, score

Points = dict[str, list[tuple[int, int, str, str]]]

_NAMES = ("a", "val/loss", 'quo"te', "nan", "schön", "a:b", ',"epoch":')
_VALUES = st.floats() | st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf, 5e-324, 1e308])


def points(curves: Mapping[str, Curve]) -> Points:
    """Values as texts: NaN is equal to itself so."""
    return {
        name: [
            (int(e), int(s), repr(float(t)), repr(float(v)))
            for e, s, t, v in zip(c.epochs, c.steps, c.seconds, c.values, strict=True)
        ]
        for name, c in curves.items()
    }


def by_lines(folder: Path) -> Points:
    """The same, each line read by the json module."""
    found: Points = {}
    each_by_itself = [recorded(line, folder) for line in history(folder)]
    scores = [each for each in each_by_itself if each and each.kind is ResultKind.SCORE]
    for each in sorted(scores, key=lambda each: each.step):
        point = each.epoch, each.step, repr(each.seconds), repr(each.value)
        found.setdefault(each.name, []).append(point)
    return found


@st.composite
def moments(draw: st.DrawFn) -> list[tuple[Moment, list[Result | Failure]]]:
    """Steps mostly grow; some moments have other results among their scores, or come late."""
    found: list[tuple[Moment, list[Result | Failure]]] = []
    step = 0
    for _ in range(draw(st.integers(0, 8))):
        step = max(1, step + draw(st.integers(-1, 3)))
        moment = Moment(epoch=step // 3, step=step, seconds=draw(st.floats(0, 1e6)))
        results: list[Result | Failure] = [
            Result(ResultKind.SCORE, name, draw(_VALUES))
            for name in draw(st.lists(st.sampled_from(_NAMES), max_size=4))
        ]
        if draw(st.booleans()):
            results.insert(len(results) // 2, Failure(ResultKind.PLOT, "p", "why"))
        if draw(st.booleans()):
            value = {"x": draw(_VALUES), "y/z": draw(_VALUES)}
            results.insert(0, Result(ResultKind.SCORE_COLLECTION, "c", value))
        found.append((moment, results))
    return found


@settings(max_examples=150, deadline=None)
@given(recorded=moments(), begun=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9))))
def test_both_readings_of_the_record_are_equal(
    recorded: list[tuple[Moment, list[Result | Failure]]],
    begun: list[tuple[int, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    record = Record(folder)
    for n, (moment, results) in enumerate(recorded):
        for when, step in begun:
            if when == n:
                record.begin(Moment(epoch=0, step=step), {})
        record.add(results, moment)
    record.end("finished", "")
    assert points(read_run(folder).scores) == by_lines(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A record of three moments."""
    folder = tmp_path_factory.mktemp("run")
    record = Record(folder)
    for step in range(1, 4):
        record.add([*score("a", step + 0.25), *score("b", math.nan), *score("c", 2.0)], at(step))
    return (folder / "record.jsonl").read_bytes()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_costs_both_readings_the_same(
    data: st.DataObject, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 200)))
    put = data.draw(st.sampled_from([b"", b"\n", b"x", b'"', b"\x00\xff", b"[", b"\n\n", b"}"]))
    (folder / "record.jsonl").write_bytes(whole[:start] + put + whole[end:])
    assert points(read_run(folder).scores) == by_lines(folder)


def test_a_moment_on_both_sides_of_a_block_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(tmp_path)
    for step in range(1, 6):
        record.add([*score("a", step), *score("b", -step), *score("c", 0.5)], at(step))
    expected = by_lines(tmp_path)
    for size in (1, 7, 150, 400):
        monkeypatch.setattr("artifact_torch.run_folder.recorded_scores._AT_ONCE", size)
        assert points(read_run(tmp_path).scores) == expected


def test_the_table_for_spreadsheets_says_the_same(tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path)) as run:
        run.begin(Moment(epoch=0, step=0), Begun())
        for step in range(1, 30):
            pair = Result(ResultKind.SCORE_COLLECTION, "f1", {"cat": 1 / step, "dog": math.inf})
            run.record([*score("loss", 0.1 * step), pair][: 1 + step % 2], at(step))
        run.end("finished", "")
    found = read_run(tmp_path)
    table = pd.read_csv(tmp_path / "scores.csv", float_precision="round_trip")
    dogs = table.dropna(subset="f1/dog")
    np.testing.assert_array_equal(found.scores["loss"].values, table["loss"])
    np.testing.assert_array_equal(found.scores["loss"].steps, table["step"])
    np.testing.assert_array_equal(found.collections["f1"]["dog"].values, dogs["f1/dog"])
    np.testing.assert_array_equal(found.collections["f1"]["cat"].epochs, dogs["epoch"])


def test_a_folder_without_a_run_names_those_below_it(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="is no folder; give that of a run"):
        read_run(tmp_path / "nowhere")
    with pytest.raises(RunFolderError, match=r"is no run folder, it has no record\.jsonl; give"):
        read_run(tmp_path)
    for name in ("vae", "gan"):
        Record(tmp_path / name).end("finished", "")
    with pytest.raises(RunFolderError, match="but holds some; give one of gan, vae$"):
        read_run(tmp_path)


def test_what_counts_after_a_run_went_back(tmp_path: Path) -> None:
    failure = Failure(ResultKind.PLOT, "p", "no rows")
    with opened(RunFolder(tmp_path)) as run:
        run.begin(Moment(epoch=0, step=0), Begun(settings={"lr": 0.1}))
        for step in (10, 20, 30):
            array = Result(ResultKind.ARRAY, "w", np.full(2, step))
            run.record([*score("loss", step), array, failure], at(step))
        run.begin(at(10), Begun(settings={"lr": 0.2}))
        run.record([*score("loss", 0.5), failure], at(20))
        run.end("failed", "RuntimeError: no")
    found = read_run(tmp_path)
    assert points(found.scores) == {"loss": [(1, 10, "5.0", "10.0"), (2, 20, "10.0", "0.5")]}
    assert [(each.step, each.path.name) for each in found.arrays["w"]] == [
        (10, "epoch_000001_step_00000010.npy")
    ]
    assert [each.step for each in found.failures] == [10, 20]
    assert (found.status, found.reason) == ("failed", "RuntimeError: no")
    assert (found.epoch, found.step) == (2, 20)
    assert found.settings == {"lr": 0.1}
    assert found.begun[1]["changed"] == {"settings.lr": 0.2}
    assert 0 <= found.ended - found.began < 60


def test_a_run_in_progress_is_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path)) as run:
        run.begin(Moment(epoch=0, step=0), Begun())
        run.record([*score("a", 1.0), *score("b", 2.0)], at(10))
        with (tmp_path / "record.jsonl").open("ab") as file:
            file.write(b'{"kind":"score","name":"a","value":3.0,"epoch":2,"st')
        found = read_run(tmp_path)
        assert found.status == "running"
        assert points(found.scores) == {
            "a": [(1, 10, "5.0", "1.0")],
            "b": [(1, 10, "5.0", "2.0")],
        }
        assert found.n_damaged == 0
        assert found.best is None
        run.end("finished", "")


@pytest.mark.parametrize("damage", ["gone", "no JSON", "other JSON"])
def test_with_the_record_alone_the_rest_is_empty(damage: str, tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path)) as run:
        run.begin(Moment(epoch=0, step=0), Begun(settings={"lr": 0.1}, judged_by="a"))
        run.record(score("a", 1.0), at(10))
        run.end("killed", "SIGTERM")
    (tmp_path / "best").mkdir()
    for name in ("status.json", "settings.json", "best/best.json"):
        path = tmp_path / name
        if damage == "gone":
            path.unlink(missing_ok=True)
        else:
            path.write_text({"no JSON": '{"a": ', "other JSON": '[{"a": 1}]'}[damage])
    found = read_run(tmp_path)
    assert (found.status, found.reason) == ("stopped", "SIGTERM")
    assert (found.epoch, found.step) == (1, 10)
    assert found.settings == {"lr": 0.1}
    assert points(found.scores) == {"a": [(1, 10, "5.0", "1.0")]}
    assert (found.judged_by, found.best, found.parts, found.seconds) == ("", None, {}, {})
    assert found.name == tmp_path.name


def test_a_folder_of_an_older_version_has_less(tmp_path: Path) -> None:
    """As it was written before contracts, the model and warnings were in it."""
    (tmp_path / "settings.json").write_text(
        '{"settings": {"lr": 0.1}, "seeds": {}, "device": "cpu", "parts": {"step": "OptimizerStep"},'
        ' "versions": {"torch": "2.13.0"}, "git": null, "program": ["train.py"],'
        ' "begun": [{"time": "2026-11-26T06:27:31Z", "epoch": 0, "step": 0}]}'
    )
    (tmp_path / "record.jsonl").write_text(
        '{"event":"begin","format":1,"epoch":0,"step":0,"settings":{"lr":0.1},"time":1795674451.5}\n'
        '{"kind":"score","name":"a","value":1,"epoch":1,"step":10,"later":[1],"time":1795674452.5}\n'
        '{"event":"later","what":{"a":[]},"time":1795674453.5}\n'
    )
    found = read_run(tmp_path)
    assert found.status == "died"
    assert found.parts == {"step": RecordedPart(type="OptimizerStep", contract="")}
    assert (found.summary, found.warnings, found.modes) == ("", [], {})
    assert points(found.scores) == {"a": [(1, 10, "nan", "1.0")]}
    assert (found.began, found.ended) == (1795674451.5, 1795674453.5)
    assert found.n_damaged == 0


def test_a_record_names_no_file_outside_of_its_folder(tmp_path: Path) -> None:
    for number, name in enumerate(("../secret.png", "/etc/passwd", "plots/a.png"), 1):
        with (tmp_path / "record.jsonl").open("a") as file:
            value = f'"value":{{"file":"{name}"}},"epoch":0,"step":{number},"time":1.0'
            file.write(f'{{"kind":"plot","name":"p{number}",{value}}}\n')
    found = read_run(tmp_path).pictures
    assert {name: [each.path for each in files] for name, files in found.items()} == {
        "p3": [tmp_path / "plots" / "a.png"]
    }
