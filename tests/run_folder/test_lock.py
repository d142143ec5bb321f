"""One process writes to a run folder, however the last one ended."""

import errno
import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import held

_HOLDS = """
import sys, time
from pathlib import Path
from artifact_torch.run_folder import held
with held(Path(sys.argv[1])):
    if sys.argv[2] == "fork":
        import os
        ready, tell = os.pipe()
        if os.fork() == 0:
            os.write(tell, b"x")
            time.sleep(60)  # a worker of a loader, which its parent's death does not end at once
        os.read(ready, 1)
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path, how: str = "") -> "subprocess.Popen[str]":
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-c", _HOLDS, str(folder), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def enter(folder: Path) -> None:
    with held(folder):
        pass


def end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.wait(60)


def test_a_second_process_is_refused_by_name_until_the_first_ended(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with pytest.raises(RunFolderError) as caught:
        enter(tmp_path)
    told = str(caught.value)
    assert f"process {process.pid} on {socket.gethostname()}" in told
    assert str(tmp_path) in told
    assert "give this run another folder" in told
    assert str(json.loads((tmp_path / "lock").read_text())["since"]) in told
    end(process)
    enter(tmp_path)
    assert (tmp_path / "lock").read_text() == ""


def test_a_second_trainer_of_this_process_is_refused(tmp_path: Path) -> None:
    with held(tmp_path):
        with pytest.raises(RunFolderError, match="another trainer of this process"):
            enter(tmp_path)
        with pytest.raises(RunFolderError):  # still held
            enter(tmp_path)
    enter(tmp_path)


@pytest.mark.parametrize("how", ["", "fork"])
def test_the_lock_of_a_killed_process_is_taken_over(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    process = holder(tmp_path, how)
    process.kill()
    process.wait(60)
    try:
        with held(tmp_path):
            assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    finally:
        os.killpg(process.pid, signal.SIGKILL) if how else None
        end(process)
    assert [each.levelname for each in caplog.records] == ["INFO"]
    assert f"process {process.pid} on" in caplog.text
    assert "taken over" in caplog.text


def test_a_run_that_failed_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path):
        raise ZeroDivisionError
    assert (tmp_path / "lock").read_text() == ""


def no_locks(*_: object) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = holder(tmp_path)
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(RunFolderError, match=f"process {process.pid}"):
        enter(tmp_path)
    process.kill()
    process.wait(60)
    with held(tmp_path), pytest.raises(RunFolderError, match="another trainer of this process"):
        enter(tmp_path)
    end(process)


def test_without_locks_another_machine_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", no_locks)
    (tmp_path / "lock").write_text(json.dumps({"host": "other", "pid": 1, "since": "now"}))
    with pytest.raises(RunFolderError, match="process 1 on other, since now.*delete"):
        enter(tmp_path)


def test_a_number_that_another_process_has_now_is_no_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the start of a container, in which every run is process 7."""
    monkeypatch.setattr(fcntl, "flock", no_locks)
    owner = {"host": socket.gethostname(), "pid": os.getpid(), "began": 1}
    (tmp_path / "lock").write_text(json.dumps(owner))
    enter(tmp_path)


def test_a_clock_that_goes_back_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = holder(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "gmtime", lambda: time.struct_time((1970, 1, 1, 0, 0, 0, 0, 0, 0)))
    with pytest.raises(RunFolderError):
        enter(tmp_path)
    end(process)
    enter(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', "\x00" * 5000])
def test_a_damaged_lock_is_nobodys(content: str, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(content)
    enter(tmp_path)


def test_a_lock_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(RunFolderError, match="cannot be made"):
        enter(tmp_path)
