"""Checkpoints of a run that goes on, which removes older ones while somebody reads."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from artifact_torch import FolderCheckpointer
from artifact_torch.checkpoints import listing, reading
from artifact_torch.checkpoints.manifest import Manifest, read_manifest
from artifact_torch.checkpoints.verifying import verify
from artifact_torch.cli.main import main
from artifact_torch.contracts import Moment


def save(checkpointer: FolderCheckpointer, step: int) -> None:
    checkpointer.save(Moment(epoch=step, step=step), {"step": step})
    checkpointer.drain(60)


def before_each_look(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]) -> None:
    """`act` with the path of a checkpoint whose files are about to be read."""

    def looked(path: Path, manifest: Manifest, names: Iterable[str]) -> None:
        act(path)
        verify(path, manifest, names)

    monkeypatch.setattr(reading, "verify", looked)


def test_the_newest_is_loaded_which_is_there_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = FolderCheckpointer(tmp_path, keep=1)
    save(run, 1)

    def goes_on(path: Path) -> None:
        if path.name.endswith("1"):
            save(run, 2)  # and removes the first

    before_each_look(monkeypatch, goes_on)
    assert FolderCheckpointer(tmp_path).load()["step"] == 2
    assert caplog.text == ""


def test_what_was_removed_meanwhile_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FolderCheckpointer(tmp_path)
    for step in (1, 2, 3):
        save(run, step)

    def removes(path: Path) -> None:
        if path.name.endswith("1"):
            shutil.rmtree(path)

    before_each_look(monkeypatch, removes)
    assert main(["checkpoint", "verify", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (
        "epoch_00002_step_00000002: whole\nepoch_00003_step_00000003: whole\n"
    )


def test_nor_is_it_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = FolderCheckpointer(tmp_path)
    for step in (1, 2):
        save(run, step)

    def removed(path: Path) -> Manifest:
        if path.name.endswith("1"):
            shutil.rmtree(path)
        return read_manifest(path)

    monkeypatch.setattr(listing, "read_manifest", removed)
    assert main(["checkpoint", "ls", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "step_00000002" in out
    assert "step_00000001" not in out
