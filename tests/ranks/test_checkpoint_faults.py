"""Saves of several ranks of which one fails or dies: nothing is loaded that is not whole, and no rank
waits for ever or goes on alone.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from unittest import mock

import pytest
import torch
from torch import Tensor

from artifact_torch import FolderCheckpointer
from artifact_torch.checkpoints import saving
from artifact_torch.checkpoints.sharded import by_rows, divided_as, whole
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.disk import write_file
from artifact_torch.internal.ranks import gathered, ranks
from tests.ranks.heard import Heard
from tests.ranks.kit import World, in_ranks

Call = Literal["write_file", "sync", "free_name"]


def state(step: int) -> dict[str, object]:
    """A tensor that is divided, by five rows; one that is not; the log."""
    weights = torch.full((5, 3), float(step))
    divided = divided_as(weights, by_rows([5, 3], torch.float32))
    return {"w": divided, "n": torch.tensor(step), "log": [*range(step)]}


def save(checkpointer: FolderCheckpointer, step: int) -> None:
    checkpointer.save(Moment(epoch=step, step=step), state(step))
    checkpointer.drain(60)


def loaded(checkpointer: FolderCheckpointer) -> tuple[float, int]:
    found = checkpointer.load()
    weights, n = found["w"], found["n"]
    assert isinstance(weights, Tensor)
    assert isinstance(n, Tensor)
    values = whole(weights)
    assert values.shape == (5, 3)
    assert found["log"] == [*range(int(n))]
    assert bool((values == values[0, 0]).all())
    return float(values[0, 0]), int(n)


def at_call(n: int, do: Callable[[], object], call: Callable[..., object]) -> mock.Mock:
    """The `n`-th call does something else instead, or before it."""
    n_calls = 0

    def counted(*arguments: object) -> object:
        nonlocal n_calls
        n_calls += 1
        if n_calls == n:
            do()
        return call(*arguments)

    return mock.Mock(side_effect=counted)


def killed_in(folder: Path, rank: int, call: Call, n: int) -> list[int]:
    """One rank is gone in the middle of the second save."""
    checkpointer = FolderCheckpointer(folder)
    save(checkpointer, 1)
    if ranks().rank == rank:
        die = at_call(n, lambda: os._exit(9), vars(saving)[call])
        mock.patch.object(saving, call, die).start()
    save(checkpointer, 2)
    return checkpointer.steps()


KILLS: list[tuple[int, Call, int, int]] = [
    # rank, before which call in the save, what is the newest then
    (1, "write_file", 1, 1),
    (0, "write_file", 1, 1),
    (0, "write_file", 2, 1),
    (0, "write_file", 3, 1),
    (0, "sync", 1, 1),
    (0, "free_name", 1, 1),
    (0, "sync", 2, 2),
]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders in which a rank died."""
    folders = list[Path]()
    for rank, call, n, _ in KILLS:
        folder = tmp_path_factory.mktemp(f"{rank}_{call}_{n}_")
        endings = World(2, timeout_s=60).endings(killed_in, folder, rank, call, n)
        assert endings[rank].exit_code == 9
        assert endings[1 - rank].exit_code == 0  # it was told, and did not wait
        folders.append(folder)
    return folders


def load_and_go_on(folders: list[Path]) -> list[tuple[tuple[float, int], tuple[float, int]]]:
    found = list[tuple[tuple[float, int], tuple[float, int]]]()
    for folder in folders:
        checkpointer = FolderCheckpointer(folder)
        before = loaded(checkpointer)
        checkpointer.begin(before[1], state(before[1]))
        save(checkpointer, 3)
        found.append((before, loaded(checkpointer)))
    return found


