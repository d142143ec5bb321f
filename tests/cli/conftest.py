"""A small project of a user, written into a temporary folder."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

importlib.import_module("artifact_torch.table_comparison")  # so that forked processes have it

Run = Callable[..., "subprocess.CompletedProcess[str]"]

MODELS = """
from dataclasses import dataclass
from typing import TypedDict

import pandas as pd
from torch import Tensor, nn


class Rows(TypedDict):
    values: Tensor


class Fit(TypedDict):
    loss: Tensor


@dataclass(frozen=True)
class Params:
    n_records: int


class Vae(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values

    def generat(self, params: Params) -> pd.DataFrame:
        return pd.DataFrame()


class Good(nn.Module):
    def forward(self, rows: Rows) -> Fit:
        return Fit(loss=rows["values"].mean())

    def generate(self, params: Params) -> pd.DataFrame:
        return pd.DataFrame()


class Encoder(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values


class Slow:
    def should_stop(self, update: float) -> bool:
        return update < 0


class Helper:
    def name(self) -> str:
        return ""


class _Private(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values


model = Good()
"""

TRAINING = """
from functools import partial
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import DataLoader, EpochBoundStopper, OptimizerStep, TensorTable, Trainer


class Points(TypedDict):
    x: Tensor


class Fit(TypedDict):
    loss: Tensor


class Regression(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        return Fit(loss=self.linear(points["x"]).square().mean())


class Bad(Regression):
    def forward(self, x: Tensor) -> Tensor:
        return x


def build(model, rows=8):
    print("building")
    data = TensorTable(Points(x=torch.zeros(rows, 3)))
    return Trainer(
        OptimizerStep(model, optimizer=partial(torch.optim.SGD, lr=0.1), device="cpu"),
        train_loader=DataLoader(data, batch_size=4, seed=0, drop_last=True),
        stop=[EpochBoundStopper(max_n_epochs=1)],
    )


def make_trainer():
    return build(Regression())


def make_bad_model():
    return build(Bad())


def make_empty():
    return build(Regression(), rows=3)


def make_model() -> Regression:
    return Regression()


def fail():
    return {}["learning_rate"]


def leave():
    raise SystemExit(3)


def crash():
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    import time

    time.sleep(3600)


def needs(path, seed=0):
    return path
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a project in the src layout; the current folder."""
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "0"\n')
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(MODELS)
    (package / "training.py").write_text(TRAINING)
    (package / "broken.py").write_text("x = 1\nimport nothing_of_this_name\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


@pytest.fixture
def line_of(shop: Path) -> Callable[[str, str], int]:
    """The number of the line of a file of the project that has the text."""

    def find(file: str, text: str) -> int:
        lines = (shop / "src" / "shop" / file).read_text().splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    return find


@pytest.fixture
def run() -> Run:
    """The command as users start it, in a process of its own."""

    def start(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        root = Path(__file__).parents[2]
        program = (
            f"import sys; sys.path.insert(0, {str(root)!r});"
            "from artifact_torch.cli.main import main; sys.exit(main())"
        )
        return subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-c", program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return start
