"""Checkpoints: complete or not there, bounded in number, the newest whole one is found."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from safetensors.torch import load as load_tensors

from artifact_torch import FolderCheckpointer, steps
from artifact_torch.checkpoints import saving
from artifact_torch.checkpoints.job import Job
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import (
    Checkpointer,
    Clocked,
    Continued,
    Drained,
    Moment,
)
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.disk import write_file
from tests.toys import same_weights


def end(epoch: int) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch)


def within(step: int) -> Moment:
    return Moment(epoch=step // 10, step=step, ends_epoch=False)


def saved(checkpointer: FolderCheckpointer, moment: Moment, **state: object) -> None:
    """On the disk when it returns."""
    checkpointer.save(moment, state)
    checkpointer.drain(60)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def test_it_satisfies_its_contracts(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    for contract in (Checkpointer, Continued, Drained, Clocked):
        assert isinstance(checkpointer, contract)


def test_it_gives_back_what_was_saved(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path / "new", every=1)
    checkpointer.save(end(3), {"weights": {"w": torch.arange(4.0)}, "n": 3, "none": None})
    state = checkpointer.load()
    assert state["n"] == 3
    assert same_weights(read(state, "weights"), {"w": torch.arange(4.0)})


def test_the_files_are_what_they_say(tmp_path: Path) -> None:
    saved(FolderCheckpointer(tmp_path), end(3), model={"w": torch.arange(4.0)}, log=[{"a": 1}])
    assert names(tmp_path) == ["epoch_00003_step_00000030", "log.copy.jsonl", "log.jsonl"]
    folder = tmp_path / "epoch_00003_step_00000030"
    assert names(folder) == ["manifest.json", "state.json", "tensors.safetensors"]
    tensors = load_tensors((folder / "tensors.safetensors").read_bytes())
    assert same_weights(tensors, {"model/w": torch.arange(4.0)})
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["format"], manifest["checkpoint"]["step"]) == (1, 30)
    for name, told in manifest["files"].items():
        assert told["bytes"] == (folder / name).stat().st_size


def test_later_updates_do_not_reach_what_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = Event()

    def slow(path: Path, *parts: bytes | memoryview) -> None:
        assert copied.wait(60)
        write_file(path, *parts)

    monkeypatch.setattr("artifact_torch.checkpoints.saving.write_file", slow)
    weight, rows = torch.zeros(1000), [1]
    checkpointer = FolderCheckpointer(tmp_path)
    checkpointer.save(end(1), {"w": weight, "log": rows, "lr": [0.1]})
    weight.fill_(5.0)
    rows.append(2)
    copied.set()
    state = checkpointer.load()
    assert isinstance(state["w"], torch.Tensor)
    assert state["w"].eq(0).all()
    assert state["log"] == [1]


def test_what_was_loaded_is_free_of_its_file(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    checkpointer.save(end(1), {"w": torch.ones(1000)})
    weight = checkpointer.load()["w"]
    assert isinstance(weight, torch.Tensor)
    weight.mul_(2)
    shutil.rmtree(tmp_path)
    assert weight.eq(2).all()


def test_the_newest_and_the_best_stay(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1, keep=2)
    for epoch in (1, 2, 3, 9, 10):
        checkpointer.save(end(epoch), {"n": epoch, "run": {"best": (2, 20)}})
    assert checkpointer.steps() == [20, 90, 100]
    assert checkpointer.load()["n"] == 10
    assert checkpointer.load(epoch=2)["n"] == 2
    checkpointer.save(end(11), {"n": 11, "run": {"best": (11, 110)}})
    assert checkpointer.steps() == [100, 110]
    assert checkpointer.newest() == tmp_path / "epoch_00011_step_00000110"


@pytest.mark.parametrize(("epoch", "due"), [(4, False), (5, True), (6, False), (10, True)])
def test_cadence(tmp_path: Path, epoch: int, *, due: bool) -> None:
    assert FolderCheckpointer(tmp_path, every=5).is_due(end(epoch)) is due


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    with pytest.raises(CheckpointError, match=r"found none; .*with run_folder="):
        checkpointer.load()
    assert checkpointer.newest() is None
    checkpointer.save(end(2), {})
    with pytest.raises(
        CheckpointError, match=r"a checkpoint of epoch 7, found epoch_00002_step_00000020;"
    ):
        checkpointer.load(epoch=7)


def test_files_of_before_are_named(tmp_path: Path) -> None:
    (tmp_path / "epoch_00001_step_00000010.pt").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"\.pt files are of artifact-torch 0\.1"):
        FolderCheckpointer(tmp_path).load()


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
            untyped(FolderCheckpointer, folder, every=every, keep=keep, strict=1)
        first, second, third = str(refused.value).splitlines()
        assert first.startswith(f"FolderCheckpointer: {said}")
        assert second.startswith("FolderCheckpointer: keep (checkpoints, or None for all) must be")
        assert third == "FolderCheckpointer: strict must be True or False, got 1"


def test_a_state_that_could_not_be_loaded_back_is_not_written(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path, every=1)
    bad = {"stop": {"best": np.float64(1)}, "history": [1, Path("a")], "n": 1}
    calls: list[Callable[[], None]] = [
        lambda: checkpointer.save(end(3), bad),
        lambda: checkpointer.begin(0, bad),
    ]
    for call in calls:
        with pytest.raises(CheckpointError) as refused:
            call()
        assert "  - stop -> best: got numpy.float64, save float(...)\n" in str(refused.value)
    for log in ("rows", [torch.ones(1)], [object()]):
        with pytest.raises(CheckpointError):
            checkpointer.save(end(3), {"log": log})
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


def test_of_one_step_the_last_save_stays(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    for n in range(3):
        saved(checkpointer, end(1), n=n)
    assert len(checkpointer.steps()) == 1
    assert checkpointer.load()["n"] == 2
    saved(checkpointer, within(10), n=3)  # which does not end the epoch: both are wanted
    assert checkpointer.steps() == [10, 10]
    assert checkpointer.load()["n"] == 3
    assert checkpointer.load(epoch=1)["n"] == 2


def test_a_folder_stays_the_one_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    relative, of_home = FolderCheckpointer("runs", every=1), FolderCheckpointer("~/x", every=1)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    saved(relative, end(1))
    saved(of_home, end(1))
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("epoch_*")}
    assert found == {f"{at}/epoch_00001_step_00000010" for at in ("runs", "home/x")}


def test_a_folder_that_cannot_be_made_is_refused_at_build(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = f"got {tmp_path}/file/inside, and a file is at {tmp_path}/file"
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        FolderCheckpointer(tmp_path / "file" / "inside", every=1)
    with pytest.raises(ConfigurationError, match=r"cannot be made .*can be written to"):
        FolderCheckpointer(tmp_path / ("long" * 100), every=1)


def test_a_run_that_begins_anew_is_told_and_sets_all_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for n in (1, 2):
        old = FolderCheckpointer(tmp_path)
        old.save(end(1), {"run": "old"})
        saved(old, end(3), run="old")
        new = FolderCheckpointer(tmp_path)
        caplog.clear()
        new.begin(0, {})
        assert "holds checkpoints of steps [10, 30], and this run begins anew" in caplog.text
        assert new.steps() == [10, 30]
        saved(new, end(2), run="new")
        assert new.steps() == [20]
        assert new.load()["run"] == "new"
        assert FolderCheckpointer(tmp_path / "abandoned" / str(n)).steps() == [10, 30]
        shutil.rmtree(tmp_path / "epoch_00002_step_00000020")
    assert len(caplog.messages) == 1


def test_a_rewind_lasts_from_the_moment_at_which_training_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows: list[object] = []
    first = FolderCheckpointer(tmp_path, keep=None)
    for epoch in (1, 2, 3, 4):
        rows.append({"epoch": epoch})
        saved(first, end(epoch), log=rows, future="old")
    state = FolderCheckpointer(tmp_path).load(epoch=2)
    FolderCheckpointer(tmp_path).begin(20, state)  # and the process dies
    third = FolderCheckpointer(tmp_path, keep=None)
    assert "[30, 40], from which restore() before train() would have gone on" in caplog.text
    assert third.steps() == [10, 20]
    assert third.load()["log"] == [{"epoch": 1}, {"epoch": 2}]
    left = FolderCheckpointer(tmp_path / "abandoned" / "1")
    assert left.load()["log"] == rows
    third.begin(20, state)
    saved(third, end(3), log=[*rows[:2], {"epoch": 3, "new": True}], future="new")
    assert third.steps() == [10, 20, 30]
    assert third.load() == {"log": [*rows[:2], {"epoch": 3, "new": True}], "future": "new"}
    assert third.load(epoch=1)["log"] == rows[:1]
    assert left.load()["log"] == rows


def test_without_a_word_of_where_training_goes_on_the_step_says_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for epoch in (10, 15, 20):
        saved(FolderCheckpointer(tmp_path, every=1), end(epoch), run="old")
    new = FolderCheckpointer(tmp_path, every=1, keep=3)
    for epoch in (1, 2):
        saved(new, end(epoch), run="new")
    assert new.steps() == [10, 20]
    assert new.load()["run"] == "new"
    assert "[100, 150, 200], from which restore() before train() would have gone on" in caplog.text


def test_the_log_is_appended_and_not_written_again(tmp_path: Path) -> None:
    checkpointer, rows = FolderCheckpointer(tmp_path), list[object]()
    files = set[int]()
    for epoch in range(1, 8):
        rows += [{"epoch": epoch, "loss": float("nan")}] * 1000
        saved(checkpointer, end(epoch), log=rows)
        files.add((tmp_path / "log.jsonl").stat().st_ino)
    assert len(files) == 1
    assert repr(checkpointer.load()["log"]) == repr(rows)
    assert (tmp_path / "log.jsonl").read_bytes() == (tmp_path / "log.copy.jsonl").read_bytes()
    again = FolderCheckpointer(tmp_path)
    again.begin(70, {"log": rows})
    saved(again, end(8), log=[*rows, 1])
    assert (tmp_path / "log.jsonl").stat().st_ino in files
    assert repr(again.load(epoch=7)["log"]) == repr(rows)


def test_a_log_that_is_another_is_never_taken_for_it(tmp_path: Path) -> None:
    checkpointer = FolderCheckpointer(tmp_path)
    saved(checkpointer, end(1), log=[1, 2, 3])
    for name in ("log.jsonl", "log.copy.jsonl"):
        (tmp_path / name).unlink()
    with pytest.raises(CheckpointError, match=r"needs 3 rows of log\.jsonl, of which 0 are whole"):
        checkpointer.load()


def test_a_second_save_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = list[str]()
    write = saving.Saving.write

    def told(self: saving.Saving, job: Job, before: Callable[[], object]) -> None:
        order.append(f"begin {job.moment.step}")
        write(self, job, before)
        order.append(f"end {job.moment.step}")

    monkeypatch.setattr(saving.Saving, "write", told)
    checkpointer = FolderCheckpointer(tmp_path)
    for epoch in (1, 2, 3):
        checkpointer.save(end(epoch), {"w": torch.ones(1000)})
    checkpointer.drain(60)
    assert order == [f"{what} {step}" for step in (10, 20, 30) for what in ("begin", "end")]


def test_drain_gives_up_in_time_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    go_on = Event()

    def wait(_folder: Path) -> None:
        assert go_on.wait(60)

    monkeypatch.setattr(saving, "remove_leftovers", wait)
    checkpointer = FolderCheckpointer(tmp_path)
    checkpointer.save(end(1), {})
    checkpointer.drain(0.01)
    assert "a checkpoint is still being written after 0.01 seconds" in caplog.text
    go_on.set()
    assert checkpointer.steps() == [10]


@pytest.fixture(autouse=True)
def nothing_temporary_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [*tmp_path.rglob(".*")]
