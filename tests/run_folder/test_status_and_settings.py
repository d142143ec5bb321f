"""How a run stands, and what it was begun with."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from artifact_torch.contracts import Ending
from artifact_torch.run_folder import Begun, read_status, settings
from artifact_torch.run_folder.settings import git_state, program_folder, versions, write_settings
from artifact_torch.run_folder.status import Standing, write_status
from tests.run_folder.moments import START, at


@pytest.mark.parametrize(
    ("ending", "standing"),
    [(None, "running"), ("finished", "finished"), ("failed", "failed"), ("killed", "stopped")],
)
def test_a_status_is_read_back(ending: Ending | None, standing: Standing, tmp_path: Path) -> None:
    assert read_status(tmp_path) is None
    write_status(tmp_path, at(31), ending, "why")
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.reason) == (standing, "why")
    assert (status.epoch, status.step) == (3, 31)
    assert (status.host, status.pid) == (socket.gethostname(), os.getpid())
    assert status.time.endswith("Z")
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_a_run_whose_process_is_gone_died(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from typing import Any
from artifact_torch.run_folder.status import write_status
from tests.run_folder.moments import at
write_status(Path(sys.argv[1]), at(31))
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode < 0  # noqa: S603  (our own program)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.status, status.epoch, status.step) == ("died", 3, 31)


def test_a_run_of_another_machine_is_taken_at_its_word(tmp_path: Path) -> None:
    write_status(tmp_path, at(31))
    path = tmp_path / "status.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "host": "other", "pid": 1 << 30}))
    status = read_status(tmp_path)
    assert status is not None
    assert status.status == "running"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"status": "asleep"}'])
def test_a_damaged_status_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text(content)
    assert read_status(tmp_path) is None


def read(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "settings.json").read_text())
    return content


def test_what_a_run_was_begun_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "train.py", "--lr", "0.001"])
    begun = Begun(
        settings={"lr": 0.001, "limit": float("inf"), "path": Path("a")},
        seeds={"train_loader": 0},
        device="cpu",
        parts={"train_loader": "DataLoader"},
    )
    write_settings(tmp_path, START, begun)
    content = read(tmp_path)
    assert content["settings"] == {"lr": 0.001, "limit": "inf", "path": "a"}
    assert content["seeds"] == {"train_loader": 0}
    assert content["device"] == "cpu"
    assert content["parts"] == {"train_loader": "DataLoader"}
    assert content["program"] == ["train.py", "--lr", "0.001"]
    assert content["versions"] == versions()
    python = ".".join(map(str, sys.version_info[:3]))
    assert versions()["python"].startswith(python)
    assert {"platform", "torch", "numpy", "artifact-torch"} <= versions().keys()
    assert "git" in content


def unchanged(_: Path) -> dict[str, object]:
    return {"revision": "abc", "dirty": False}


def test_the_first_settings_stay_and_changes_are_appended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "git_state", unchanged)
    for step, rate in ((0, 0.1), (10, 0.1), (20, 0.2), (30, 0.2)):
        write_settings(tmp_path, at(step), Begun(settings={"lr": rate, "old": 1}, device="cpu"))
    write_settings(tmp_path, at(40), Begun(settings={"lr": 0.1, "new": 2}, device="cuda"))
    content = read(tmp_path)
    assert content["settings"] == {"lr": 0.1, "old": 1}
    assert content["device"] == "cpu"
    times: Any = content["begun"]  # Any: as JSON is
    assert [each["step"] for each in times] == [0, 10, 20, 30, 40]
    assert [each.get("changed") for each in times] == [
        None,
        None,
        {"settings.lr": 0.2},
        None,
        {"settings.lr": 0.1, "settings.old": None, "settings.new": 2, "device": "cuda"},
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"begun": 1}'])
def test_damaged_settings_are_written_anew(content: str, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(content)
    write_settings(tmp_path, START, Begun(settings={"lr": 0.1}))
    write_settings(tmp_path, START, Begun(settings={"lr": 0.2}))
    assert isinstance(read(tmp_path)["begun"], list)


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", *who, "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


def test_the_state_of_a_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert git_state(tmp_path) is None  # nothing is committed
    (tmp_path / "train.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    revision = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "untracked").write_text("1")
    assert git_state(tmp_path) == {"revision": revision, "dirty": False}
    (tmp_path / "train.py").write_text("2")
    assert git_state(tmp_path) == {"revision": revision, "dirty": True}


def test_without_git_or_with_one_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert git_state(tmp_path) is None  # no repository
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(program_folder()) is None
    (tmp_path / "git").write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setattr(settings, "_GIT_SECONDS", 0.1)
    assert git_state(program_folder()) is None


def test_a_working_directory_that_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Path:
        raise FileNotFoundError

    monkeypatch.setattr(settings, "program_folder", gone)
    write_settings(tmp_path, START, Begun())
    assert read(tmp_path)["git"] is None
