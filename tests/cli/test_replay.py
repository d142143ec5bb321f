"""`artifact-torch replay`: a step of a run again, in a program of a user."""

import sys
from pathlib import Path

import pytest
import torch

from artifact_torch import Trainer
from artifact_torch.cli.main import main
from artifact_torch.cli.targets.loading import load_module, load_name
from artifact_torch.errors import LossError
from artifact_torch.trainer.failure import keep_failure

PROGRAM = """
import math
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader, EpochBoundStopper, FolderCheckpointer, OptimizerStep, TensorTable, Trainer,
)


class Rows(TypedDict):
    x: Tensor


class Fit(TypedDict):
    loss: Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.sure = nn.Sequential(nn.Dropout(0.5), nn.Softplus())

    def forward(self, rows: Rows) -> Fit:
        seen = self.layer(rows["x"])
        if bool((rows["x"] > 50).any()):
            seen = seen * math.inf
        return Fit(loss=self.sure(seen).mean())


def make_trainer() -> Trainer[Rows, Fit]:
    torch.manual_seed(0)
    x = torch.randn(40, 3)
    x[17, 0] = 60
    return Trainer(
        OptimizerStep(Net(), optimizer=lambda p: torch.optim.Adam(p), device="cpu"),
        train_loader=DataLoader(TensorTable(Rows(x=x)), batch_size=5, shuffle=True, seed=1),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        checkpointer=FolderCheckpointer(Path(__file__).parent / "run" / "checkpoints"),
        progress=False,
    )


def make_nothing() -> str:
    return "nothing"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "replayed_program.py").write_text(PROGRAM)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "replayed_program", raising=False)
    return tmp_path


def trained(project: Path) -> int:
    """Until it fails, which is kept as a trainer keeps it; the step."""
    make = load_name(load_module("replayed_program"), "make_trainer")
    assert callable(make)
    trainer = make()
    assert isinstance(trainer, Trainer)
    with pytest.raises(LossError) as raised:
        trainer.train()
    step = trainer.result.n_steps + 1
    rows = torch.zeros(5, 3)
    keep_failure(project / "run", raised.value, step=step, epoch=1, n_batch=step, batch={"x": rows})
    return step


def test_the_step_that_failed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = trained(project)
    files = {each: each.read_bytes() for each in (project / "run").rglob("*") if each.is_file()}
    command = ["replay", "run", "--step", str(step), "replayed_program:make_trainer"]
    assert main(command) == 1  # the batch that was kept is another
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"step {step}, from the start of the run"
    assert lines[1] in {"loss            nan", "loss            inf"}
    assert lines[2].startswith("not finite      sure.0 (Dropout), whose input is not finite either")
    assert lines[3].split()[:3] == ["gradient", "norm", "nan"]
    assert f"error           LossError: loss: not finite at step {step}: " in "\n".join(lines)
    assert lines[-1] == "as in the run   batch DIFFERS, loss equal, error equal"
    assert main([*command[:3], "1", command[4]]) == 0
    assert "as in the run   not known: the run kept no failure" in capsys.readouterr().out
    after = {each: each.read_bytes() for each in (project / "run").rglob("*") if each.is_file()}
    assert after == files


SAYINGS = [
    ("run", "replayed_program:make_nothing", "returned a str, expected a Trainer; return the one"),
    ("run", "replayed_program", "names no function; write replayed_program:make_trainer"),
    ("run", "replayed_program:math", "is no function that makes a Trainer"),
    ("run", "replayed_program:make_trainers", "did you mean make_trainer?"),
    ("elsewhere", "replayed_program:make_trainer", "has no folder checkpoints/; give the folder"),
]


@pytest.mark.parametrize(("run", "target", "said"), SAYINGS)
def test_what_cannot_be_made_again(
    run: str, target: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", run, "--step", "1", target]) == 2
    assert said in capsys.readouterr().err
