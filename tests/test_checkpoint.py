"""Checkpoints: complete or not there, bounded in number, readable without running code."""

from pathlib import Path

import pytest
import torch

from artifact_torch import FolderCheckpointer
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.state import read
from tests.toys import same_weights


def test_it_gives_back_what_was_saved(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path / "new", every=1)
    checkpointer.save(3, {"weights": {"w": torch.arange(4.0)}, "n": 3, "none": None})
    state = checkpointer.load()
    assert state["n"] == 3
    assert same_weights(read(state, "weights"), {"w": torch.arange(4.0)})


def test_the_newest_stay(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1, keep=2)
    for epoch in (1, 2, 9, 10):
        checkpointer.save(epoch, {"n": epoch})
    assert checkpointer.epochs() == [9, 10]
    assert checkpointer.load()["n"] == 10
    assert checkpointer.load(9)["n"] == 9


def test_a_failure_while_writing_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    checkpointer.save(1, {"n": 1})

    def full_disk(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpointer.save(1, {"n": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["epoch_00001.pt"]
    assert checkpointer.load()["n"] == 1


@pytest.mark.parametrize(("epoch", "due"), [(4, False), (5, True), (6, False), (10, True)])
def test_cadence(tmp_path: Path, epoch: int, *, due: bool) -> None:
    assert FolderCheckpointer(tmp_path, every=5).is_due(epoch) is due


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    with pytest.raises(CheckpointError, match=r"expected a checkpoint, found epochs \[\]"):
        checkpointer.load()
    checkpointer.save(2, {})
    with pytest.raises(CheckpointError, match=r"a checkpoint of epoch 7, found epochs \[2\]"):
        checkpointer.load(7)


def test_a_damaged_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "epoch_00001.pt").write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match=r"(?s)cannot be read .*load an older epoch"):
        FolderCheckpointer(tmp_path, every=1).load()


def test_bad_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="every .epochs. must be a whole number of at lea"):
        FolderCheckpointer(tmp_path, every=0)
    with pytest.raises(ConfigurationError, match="keep must be at least 1 file, or None"):
        FolderCheckpointer(tmp_path, every=1, keep=0)


def test_checkpoints_of_another_run_are_set_aside_and_never_counted(tmp_path: Path) -> None:
    for epoch in (10, 15, 20):
        FolderCheckpointer(tmp_path, every=1).save(epoch, {"run": "old"})
    new = FolderCheckpointer(tmp_path, every=1, keep=3)
    for epoch in (1, 2):
        new.save(epoch, {"run": "new"})
    assert new.epochs() == [1, 2]
    assert new.load()["run"] == "new"
    assert len(list((tmp_path / "abandoned").iterdir())) == 3
