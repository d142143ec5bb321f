"""Checkpoints: complete or not there, bounded in number, readable without running code."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artifact_torch import FolderCheckpointer, steps
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError, ConfigurationError
from tests.toys import same_weights


def end(epoch: int) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch)


def within(step: int) -> Moment:
    return Moment(epoch=step // 10, step=step, ends_epoch=False)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def test_it_gives_back_what_was_saved(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path / "new", every=1)
    checkpointer.save(end(3), {"weights": {"w": torch.arange(4.0)}, "n": 3, "none": None})
    state = checkpointer.load()
    assert state["n"] == 3
    assert same_weights(read(state, "weights"), {"w": torch.arange(4.0)})


def test_the_newest_stay(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1, keep=2)
    for epoch in (1, 2, 9, 10):
        checkpointer.save(end(epoch), {"n": epoch})
    assert checkpointer.steps() == [90, 100]
    assert checkpointer.load()["n"] == 10
    assert checkpointer.load(epoch=9)["n"] == 9


def test_a_failure_while_writing_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    checkpointer.save(end(1), {"n": 1})

    def full_disk(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpointer.save(end(1), {"n": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["epoch_00001_step_00000010.pt"]
    assert checkpointer.load()["n"] == 1


@pytest.mark.parametrize(("epoch", "due"), [(4, False), (5, True), (6, False), (10, True)])
def test_cadence(tmp_path: Path, epoch: int, *, due: bool) -> None:
    assert FolderCheckpointer(tmp_path, every=5).is_due(end(epoch)) is due


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    with pytest.raises(CheckpointError, match=r"found none; .*if checkpointer\.steps\(\)"):
        checkpointer.load()
    checkpointer.save(end(2), {})
    with pytest.raises(
        CheckpointError, match=r"a checkpoint of epoch 7, found epoch_00002_step_00000020\.pt"
    ):
        checkpointer.load(epoch=7)


def test_a_damaged_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "epoch_00001_step_00000001.pt").write_bytes(b"no checkpoint")
    with pytest.raises(CheckpointError, match=r"(?s)cannot be read .*load an older one"):
        FolderCheckpointer(tmp_path, every=1).load()


def test_bad_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cases: list[tuple[object, object, object, str]] = [
        (tmp_path, 0, 0, "every must be at least 1, got 0; a whole number means epochs"),
        (tmp_path, [], 0, "every must have at least one cadence, got an empty list; write every=1"),
        (tmp_path, "1", "3", "every must be an int of at least 1, got '1'; a whole number means"),
        ("", 1, 0, "folder must be a path, got ''"),
        (None, 1, 0, "folder must be a path, got None"),
        (tmp_path / "file", 1, 0, "folder must be a folder, or not there yet, got the file "),
    ]
    for folder, every, keep, said in cases:
        with pytest.raises(ConfigurationError) as refused:
            untyped(FolderCheckpointer, folder, every=every, keep=keep)
        first, second = str(refused.value).splitlines()
        assert first.startswith(f"FolderCheckpointer: {said}")
        assert second.startswith("FolderCheckpointer: keep (files, or None for all) must be a")


def test_checkpoints_of_another_run_are_set_aside_and_never_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for epoch in (10, 15, 20):
        FolderCheckpointer(tmp_path, every=1).save(end(epoch), {"run": "old"})
    new = FolderCheckpointer(tmp_path, every=1, keep=3)
    for epoch in (1, 2):
        new.save(end(epoch), {"run": "new"})
    assert new.steps() == [10, 20]
    assert new.load()["run"] == "new"
    assert len(list((tmp_path / "abandoned").iterdir())) == 3
    assert "[100, 150, 200], from which restore() before train() would have gone on" in caplog.text


def test_a_state_that_could_not_be_loaded_back_is_not_written(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    with pytest.raises(CheckpointError) as refused:
        checkpointer.save(
            end(3), {"stop": {"best": np.float64(1)}, "history": [1, Path("a")], "n": 1}
        )
    assert str(refused.value) == (
        "checkpoint: could not be loaded back, so it is not written:\n"
        "  - stop -> best: got numpy.float64, save float(...)\n"
        f"  - history -> 1: got {type(Path()).__module__}.{type(Path()).__name__}, save str(...)\n"
        "Expected tensors, numbers, texts, None, and dicts, lists, tuples and sets of them; change "
        "what state_dict returns. What was recorded so far is kept."
    )
    assert checkpointer.steps() == []


def test_within_an_epoch_the_step_names_it(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=[1, steps(4)], keep=None)
    assert [step for step in range(1, 10) if checkpointer.is_due(within(step))] == [4, 8]
    assert checkpointer.is_due(end(1))
    for moment in (within(8), end(1), within(12)):
        checkpointer.save(moment, {"step": moment.step})
    assert checkpointer.steps() == [8, 10, 12]
    assert [checkpointer.load(step=step)["step"] for step in (8, 10, 12)] == [8, 10, 12]
    assert checkpointer.load(epoch=1)["step"] == 10
    assert checkpointer.load()["step"] == 12


def test_a_folder_stays_the_one_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    relative, of_home = FolderCheckpointer("runs", every=1), FolderCheckpointer("~/x", every=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    relative.save(end(1), {})
    of_home.save(end(1), {})
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.pt")}
    assert names == {f"{at}/epoch_00001_step_00000010.pt" for at in ("runs", "home/x")}


def test_a_folder_that_cannot_be_made_is_refused_at_build(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"cannot be made .*can be written to"):
        FolderCheckpointer(tmp_path / "file" / "inside", every=1)


def test_a_run_that_begins_anew_is_told_and_sets_all_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        old = FolderCheckpointer(tmp_path)
        old.save(end(1), {"run": "old"})
        old.save(end(3), {"run": "old"})
        new = FolderCheckpointer(tmp_path)
        caplog.clear()
        new.begin(0, {})
        assert "holds checkpoints of steps [10, 30], and this run begins anew" in caplog.text
        assert new.steps() == [10, 30]
        new.save(end(2), {"run": "new"})
        assert new.steps() == [20]
        assert new.load()["run"] == "new"
        (tmp_path / "epoch_00002_step_00000020.pt").unlink()
    assert len(list((tmp_path / "abandoned").iterdir())) == 4
