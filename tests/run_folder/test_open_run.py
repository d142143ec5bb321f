"""The folder as the trainer uses it."""

import csv
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import Begun, OpenRun, RunFolder, history, opened, read_status
from tests.run_folder.moments import START, at, loaded, raw, score, until


def train(folder: Path, *, since: int = 0, until: int = 30, worth: float = 1.0) -> None:
    with opened(RunFolder(folder)) as run:
        run.begin(at(since), Begun(settings={"lr": 0.1}))
        for step in range(since + 10, until + 1, 10):
            run.record(score("loss", worth / step), at(step))
            run.keep_best({"w": torch.full((1,), step)}, at(step), {"loss": worth / step})
        run.end("finished", f"{until} steps")


def table(folder: Path) -> list[list[str]]:
    with (folder / "scores.csv").open(newline="") as file:
        return [*csv.reader(file)]


def test_a_run_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "vae"
    train(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "best",
        "lock",
        "record.jsonl",
        "scores.csv",
        "settings.json",
        "status.json",
    ]
    assert [line.get("event", line.get("name")) for line in raw(folder)] == [
        "begin",
        *["loss"] * 3,
        "end",
    ]
    assert table(folder) == [
        ["epoch", "step", "seconds", "loss"],
        ["1", "10", "5.0", "0.1"],
        ["2", "20", "10.0", "0.05"],
        ["3", "30", "15.0", repr(1 / 30)],
    ]
    status = read_status(folder)
    assert status is not None
    assert (status.status, status.reason) == ("finished", "30 steps")
    assert (status.epoch, status.step) == (3, 30)
    assert loaded(folder / "best" / "weights.safetensors")["w"].item() == 30
    about = json.loads((folder / "best" / "best.json").read_text())
    assert (about["epoch"], about["step"], about["scores"]) == (3, 30, {"loss": 1 / 30})
    assert json.loads((folder / "settings.json").read_text())["settings"] == {"lr": 0.1}


def test_a_run_that_goes_on_leaves_an_abandoned_future_out(tmp_path: Path) -> None:
    train(tmp_path, until=40)
    train(tmp_path, since=20, until=30, worth=2.0)
    assert [line["value"] for line in history(tmp_path)] == [0.1, 0.05, 2 / 30]
    assert [row[1:] for row in table(tmp_path)[1:]] == [
        ["10", "5.0", "0.1"],
        ["20", "10.0", "0.05"],
        ["30", "15.0", repr(2 / 30)],
    ]


def test_begin_gives_what_still_counts(tmp_path: Path) -> None:
    train(tmp_path)
    with opened(RunFolder(tmp_path)) as run:
        before = run.begin(at(20), Begun())
    assert [line["step"] for line in before] == [10, 20]


def test_scores_that_a_kill_kept_out_of_the_table_are_in_it_later(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from artifact_torch.run_folder import Begun, RunFolder, opened
from tests.run_folder.moments import START, at, score
with opened(RunFolder(sys.argv[1])) as run:
    run.begin(START, Begun())
    for step in range(10, 40, 10):
        run.record(score("loss", float(step)), at(step))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)  # noqa: S603
    status = read_status(tmp_path)
    assert status is not None
    assert status.status == "died"
    with opened(RunFolder(tmp_path)) as run:
        run.begin(at(30), Begun())
        assert [row[1] for row in table(tmp_path)[1:]] == ["10", "20", "30"]
        run.record(score("loss", 1.0), at(40))
        until(lambda: [row[1] for row in table(tmp_path)[1:]] == ["10", "20", "30", "40"])


def test_columns_of_collections_and_of_names_like_epoch(tmp_path: Path) -> None:
    results = [
        Result(ResultKind.SCORE_COLLECTION, "f1", {"a": 1.0}),
        *score("epoch", 2.0),
        *score("worst", float("nan")),
    ]
    for _ in range(2):  # written while it ran, and of the record
        with opened(RunFolder(tmp_path)) as run:
            run.begin(at(10), Begun())
            run.record(results, at(10))
            run.end("finished", "")
        header, row = table(tmp_path)
        assert header == ["epoch", "step", "seconds", "f1/a", "score/epoch", "worst"]
        assert row == ["1", "10", "5.0", "1.0", "2.0", "nan"]


def raising(error: BaseException, folder: Path) -> None:
    with opened(RunFolder(folder)) as run:
        run.begin(START, Begun())
        run.record(score("loss", 1.0), at(10))
        raise error


@pytest.mark.parametrize(
    ("error", "standing", "reason"),
    [
        (ZeroDivisionError("by zero"), "failed", "ZeroDivisionError: by zero"),
        (KeyboardInterrupt(), "stopped", "KeyboardInterrupt"),
    ],
)
def test_a_run_that_is_left_by_an_error(
    error: BaseException, standing: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(type(error)):
        raising(error, tmp_path)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.reason, status.step) == (standing, reason, 10)
    assert raw(tmp_path)[-1]["event"] == "end"
    train(tmp_path, since=10)  # the lock was given back


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path)), pytest.raises(RunFolderError, match="in use"):
        raising(ZeroDivisionError(), tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunFolderError, match="run_folder="):
            raising(ZeroDivisionError(), folder)


def block(folder: Path) -> None:
    """A folder where each file should be, which nobody can write to, root included."""
    for name in ("record.jsonl", "scores.csv", "settings.json", "status.json"):
        (folder / name).mkdir(parents=True)
    (folder / "best").write_text("")


def use(run: OpenRun) -> None:
    run.begin(START, Begun())
    for step in range(10, 60, 10):
        run.record(score("loss", float(step)), at(step))
        run.keep_best({"w": torch.ones(1)}, at(step), {})
    run.end("finished", "")