def test_a_rank_that_dies_in_a_save_leaves_the_one_before(killed: list[Path]) -> None:
    expected = [newest for *_, newest in KILLS]
    assert [loaded(FolderCheckpointer(folder)) for folder in killed] == [
        (newest, newest) for newest in expected
    ]
    assert (
        in_ranks(2, load_and_go_on, killed)
        == [[((newest, newest), (3.0, 3)) for newest in expected]] * 2
    )
    for folder in killed:
        assert not [each.name for each in folder.iterdir() if each.name.startswith(".")]


def full_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def one_disk_is_full(folder: Path) -> tuple[list[str], bool, list[int], str, list[int]]:
    heard, moment = Heard(), Moment(epoch=2, step=2)
    checkpointer = FolderCheckpointer(folder / "goes_on", every=9)
    strict = FolderCheckpointer(folder / "strict", strict=True)
    for each in (checkpointer, strict):
        save(each, 1)
    n = 1 if ranks().rank == 1 else 99
    with mock.patch.object(saving, "write_file", at_call(n, full_disk, write_file)):
        save(checkpointer, 2)
    is_due, there = checkpointer.is_due(moment), checkpointer.steps()
    with mock.patch.object(saving, "write_file", at_call(n, full_disk, write_file)):
        strict.save(moment, state(2))
        with pytest.raises(CheckpointError) as error:
            strict.drain(60)
    save(checkpointer, 3)
    return heard.said, is_due, there, str(error.value), checkpointer.steps()


def test_a_rank_that_cannot_write_is_told_by_the_first(tmp_path: Path) -> None:
    first, second = in_ranks(2, one_disk_is_full, tmp_path)
    told = "checkpoint of epoch 2 could not be written ([Errno 28] rank 1: No space left on device)"
    assert told in first[0][0]
    assert "make space" in first[0][0]
    assert second[0] == []
    for _, is_due, there, strict, after in (first, second):
        assert (is_due, there, after) == (True, [1], [1, 3])
        assert "rank 1: No space left on device" in strict


def one_has_no_state(folder: Path) -> tuple[str, list[int]]:
    checkpointer = FolderCheckpointer(folder)
    save(checkpointer, 1)
    odd = {"parts": {"odd": object()}} if ranks().rank == 1 else {}
    with pytest.raises(CheckpointError) as error:
        checkpointer.save(Moment(epoch=2, step=2), state(2) | odd)
    return str(error.value), checkpointer.steps()


def own_folders(folder: Path) -> str:
    checkpointer = FolderCheckpointer(folder / f"{min(ranks().rank, 1)}")
    with pytest.raises(CheckpointError) as error:
        checkpointer.begin(0, state(1))
    return str(error.value)


def test_what_one_rank_cannot_do_all_are_told(tmp_path: Path) -> None:
    for said, there in in_ranks(2, one_has_no_state, tmp_path / "odd"):
        assert said.startswith("rank 1: checkpoint: could not be loaded back")
        assert "parts -> odd: got builtins.object" in said
        assert there == [1]
    for said in in_ranks(3, own_folders, tmp_path):
        assert (
            "is not the folder of all ranks: what rank 0 wrote there is not seen by rank 1" in said
        )
        assert "rank 2 (" in said
        assert "give a folder on a disk that all of them share" in said


def damaged(folder: Path) -> tuple[list[str], tuple[float, int]]:
    heard, checkpointer = Heard(), FolderCheckpointer(folder)
    save(checkpointer, 1)
    save(checkpointer, 2)
    newest = checkpointer.newest()
    if ranks().rank == 1 and newest is not None:
        file = newest / "tensors.00001.safetensors"
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    gathered(None)
    return heard.said, loaded(checkpointer)


def test_a_part_that_is_damaged_is_skipped_by_all(tmp_path: Path) -> None:
    first, second = in_ranks(2, damaged, tmp_path)
    assert first[1] == second[1] == (1.0, 1)
    assert "epoch_00002_step_00000002 tensors.00001.safetensors is damaged: w; " in first[0][0]
    assert "epoch_00001_step_00000001 is loaded instead" in first[0][0]
    assert second[0] == []
