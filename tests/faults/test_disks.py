"""Disks that fill, folders that go, clocks that jump: the run ends as without, and says so."""

import itertools
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import RunState
from artifact_torch.errors import ConfigurationError, RunFolderError
from artifact_torch.testing.asked import Short, Shortage
from artifact_torch.testing.promises import kept_on_a_full_disk, kept_when_corrupted
from artifact_torch.testing.runs import require_same
from tests.faults.conftest import CAUSES_ALL, Leads, of_all
from tests.faults.trainers import forty_steps, short
from tests.toys import same_weights

ROOT = Path(__file__).parents[2]


@of_all
def test_a_disk_that_nothing_can_be_written_to_ends_no_run(leads: Leads) -> None:
    kept_on_a_full_disk(leads(forty_steps))


@pytest.mark.parametrize(
    ("of", "word"),
    [
        ("no space", "No space left on device"),
        ("file size", "File too large"),
        ("no descriptors", "Too many open files"),
        ("read only", "Read-only file system"),
    ],
)
def test_what_could_not_be_written_is_told_with_its_cause(
    leads: Leads, of: Shortage, word: str
) -> None:
    runs = leads(forty_steps)
    runs.begin()
    (end,) = runs.led(runs.new_folder(), [Short(of=of, first=20, until=60)])
    require_same(end, "a disk ends no run", of)
    assert end.answer is not None
    said = [text for text in end.answer.said if word in text]
    assert any("checkpoint" in text for text in said), end.answer.said
    assert any("record" in text for text in said), end.answer.said
    assert len(end.answer.said) < 25  # once each, not at every step


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken(leads: Leads) -> None:
    kept_when_corrupted(leads(forty_steps), 200 if CAUSES_ALL else 5)


def test_a_folder_that_is_deleted_ends_no_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"

    class Deletes:
        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 2:
                shutil.rmtree(folder, ignore_errors=True)

    with caplog.at_level(logging.WARNING):
        result = short(folder, hooks=[Deletes()]).train()
    assert result.n_epochs_elapsed == 3
    assert same_weights(result.last_weights, short(None).train().last_weights)


def test_a_folder_whose_place_is_taken_by_a_file_ends_no_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"

    class Replaces:
        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 2:
                folder.rename(tmp_path / "elsewhere")
                folder.write_text("somebody's notes")

    result = short(folder, hooks=[Replaces()]).train()
    assert result.n_epochs_elapsed == 3
    assert same_weights(result.last_weights, short(None).train().last_weights)
    assert folder.read_text() == "somebody's notes"
    said = [text for text in caplog.messages if str(folder) in text]
    assert any("move away the file that is where the folder was" in text for text in said), said
    assert any("record" in text for text in said), said
    with pytest.raises(ConfigurationError, match="run"):
        short(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk, mount = tmp_path / "disk", shutil.which("mount")
    disk.mkdir()
    command = [mount or "", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("this user cannot mount a small disk")
    yield disk
    subprocess.run([shutil.which("umount") or "umount", str(disk)], check=True)  # noqa: S603


def test_a_real_disk_that_is_full_ends_no_run_and_is_gone_on_from(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once it has room again; and in a process that finds it as full."""
    ballast = small_disk / "ballast"

    class Fills:
        def __init__(self, folder: Path, *, is_freed: bool) -> None:
            self.folder, self.is_freed = folder, is_freed

        def on_epoch_end(self, state: RunState) -> None:
            if state.n_epochs_elapsed == 2:  # before the checkpoint of its own
                until((self.folder / "checkpoints" / "epoch_00001_step_00000002").exists)
                with ballast.open("wb", buffering=0) as file, suppress(OSError):
                    while file.write(b"x" * 4096):
                        pass
            if state.n_epochs_elapsed == 3 and self.is_freed:
                until(lambda: "checkpoint of epoch 2 could not be written" in caplog.text)
                ballast.unlink()

    expected = short(None).train()
    for name, is_freed, kept in (("freed", True, [2, 6]), ("full", False, [2])):
        folder = small_disk / name
        result = short(folder, hooks=[Fills(folder, is_freed=is_freed)]).train()
        assert same_weights(result.last_weights, expected.last_weights)
        assert "No space left on device" in caplog.text
        assert FolderCheckpointer(folder / "checkpoints").steps() == kept
        again = short(folder).train()
        assert same_weights(again.last_weights, expected.last_weights)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what is done beside the training."""
    limit = time.monotonic() + 100
    while not holds() and time.monotonic() < limit:
        time.sleep(0.005)


def test_a_working_directory_that_changes_moves_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    class Leaves:
        def on_epoch_end(self, state: RunState) -> None:
            monkeypatch.chdir(tmp_path / "elsewhere")

    short(Path("run"), hooks=[Leaves()]).train()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert len(list((tmp_path / "run" / "checkpoints").glob("epoch_*"))) == 3


def test_a_second_process_is_refused_with_host_and_number(tmp_path: Path) -> None:
    refusals: list[str] = []

    class Doubles:
        def on_epoch_end(self, state: RunState) -> None:
            with pytest.raises(RunFolderError) as raised:
                short(tmp_path / "run").train()
            refusals.append(str(raised.value))

    assert short(tmp_path / "run", hooks=[Doubles()]).train().n_epochs_elapsed == 3
    assert len(refusals) == 3
    assert all(str(os.getpid()) in text and socket.gethostname() in text for text in refusals)


def test_a_clock_that_goes_back_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = short(tmp_path / "first").train()
    begin, ticks = time.time(), itertools.count()
    monkeypatch.setattr(time, "time", lambda: begin - 3600.0 * next(ticks))
    result = short(tmp_path / "second").train()
    assert same_weights(result.last_weights, expected.last_weights)
    again = short(tmp_path / "second").train()
    assert again.n_epochs_elapsed == 3
    assert same_weights(again.last_weights, expected.last_weights)


def test_a_home_that_cannot_be_written_to_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the time zone, nor the locale in which it went before."""
    home = tmp_path / "home"
    home.write_text("a file, where a folder should be")
    monkeypatch.setenv("HOME", str(home))

    class Leaves:
        def on_epoch_end(self, state: RunState) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        with pytest.raises(KeyboardInterrupt):
            short(tmp_path / "run", hooks=[Leaves()]).train()
    program = "import sys; from tests.faults.trainers import *; short(Path(sys.argv[1])).train()"
    other = {"TZ": "America/Caracas", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "77"}
    subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program, str(tmp_path / "run")],
        env={**os.environ, **other, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    time.tzset()
    result = short(tmp_path / "run").train()
    assert result.n_steps == 6
    assert same_weights(result.last_weights, short(None).train().last_weights)
