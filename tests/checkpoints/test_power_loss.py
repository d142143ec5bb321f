"""What was not synced may be lost, in any part, at any moment: what was acknowledged never is."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.checkpoints.disk_model import Folder, recorded, synced
from tests.checkpoints.kill_each_call import SCENARIOS, begin, found, save

N_DRAWS = 40 if os.environ.get("ARTIFACT_TORCH_FAULTS") == "all" else 4
POSSIBLE: dict[str, list[object]] = {
    "save_next": [[3, "old"], [4, "old"]],
    "begin": [[3, "old"], [1, "old"]],
    "save_new": [[1, "old"], [2, "new"]],
}


@pytest.mark.parametrize("scenario", [*POSSIBLE])
def test_a_loss_of_power_at_each_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: str
) -> None:
    base, folder = tmp_path / "base", tmp_path / "folder"
    for step in (1, 2, 3):
        save(base, step, keep=9)
    if scenario == "save_new":
        begin(base)
    shutil.copytree(base, folder)
    operations = recorded(folder, lambda: SCENARIOS[scenario](folder), monkeypatch)
    draw, seen = random.Random(0), list[object]()
    for n in range(len(operations) + 1):
        disk = Folder.of(base)
        for operation in operations[:n]:
            operation(disk)
        for k in range(N_DRAWS):
            crashed = tmp_path / f"{n}_{k}"
            disk.after_a_crash(crashed, draw)
            seen.append(found(crashed))
            assert seen[-1] in POSSIBLE[scenario]
            shutil.rmtree(crashed)
    first, last = POSSIBLE[scenario]
    assert seen[:N_DRAWS] == [first] * N_DRAWS
    assert seen[-N_DRAWS:] == [last] * N_DRAWS


def test_without_a_sync_the_model_loses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above can fail."""
    base, folder = tmp_path / "base", tmp_path / "folder"
    save(base, 3)
    shutil.copytree(base, folder)

    def no_sync(_: int) -> None:
        pass

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_sync)
        operations = recorded(folder, lambda: save(folder, 4), monkeypatch)
    lost = set[str]()
    for n in range(60):
        disk = Folder.of(base)
        for operation in operations:
            if operation.__qualname__ != synced("").__qualname__:
                operation(disk)
        disk.after_a_crash(tmp_path / str(n), random.Random(n))
        lost.add(str(found(tmp_path / str(n))))
    assert len(lost) > 1
