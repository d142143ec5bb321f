"""Checkpoints: complete or not there, bounded in number, readable without running code."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artifact_torch import FolderCheckpointer
from artifact_torch.checkpoints.state import read
from artifact_torch.errors import CheckpointError, ConfigurationError
from tests.toys import same_weights


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


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
    with pytest.raises(CheckpointError, match=r"found epochs \[\]; .*if checkpointer\.epochs\(\)"):
        checkpointer.load()
    checkpointer.save(2, {})
    with pytest.raises(CheckpointError, match=r"a checkpoint of epoch 7, found epochs \[2\]"):
        checkpointer.load(7)


def test_a_damaged_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "epoch_00001.pt").write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match=r"(?s)cannot be read .*load an older epoch"):
        FolderCheckpointer(tmp_path, every=1).load()


def test_bad_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cases: list[tuple[object, object, object, str]] = [
        (tmp_path, 0, 0, "every (epochs) must be at least 1, got 0"),
        (tmp_path, "1", "3", "every (epochs) must be an int of at least 1, got '1'"),
        (None, 1, 0, "folder must be a path, got None"),
        (tmp_path / "file", 1, 0, "folder must be a folder, or not there yet, got the file "),
    ]
    for folder, every, keep, said in cases:
        with pytest.raises(ConfigurationError) as refused:
            untyped(FolderCheckpointer, folder, every=every, keep=keep)
        first, second = str(refused.value).splitlines()
        assert first.startswith(f"FolderCheckpointer: {said}")
        assert second.startswith("FolderCheckpointer: keep (files, or None for all) must be a")


def test_checkpoints_of_another_run_are_set_aside_and_never_counted(tmp_path: Path) -> None:
    for epoch in (10, 15, 20):
        FolderCheckpointer(tmp_path, every=1).save(epoch, {"run": "old"})
    new = FolderCheckpointer(tmp_path, every=1, keep=3)
    for epoch in (1, 2):
        new.save(epoch, {"run": "new"})
    assert new.epochs() == [1, 2]
    assert new.load()["run"] == "new"
    assert len(list((tmp_path / "abandoned").iterdir())) == 3


def test_a_state_that_could_not_be_loaded_back_is_not_written(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    with pytest.raises(CheckpointError) as refused:
        checkpointer.save(3, {"stop": {"best": np.float64(1)}, "history": [1, Path("a")], "n": 1})
    assert str(refused.value) == (
        "checkpoint of epoch 3: could not be loaded back, so it was not written:\n"
        "  - stop -> best: got numpy.float64, save float(...)\n"
        f"  - history -> 1: got {type(Path()).__module__}.{type(Path()).__name__}, save str(...)\n"
        "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of them. The "
        "results of this epoch and those before it are recorded already; change what state_dict "
        "returns."
    )
    assert checkpointer.epochs() == []
