"""`artifact-torch check --ranks 2`: a trainer is rehearsed on several processes before a cluster is paid."""

from pathlib import Path

import pytest

from artifact_torch.cli.main import main

PROGRAM = """
import os
from functools import partial
import torch
from torch import Tensor, nn
from typing import TypedDict
from artifact_torch import (
    DataLoader, DataLoaderRoutine, EpochBoundStopper, LossCallback, OptimizerStep, TensorTable,
    Trainer, seed_everything,
)

class Rows(TypedDict):
    x: Tensor

class Fit(TypedDict):
    loss: Tensor

class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(3, 1)

    def forward(self, rows: Rows) -> Fit:
        if os.environ.get("RANK") == "1" and self.fails:
            raise ValueError("the second process cannot")
        return Fit(loss=self.line(rows["x"]).square().mean())

    fails: bool = False

def made(parallel, fails=False, scale=1.0):
    seed_everything(0)
    net = Net()
    net.fails = fails
    table = TensorTable(Rows(x=torch.full((10, 3), float(scale))))
    return Trainer(
        OptimizerStep(net, optimizer=partial(torch.optim.SGD, lr=0.1), parallel=parallel),
        train_loader=DataLoader(table, batch_size=4),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[DataLoaderRoutine(DataLoader(table, batch_size=4), scores=[LossCallback("loss")])],
        progress=False,
    )

def right(): return made("fsdp")
def alone(): return made(None)
def failing(): return made("ddp", fails=True)
def differing():
    return made("ddp", scale=1 + int(os.environ.get("RANK", 0)))
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], name: str) -> tuple[int, str]:
    options = ["--checker", "none", "--ranks", "2", "--timeout", "60"]
    return main(["check", *options, f"program:{name}"]), capsys.readouterr().out


def test_a_trainer_that_runs_on_two_processes_fits(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = check(capsys, "right")
    assert status == 0, said
    assert "when it was built, and came to the same on 2 processes, which rehearsed it" in said
    assert {each.name for each in program.iterdir()} <= {"program.py", "__pycache__"}


def test_a_step_that_is_not_parallel_is_refused_once(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = check(capsys, "alone")
    assert status == 1, said
    assert said.count("OptimizerStep: this is one of 2 processes") == 1
    line = PROGRAM.splitlines().index("    return Trainer(") + 2
    assert f"program.py:{line}: error: rank 0 of 2: " in said


def test_what_one_process_raises_names_it(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = check(capsys, "failing")
    assert status == 2, said
    assert "rank 1 of 2: its rehearsal failed: ValueError: the second process cannot" in said
    assert "rank 0 of 2" not in said.partition("rank 1 of 2")[0]


def test_data_that_differ_are_found(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = check(capsys, "differing")
    assert status == 1, said
    assert "the batch of rank 1 is another than that of rank 0" in said
    assert "give the loader a seed that is the same on all, such as seed=0" in said


@pytest.mark.parametrize("n", ["0", "-1", "two"])
def test_a_number_that_is_none_of_processes_is_refused(
    capsys: pytest.CaptureFixture[str], n: str
) -> None:
    with pytest.raises(SystemExit):
        main(["check", f"--ranks={n}", "program:right"])
    assert f"must be a number of processes, 1 or more, got '{n}'" in capsys.readouterr().err
