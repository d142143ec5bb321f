"""A disk that is full, limited, gone or out of descriptors: nothing is lost, nothing raises."""

import errno
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.errors import RunFolderError
from artifact_torch.run_folder import Record, appending, history, lines
from tests.run_folder.moments import START, at, score


def steps(folder: Path) -> list[object]:
    return [line["step"] for line in history(folder)]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]


def refuse(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def run_program(program: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_told_once_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record = Record(tmp_path)
    record.add(score("loss", 1.0), at(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        for step in range(2, 50):
            record.add([*score("loss", step), *score("auc", 0.5)], at(step))
        assert record.n_kept == 96
        assert not record.flush()
    assert steps(tmp_path) == [1]
    assert len(warnings(caplog)) == 1
    told = warnings(caplog)[0]
    assert str(tmp_path / "record.jsonl") in told
    assert "No space left on device" in told
    assert "make space, or give a folder on another disk" in told
    record.add(score("loss", 50.0), at(50))
    assert steps(tmp_path) == [1, *sorted([*range(2, 50), *range(2, 50)]), 50]
    assert (record.n_kept, record.n_lost) == (0, 0)
    assert len(warnings(caplog)) == 2
    assert "can be written again" in warnings(caplog)[1]


@pytest.mark.parametrize("n_bytes", [0, 1, 50, 129, 130, 131, 200, 400])
def test_a_write_that_is_torn_by_a_full_disk(
    n_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first `n_bytes` of four lines find room, then none does."""
    record, left = Record(tmp_path), [n_bytes]
    write = os.write

    def limited(file: int, content: bytes) -> int:
        if left[0] == 0:
            refuse()
        written = write(file, content[: left[0]])
        left[0] -= written
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", limited)
        record.add([*score("a", 1.0), *score("b", 2.0)], at(1))
        record.add([*score("c", 3.0), *score("d", 4.0)], at(2))
        seen, end = lines(tmp_path / "record.jsonl")
    record.add(score("e", 5.0), at(3))
    seen += lines(tmp_path / "record.jsonl", end)[0]  # as a tracker's process reads along
    assert [line["name"] for line in seen if "name" in line] == ["a", "b", "c", "d", "e"]
    assert [line["value"] for line in history(tmp_path)] == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_memory_is_bounded_and_what_is_lost_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(appending, "MAX_LINES", 10)
    record = Record(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        record.begin(START, {})
        for step in range(1, 16):
            record.add(score("loss", step), at(step))
    assert (record.n_kept, record.n_lost) == (10, 6)
    record.end("finished", "")
    assert lines(tmp_path / "record.jsonl")[0][0]["event"] == "begin"
    assert steps(tmp_path) == [*range(7, 16)]
    assert "the oldest are lost" in warnings(caplog)[0] + warnings(caplog)[1]
    assert "6 are lost" in warnings(caplog)[-1]


def test_large_files_that_wait_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "MAX_BYTES", 10_000)
    record = Record(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        patch.setattr(appending, "write_bytes", refuse)
        for step in range(1, 11):
            record.add([Result(ResultKind.ARRAY, "a", np.full(500, float(step)))], at(step))
        assert record.n_kept == 2
    assert record.flush()
    assert steps(tmp_path) == [9, 10]
    assert len([*tmp_path.rglob("*.npy")]) == 2


def test_an_array_whose_file_finds_no_room_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(appending, "write_bytes", refuse)
        record.add([Result(ResultKind.ARRAY, "a", np.arange(3.0))], at(1))
        record.add(score("loss", 0.5), at(2))  # after it, so that the order stays
    assert steps(tmp_path) == []
    assert record.flush()
    assert steps(tmp_path) == [1, 2]
    assert np.load(tmp_path / "arrays" / "a" / "step_00000001.npy").tolist() == [0.0, 1.0, 2.0]


def test_strict_raises_where_it_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(tmp_path, strict=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(RunFolderError, match="No space left on device") as caught:
            record.add(score("loss", 1.0), at(1))
    assert isinstance(caught.value.__cause__, OSError)
    record.add(score("loss", 2.0), at(2))
    assert steps(tmp_path) == [1, 2]


def test_a_folder_that_is_deleted_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "runs" / "vae"
    record = Record(folder)
    record.add(score("loss", 1.0), at(1))
    shutil.rmtree(tmp_path / "runs")
    record.add(score("loss", 2.0), at(2))
    record.add(score("loss", 3.0), at(3))
    assert steps(folder) == [2, 3]
    assert len(warnings(caplog)) == 1
    assert "was deleted during the run" in warnings(caplog)[0]


def test_a_folder_whose_place_is_taken_by_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    record = Record(folder)
    record.add(score("loss", 1.0), at(1))
    shutil.rmtree(folder)
    folder.write_text("a file")
    record.add(score("loss", 2.0), at(2))
    assert record.n_kept == 1
    folder.unlink()
    record.add(score("loss", 3.0), at(3))
    assert steps(folder) == [2, 3]


def test_the_working_directory_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artifact_torch import RunFolder

    monkeypatch.chdir(tmp_path)
    record = Record(RunFolder("run").folder)
    record.add(score("loss", 1.0), at(1))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    record.add(score("loss", 2.0), at(2))
    assert steps(tmp_path / "run") == [1, 2]


_LIMITED = """
import resource, sys
from pathlib import Path
from artifact_torch.run_folder import Record
from tests.run_folder.moments import at, score
what, folder = sys.argv[1], Path(sys.argv[2])
record = Record(folder)
record.add(score("loss", 1.0), at(1))
old = resource.getrlimit(getattr(resource, what))
resource.setrlimit(getattr(resource, what), (int(sys.argv[3]), old[1]))
for step in range(2, 30):
    record.add(score("loss", float(step)), at(step))
assert record.n_kept > 0
resource.setrlimit(getattr(resource, what), old)
record.end("finished", "")
print(record.n_kept, record.n_lost)
"""


@pytest.mark.parametrize(
    ("limit", "at_most"), [("RLIMIT_FSIZE", 1000), ("RLIMIT_FSIZE", 130), ("RLIMIT_NOFILE", 0)]
)
def test_a_limit_of_the_system(limit: str, at_most: int, tmp_path: Path) -> None:
    """Of file sizes, within a line too; of open files, of which none is left."""
    assert run_program(_LIMITED, limit, str(tmp_path), str(at_most)).split() == ["0", "0"]
    assert steps(tmp_path) == [*range(1, 30)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("this user cannot mount a small disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)  # noqa: S603


def test_a_disk_that_is_full(small_disk: Path) -> None:
    record = Record(small_disk)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 40_000)
    for step in range(1, 400):
        record.add(score("loss", step), at(step))
    assert record.n_kept > 0
    seen = steps(small_disk)
    assert seen == [*range(1, len(seen) + 1)]
    ballast.unlink()
    record.add(score("loss", 400.0), at(400))
    assert record.n_kept == 0
    assert steps(small_disk) == [*range(1, 401)]


_KILLED = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from artifact_torch.contracts import Result, ResultKind
from artifact_torch.run_folder import Record, history
from tests.run_folder.moments import START, at, score

def write(folder, told):
    record = Record(folder)
    record.begin(START, {})
    for step in range(1, 1_000_000):
        results = [*score("loss", float(step)), *score("auc", 0.5)]
        if step % 7 == 0:
            results.append(Result(ResultKind.ARRAY, "a", np.arange(float(step))))
        record.add(results, at(step))
        os.write(told, step.to_bytes(4, "little"))

generator = random.Random(int(sys.argv[2]))
for n in range(50):
    folder = Path(sys.argv[1]) / str(n)
    ends, told = os.pipe()
    child = os.fork()
    if child == 0:
        write(folder, told)
    os.close(told)
    os.read(ends, 4)  # it has begun
    time.sleep(generator.random() * 0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    last = b"\\x01\\0\\0\\0"
    while more := os.read(ends, 4):
        last = more
    os.close(ends)
    acknowledged = int.from_bytes(last, "little")
    Record(folder).add(score("after", 1.0), at(acknowledged + 2))  # the machine comes back
    found = [line for line in history(folder) if line["name"] == "loss"]
    assert [line["step"] for line in found][:acknowledged] == [*range(1, acknowledged + 1)], n
    assert len(found) <= acknowledged + 1
    assert [line["value"] for line in history(folder) if line["name"] == "after"] == [1.0]
    for line in history(folder):
        if line["kind"] == "array":
            assert len(np.load(folder / line["value"]["file"])) == line["step"]
print("whole")
"""


def test_fifty_kills_while_it_writes(tmp_path: Path) -> None:
    assert run_program(_KILLED, str(tmp_path), "0").strip() == "whole"
