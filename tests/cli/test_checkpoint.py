"""`artifact-torch checkpoint`: what is there, whether it is whole, what is in it, its weights."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load

from artifact_torch import FolderCheckpointer
from artifact_torch.cli.main import main
from artifact_torch.contracts import Moment
from tests.toys import same_weights

WEIGHTS = {"w": torch.arange(6.0).reshape(2, 3), "b": torch.zeros(2)}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with two checkpoints, and one that was left behind."""
    checkpointer = FolderCheckpointer(tmp_path / "checkpoints")
    for epoch in (1, 3, 2):
        state = {"model": WEIGHTS, "run": {"n": epoch, "best": None}, "log": [1, 2, 3, 4, 5]}
        checkpointer.save(Moment(epoch=epoch, step=10 * epoch), state)
    checkpointer.drain(60)
    return tmp_path


def damage(run: Path) -> None:
    file = run / "checkpoints" / "epoch_00002_step_00000020" / "tensors.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["checkpoint", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("folder", [".", "checkpoints"])
def test_ls_has_a_line_each(run: Path, capsys: pytest.CaptureFixture[str], folder: str) -> None:
    (run / "checkpoints" / "step_00000099").mkdir()
    status, out, _ = said(capsys, "ls", run / folder)
    lines = [line.split() for line in out.splitlines()]
    assert status == 0
    assert lines[0] == ["epoch", "step", "size", "saved", "(UTC)"]
    assert [line[:3] for line in lines[1:3]] == [
        ["epoch_00001_step_00000010", "1", "10"],
        ["epoch_00002_step_00000020", "2", "20"],
    ]
    assert lines[3] == [
        "step_00000099",
        "has",
        "no",
        "manifest.json:",
        "its",
        "save",
        "was",
        "not",
        "finished",
    ]
    assert out.endswith("and 1 of futures that were left behind, in abandoned/\n")


def test_verify_names_what_is_damaged(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = "epoch_00001_step_00000010: whole\nepoch_00002_step_00000020: "
    assert said(capsys, "verify", run) == (0, f"{whole}whole\n", "")
    damage(run)
    expected = f"{whole}tensors.safetensors is damaged: model/b\n"
    assert said(capsys, "verify", run) == (1, expected, "")
    shutil.rmtree(run / "checkpoints")
    status, out, _ = said(capsys, "verify", run)
    assert (status, out) == (1, f"{run}: no checkpoints\n")


def test_show_is_a_tree(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = (
        "model\n  w: float32 [2, 3]\n  b: float32 [2]\nrun\n  n: {}\n  best: None\nlog: 5 items\n"
    )
    assert said(capsys, "show", run) == (0, expected.format(2), "")
    assert said(capsys, "show", run, "--epoch", "1")[1] == expected.format(1)
    one = run / "checkpoints" / "epoch_00001_step_00000010"
    assert said(capsys, "show", one)[1] == expected.format(1)


def test_export_writes_the_weights_that_anyone_can_load(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "weights.safetensors"
    status, out, _ = said(capsys, "export", run, "--step", "10", "--to", file)
    assert (status, out) == (0, f"{file}: 2 tensors, 0.0 KiB\n")
    assert same_weights(load(file.read_bytes()), WEIGHTS)


def test_what_cannot_be_read_is_an_error_in_words(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = said(capsys, "show", run / "none")
    assert (status, err.count("is no folder; give that of a run")) == (2, 1)
    status, _, err = said(capsys, "export", run, "--epoch", "7", "--to", run / "file")
    assert (status, err.count("expected a checkpoint of epoch 7, found epoch_00001")) == (2, 1)
    status, _, err = said(capsys, "export", run, "--to", run / "none" / "file")
    assert (status, err.count("No such file or directory")) == (2, 1)
    damage(run)
    status, _, err = said(capsys, "show", run / "checkpoints" / "epoch_00002_step_00000020")
    assert (status, err.count("tensors.safetensors is damaged: model/b")) == (2, 1)
