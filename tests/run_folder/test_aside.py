"""What is written beside the training, and that a moment of it writes one line alone."""

import json
import sys
import threading
from pathlib import Path

import pytest

from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import Begun, RunFolder, open_run, opened
from artifact_torch.run_folder.aside import Aside
from tests.run_folder.moments import START, at, score, until


def test_a_moment_opens_one_file(tmp_path: Path) -> None:
    mine, is_on, seen = threading.get_ident(), [False], list[str]()

    def hear(event: str, told: tuple[object, ...]) -> None:
        if is_on[0] and threading.get_ident() == mine and event.startswith(("open", "os.")):
            seen.append(f"{event} {told[0]}")

    sys.addaudithook(hear)
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        is_on[0] = True
        try:
            for step in range(1, 101):
                run.record(score("loss", 1 / step), at(step))
                if step == 50:  # a second goes by, by whatever clock
                    until(lambda: json.loads((tmp_path / "status.json").read_text())["step"] == 50)
                    seen.clear()
        finally:
            is_on[0] = False
        run.end("finished", "")
    assert seen == [f"open {tmp_path / 'record.jsonl'}"] * 50


def test_with_strict_a_moment_raises_what_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_run, "SECONDS", -1.0)  # a second has gone by
    with opened(RunFolder(tmp_path, strict=True)) as run:
        run.begin(START, Begun())
        (tmp_path / "scores.csv").unlink()
        (tmp_path / "scores.csv").mkdir()
        with pytest.raises(RunFolderError, match="scores.csv"):
            run.record(score("loss", 1.0), at(1))
        (tmp_path / "scores.csv").rmdir()


def test_it_ends_and_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artifact_torch.run_folder.aside.SECONDS", 0.001)
    done: list[int] = []

    def work() -> None:
        done.append(threading.get_ident())
        raise ValueError("it goes on")

    aside = Aside(work)
    for _ in range(2):
        n_done = len(done)
        aside.start()
        aside.start()
        until(lambda: len(done) > n_done + 2)  # noqa: B023
        aside.stop()
        aside.stop()
        assert {*done[n_done:]} == {done[-1]}
        assert not [each for each in threading.enumerate() if each.name == "run folder"]


def test_no_thread_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    aside = Aside(lambda: None)
    aside.start()
    aside.stop()
    assert caplog.messages == [
        "status.json and scores.csv are written at the end: can't start new thread"
    ]


def test_a_run_that_is_left_writes_no_more(tmp_path: Path) -> None:
    with opened(RunFolder(tmp_path)) as run:
        run.begin(START, Begun())
        run.record(score("loss", 1.0), at(1))
    assert not [each for each in threading.enumerate() if each.name == "run folder"]
