"""What may happen to one of several processes, or to the folder that they share, and ends no run."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import final
from unittest import mock

import pytest

from artifact_torch.checkpoints import saving
from artifact_torch.errors import ConfigurationError, RankError, RunFolderError
from artifact_torch.internal.disk import write_file
from artifact_torch.internal.ranks import ranks
from artifact_torch.run_folder import lock
from artifact_torch.run_folder.settings import versions
from artifact_torch.trainer.ranks import alike
from tests.ranks.deaths import assert_same_run, saved_steps
from tests.ranks.elastic_program import live
from tests.ranks.heard import Heard
from tests.ranks.kit import in_ranks

HOUR_S = 3600.0


def deleted_in_a_save(folder: Path, rank: int) -> list[str]:
    """All that the run has, by one of them, before they write their parts of the third checkpoint."""
    heard, n_files, is_done = Heard(), 0, folder / "deleted"

    def deletes(path: Path, *parts: bytes | memoryview) -> None:
        nonlocal n_files
        n_files += path.name.startswith("tensors")
        if n_files == 3 and ranks().rank == rank and not is_done.exists():
            shutil.rmtree(folder / "run" / "checkpoints")
            shutil.rmtree(folder / "run", ignore_errors=True)  # somebody writes there
            is_done.touch()
        while n_files == 3 and not is_done.exists():
            time.sleep(0.01)
        write_file(path, *parts)

    with mock.patch.object(saving, "write_file", deletes):
        live(folder, "fsdp")
    return [*heard.said]  # it goes on hearing


def other_clock(folder: Path) -> None:
    """The second one's is an hour ahead."""
    now = time.time

    def told() -> float:
        return now() + HOUR_S * ranks().rank

    with mock.patch.object(time, "time", told):
        live(folder, "ddp")


def other_library(folder: Path) -> str:
    there = {**versions(), "torch": f"2.{ranks().rank}", "python": f"3.{ranks().rank}"}
    with mock.patch.object(alike, "versions", return_value=there):
        try:
            live(folder, "ddp")
        except ConfigurationError as error:
            return str(error)
    return ""


def held_by_a_dead_host(folder: Path) -> str:
    """On a disk without locks, where nobody can tell."""
    with mock.patch.object(lock, "is_locked", return_value=None):
        try:
            live(folder, "ddp")
        except (RunFolderError, RankError) as error:
            return f"{type(error).__name__}: {error}"
    return ""


@final
@dataclass(frozen=True)
class Told:
    """In one world."""

    deleted: tuple[list[str], list[str]]
    library: str
    dead_host: str


def all_in_one(folder: Path) -> Told:
    deleted = [deleted_in_a_save(folder / f"deleted_{rank}", rank) for rank in (0, 1)]
    other_clock(folder / "clock")
    return Told(
        deleted=(deleted[0], deleted[1]),
        library=other_library(folder / "library"),
        dead_host=held_by_a_dead_host(folder / "dead_host"),
    )


@pytest.fixture(scope="module")
def unhappy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Told]]:
    folder = tmp_path_factory.mktemp("unhappy")
    for name in ("one", "deleted_0", "deleted_1", "clock", "library"):
        (folder / name).mkdir()
    (folder / "dead_host" / "run").mkdir(parents=True)
    owner = {"host": "dead-host", "pid": 4711, "since": "2026-11-26T06:27:31Z"}
    (folder / "dead_host" / "run" / "lock").write_text(json.dumps(owner))
    live(folder / "one", "ddp")
    return folder, in_ranks(2, all_in_one, folder)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_run_folder_that_is_deleted_in_a_save_ends_no_run(
    unhappy: tuple[Path, list[Told]], rank: int
) -> None:
    folder, (first, second) = unhappy
    outcome = [(folder / of / "outcome.json").read_text() for of in ("one", f"deleted_{rank}")]
    one, other = map(json.loads, outcome)
    assert [other[name] for name in ("stopped", "best", "steps")] == [
        one[name] for name in ("stopped", "best", "steps")
    ]
    assert max(saved_steps(folder / f"deleted_{rank}")) == one["steps"]
    said = [each for each in first.deleted[rank] if "could not be written" in each]
    assert len(said) == 1
    assert "rank 0: No such file or directory" in said[0]
    assert second.deleted[rank] == []


def test_a_clock_that_is_an_hour_off_changes_nothing(
    unhappy: tuple[Path, list[Told]],
) -> None:
    folder, _ = unhappy
    assert_same_run(folder / "clock", folder / "one")


def test_another_version_of_a_library_is_told_on_all(unhappy: tuple[Path, list[Told]]) -> None:
    for each in unhappy[1]:
        first, *_, advice = each.library.splitlines()
        assert first == "train: version of torch is 2.1 on rank 1, 2.0 on rank 0"
        assert "by the same libraries" in advice
        assert "python" not in each.library


def test_a_folder_that_a_dead_host_holds_is_told_on_all(
    unhappy: tuple[Path, list[Told]],
) -> None:
    folder, (first, second) = unhappy
    where = folder / "dead_host" / "run"
    told = f"RunFolderError: {where}: is in use by process 4711 on dead-host"
    assert first.dead_host.startswith(told)
    assert f"if it is dead for certain, delete {where / 'lock'}" in first.dead_host
    assert second.dead_host == f"RankError: rank 0 raised {first.dead_host}"
