"""A save that fails is one clear warning and a retry; the older checkpoints and the run go on."""

import errno
import os
import resource
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError


def at(step: int) -> Moment:
    return Moment(epoch=step // 10, step=step, ends_epoch=False)


def state(n: int) -> dict[str, object]:
    return {"n": n, "w": torch.full((3000,), float(n)), "log": [{"n": k} for k in range(n)]}


def saved(checkpointer: FolderCheckpointer, n: int) -> None:
    checkpointer.save(at(n), state(n))
    checkpointer.drain(60)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


Break = Callable[[pytest.MonkeyPatch, str], None]


def failing(call: str, number: int) -> Break:
    """A fault of the system in all calls that write into the folder."""

    def apply(patch: pytest.MonkeyPatch, _folder: str) -> None:
        def fail(*_args: object, **_named: object) -> int:
            raise OSError(number, os.strerror(number))

        patch.setattr(os, call, fail)

    return apply


class Usage(NamedTuple):
    total: int = 1 << 40
    used: int = 0
    free: int = 5000


def small_disk(patch: pytest.MonkeyPatch, _folder: str) -> None:
    def usage(_path: object) -> Usage:
        return Usage()

    patch.setattr(shutil, "disk_usage", usage)


FAULTS: list[tuple[Break, str]] = [
    (failing("write", errno.ENOSPC), "No space left on device); training goes on, older"),
    (failing("write", errno.ENOSPC), "make space, or give a folder on another disk"),
    (failing("fsync", errno.ENOSPC), "make space, or give a folder on another disk"),
    (failing("write", errno.EDQUOT), "make space within the quota"),
    (failing("write", errno.EFBIG), "ulimit -f unlimited"),
    (failing("open", errno.EMFILE), "raise the limit on open files (ulimit -n)"),
    (failing("open", errno.EACCES), "make the folder one that can be written to"),
    (failing("mkdir", errno.EROFS), "make the folder one that can be written to"),
    (failing("rename", errno.EIO), "Input/output error); training goes on"),
    (failing("fsync", errno.EIO), "Input/output error); training goes on"),
    (small_disk, "needed 75.8 KiB"),
    (small_disk, "free 4.9 KiB); training goes on"),
]


@pytest.mark.parametrize(("break_it", "said"), FAULTS)
def test_a_fault_is_one_warning_and_the_next_moment_tries_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    break_it: Break,
    said: str,
) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=99, keep=5)
    saved(checkpointer, 1)
    before = names(tmp_path)
    assert not checkpointer.is_due(at(2))
    with monkeypatch.context() as patch:
        break_it(patch, str(tmp_path))
        for step in (2, 3, 4):
            saved(checkpointer, step)
            assert checkpointer.is_due(at(step))
    (message,) = caplog.messages
    assert message.startswith(f"{tmp_path}: checkpoint of step 2 could not be written (")
    assert said in message
    assert names(tmp_path) == before
    assert checkpointer.load()["log"] == [{"n": 0}]
    saved(checkpointer, 5)
    assert not checkpointer.is_due(at(6))
    assert checkpointer.steps() == [1, 5]
    assert checkpointer.load()["log"] == [{"n": n} for n in range(5)]
    assert not [*tmp_path.rglob(".*")]


@contextmanager
def limit(which: int, value: int) -> Generator[None]:
    soft, hard = resource.getrlimit(which)
    resource.setrlimit(which, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(which, (soft, hard))


def test_a_limit_on_the_size_of_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    saved(checkpointer, 1)
    with limit(resource.RLIMIT_FSIZE, 4096):
        saved(checkpointer, 2)
    assert "File too large" in caplog.text
    assert checkpointer.steps() == [1]
    saved(checkpointer, 3)
    assert checkpointer.steps() == [1, 3]
    assert len(caplog.messages) == 1


def test_no_descriptor_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    saved(checkpointer, 1)
    taken = list[int]()
    with limit(
        resource.RLIMIT_NOFILE, 64 + max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    ):
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            saved(checkpointer, 2)
        finally:
            for descriptor in taken:
                os.close(descriptor)
    assert "Too many open files" in caplog.text
    saved(checkpointer, 3)
    assert checkpointer.steps() == [1, 3]
    assert not [*tmp_path.rglob(".*")]


def test_a_file_where_the_folder_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "run"
    checkpointer = FolderCheckpointer(folder)
    saved(checkpointer, 1)
    folder.rename(tmp_path / "elsewhere")
    folder.touch()
    saved(checkpointer, 2)
    assert "move away the file that is where the folder was" in caplog.text
    folder.unlink()
    saved(checkpointer, 3)
    assert checkpointer.load()["log"] == [{"n": n} for n in range(3)]


def moved(folder: Path) -> None:
    folder.rename(f"{folder}.moved")


@pytest.mark.parametrize("gone", [shutil.rmtree, moved])
def test_a_folder_that_is_gone_is_made_again_which_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, gone: Callable[[Path], object]
) -> None:
    folder = tmp_path / "run"
    checkpointer = FolderCheckpointer(folder)
    for step in (1, 2, 3):
        saved(checkpointer, step)
        assert checkpointer.load()["n"] == step
        assert checkpointer.load()["log"] == [{"n": n} for n in range(step)]
        gone(folder)
        shutil.rmtree(f"{folder}.moved", ignore_errors=True)
    (message,) = caplog.messages
    assert "was moved or deleted while it was written to" in message


def test_strict_raises_at_the_next_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpointer = FolderCheckpointer(tmp_path, strict=True)
    with monkeypatch.context() as patch:
        failing("fsync", errno.ENOSPC)(patch, "")
        calls: list[Callable[[], None]] = [
            lambda: checkpointer.drain(60),
            lambda: checkpointer.save(at(2), state(2)),
        ]
        for call in calls:
            checkpointer.save(at(1), state(1))
            with pytest.raises(CheckpointError, match="or leave out strict=True to go on without"):
                call()
    saved(checkpointer, 3)
    assert checkpointer.steps() == [3]


def test_a_disk_that_is_too_small_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small_disk(monkeypatch, "")
    FolderCheckpointer(tmp_path, keep=3).begin(0, state(1))
    (message,) = caplog.messages
    assert "may be too small for the checkpoints: needed 46.9 KiB, free 4.9 KiB" in message


def test_a_mark_that_cannot_be_made_is_told_and_made_before_the_next_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    for step in (1, 2, 3):
        saved(checkpointer, step)
    with monkeypatch.context() as patch:
        failing("open", errno.EACCES)(patch, "")
        checkpointer.begin(1, state(1))
        assert "what is left behind could not be marked" in caplog.text
        assert checkpointer.is_due(at(1))
    saved(checkpointer, 4)
    assert checkpointer.steps() == [1, 4]


def test_no_memory_to_copy_to_is_a_warning_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointer = FolderCheckpointer(tmp_path)

    def no_memory(*_: object, **_named: object) -> None:
        raise MemoryError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr("artifact_torch.checkpoints.snapshot._memory", no_memory)
        saved(checkpointer, 1)
    assert "checkpoint of step 1 could not be copied (no memory); training goes on" in caplog.text
    assert checkpointer.is_due(at(2))
    saved(checkpointer, 2)
    assert checkpointer.load()["log"] == [{"n": 0}, {"n": 1}]
