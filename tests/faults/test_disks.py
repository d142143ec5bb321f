"""Disks that fill, folders that go, clocks that jump: the run ends as without, and says so."""

import itertools
import logging
import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from artifact_torch.contracts import RunState
from artifact_torch.errors import RunFolderError
from artifact_torch.testing.asked import Short, Shortage
from artifact_torch.testing.promises import kept_on_a_full_disk, kept_when_corrupted
from tests.faults.conftest import CAUSES_ALL, Leads
from tests.faults.trainers import forty_steps, short
from tests.toys import same_weights


def test_a_disk_that_nothing_can_be_written_to_ends_no_run(leads: Leads) -> None:
    kept_on_a_full_disk(leads(forty_steps))


@pytest.mark.parametrize(
    ("of", "word"),
    [
        ("no space", "No space left on device"),
        ("file size", "File too large"),
        ("no descriptors", "Too many open files"),
    ],
)
def test_what_could_not_be_written_is_told_with_its_cause(
    leads: Leads, of: Shortage, word: str
) -> None:
    runs = leads(forty_steps)
    runs.begin()
    (end,) = runs.led(runs.new_folder(), [Short(of=of, first=20, until=60)])
    assert end.answer is not None
    said = [text for text in end.answer.said if word in text]
    assert any("checkpoint" in text for text in said), end.answer.said
    assert any("record" in text for text in said), end.answer.said
    assert len(end.answer.said) < 25  # once each, not at every step


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_taken(leads: Leads) -> None:
    kept_when_corrupted(leads(forty_steps), 500 if CAUSES_ALL else 10)


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
    home = tmp_path / "home"
    home.write_text("a file, where a folder should be")
    monkeypatch.setenv("HOME", str(home))
    assert short(tmp_path / "run").train().n_epochs_elapsed == 3
