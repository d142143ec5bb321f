"""A lock of a file is the process's alone, and a file system without locks is said to have none."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment
from artifact_torch.internal.file_lock import close_lock, is_locked, open_lock


def test_one_descriptor_has_it_until_it_is_closed(tmp_path: Path) -> None:
    first, second = open_lock(tmp_path / "lock"), open_lock(tmp_path / "lock")
    assert is_locked(first) is True
    assert is_locked(second) is False
    close_lock(first)
    assert is_locked(second) is True
    close_lock(second)


def test_a_forked_process_does_not_hold_it_on(tmp_path: Path) -> None:
    held = open_lock(tmp_path / "lock")
    assert is_locked(held)
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(to_child)
        os.write(to_parent, b"1")
        os.read(from_parent, 1)  # until the parent is done
        os._exit(0)
    try:
        os.read(from_child, 1)
        close_lock(held)
        other = open_lock(tmp_path / "lock")
        assert is_locked(other) is True
        close_lock(other)
    finally:
        os.close(to_child)
        os.waitpid(child, 0)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_without_locks_a_save_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    other = tmp_path / ".saving-elsewhere-1-0"  # which may be another machine's that lives
    other.mkdir()
    other.with_name(f"{other.name}.lock").touch()
    checkpointer = FolderCheckpointer(tmp_path)
    checkpointer.save(Moment(epoch=1, step=2), {"log": []})
    checkpointer.drain(60.0)
    assert checkpointer.steps() == [2]
    assert sorted(path.name for path in tmp_path.glob(".saving-*")) == [
        other.name,
        f"{other.name}.lock",
    ]