def test_nothing_that_cannot_be_written_raises(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    block(tmp_path)
    with opened(RunFolder(tmp_path)) as run:
        use(run)
    told = [each.getMessage() for each in caplog.records if "cannot be written" in each.message]
    assert sorted({line.partition(":")[0].rpartition("/")[2] for line in told}) == [
        "best",
        "record.jsonl",
        "scores.csv",
        "settings.json",
        "status.json",
    ]
    assert len(told) == 5  # each once


def test_strict_raises_instead(tmp_path: Path) -> None:
    block(tmp_path)
    with (
        pytest.raises(RunFolderError, match="record.jsonl"),
        opened(RunFolder(tmp_path, strict=True)) as run,
    ):
        use(run)


def test_neither_home_nor_locale_nor_time_zone_matters(tmp_path: Path) -> None:
    program = r"""
import sys
from artifact_torch.run_folder import Begun, RunFolder, opened
from tests.run_folder.moments import START, at, score
with opened(RunFolder(sys.argv[1])) as run:
    run.begin(START, Begun(settings={"w\u00e4rme": "\u00fc"}))
    run.record(score("gr\u00f6\u00dfe", 0.5), at(10))
    run.end("finished", "f\u00fcr heute")
"""
    odd = {"HOME": "/proc/none", "LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", program, str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, **odd})  # noqa: S603
    assert [line["name"] for line in history(tmp_path)] == ["größe"]
    assert (
        (tmp_path / "scores.csv").read_text(encoding="utf-8").startswith("epoch,step,seconds,größe")
    )
    settings = json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))
    assert settings["settings"] == {"wärme": "ü"}
    status = read_status(tmp_path)
    assert status is not None
    assert status.reason == "für heute"
    then = time.mktime(time.strptime(status.time, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert abs(then - time.time()) < 3600


def test_an_empty_moment_writes_nothing_and_tells_where_the_run_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        run.record([], Moment(epoch=1, step=10))
        run.end("killed", "SIGTERM")
    assert [line["event"] for line in raw(tmp_path)] == ["begin", "end"]
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.epoch, status.step) == ("stopped", 1, 10)
    assert caplog.records == []


def test_a_folder_that_is_deleted_is_made_again_and_held_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with opened(RunFolder(folder)) as run:
        run.begin(START, Begun(settings={"lr": 0.1}))
        run.record(score("loss", 1.0), at(10))
        shutil.rmtree(folder)
        run.record(score("loss", 2.0), at(20))
        run.record(score("loss", 3.0), at(30))
        with pytest.raises(RunFolderError, match="in use"):
            raising(ZeroDivisionError(), folder)
        run.end("finished", "")
    assert [line["step"] for line in history(folder)] == [20, 30]
    assert json.loads((folder / "settings.json").read_text())["settings"] == {"lr": 0.1}
    assert [row[1] for row in table(folder)] == ["step", "10", "20", "30"]
    status = read_status(folder)
    assert status is not None
    assert status.status == "finished"
    assert (folder / "lock").read_text() == ""


def test_a_record_that_alone_is_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        run.record(score("loss", 1.0), at(10))
        (tmp_path / "record.jsonl").unlink()
        run.record(score("loss", 2.0), at(20))
        run.end("finished", "")
    assert [line["step"] for line in history(tmp_path)] == [20]
    assert len(caplog.records) == 1
    assert "was deleted during the run" in caplog.text


def test_a_run_that_was_further_and_begins_anew_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path)
    caplog.clear()
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
    told = f"{tmp_path}: holds a run that was at epoch 3, step 30, and no checkpoint to go on from"
    assert [text.partition(";")[0] for text in caplog.messages] == [told]


def test_damaged_lines_are_told_when_the_run_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path)
    with (tmp_path / "record.jsonl").open("ab") as file:
        file.write(b"\xff\xfe{[\n\x00\n")
    caplog.clear()
    with opened(RunFolder(tmp_path)) as run:
        run.begin(at(30), Begun())
    told = f"{tmp_path / 'record.jsonl'}: 2 of its lines are damaged, and are left out"
    assert caplog.messages == [told]
    assert len(table(tmp_path)) == 4


def test_what_is_lost_when_the_process_ends_is_said_at_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "record.jsonl").mkdir()
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        run.record(score("loss", 1.0), at(10))
        run.end("finished", "10 steps")
    assert "move away the folder that is where the file was" in caplog.messages[0]
    assert "the last 3 lines could not be written, and are gone" in caplog.messages[-1]


def test_a_file_in_the_place_of_the_arrays_keeps_no_score_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "arrays").write_text("in the way")
    array = Result(ResultKind.ARRAY, "weights", np.zeros(2))
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        for step in (10, 20):
            run.record([array, *score("loss", 1.0)], at(step))
        run.end("finished", "20 steps")
    assert [line["step"] for line in raw(tmp_path) if line.get("name") == "loss"] == [10, 20]
    (told,) = caplog.messages
    assert told.startswith(f"{tmp_path / 'arrays'}: cannot be written")
    assert "move away the file that is where the folder was" in told


def test_a_strict_folder_takes_no_file_in_the_place_of_the_arrays(tmp_path: Path) -> None:
    (tmp_path / "arrays").write_text("in the way")
    array = Result(ResultKind.ARRAY, "weights", np.zeros(2))
    with opened(RunFolder(tmp_path, strict=True)) as run:
        run.begin(START, Begun())
        with pytest.raises(RunFolderError, match="arrays: cannot be written"):
            run.record([array], at(10))
