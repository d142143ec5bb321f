"""The README's programs: the quick start runs, the loop is the trainer's."""

import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import torch

import artifact_torch
from artifact_torch import EpochBoundStopper, Trainer
from tests.toys import Batches, Fit, Points, points, seeded_regression

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def program_after(heading: str) -> str:
    found = re.search(rf"## {heading}\n.*?```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_quick_start_runs_and_trains(tmp_path: Path) -> None:
    program = tmp_path / "quick_start.py"
    program.write_text(program_after("Quick start"), encoding="utf-8")
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-W", "error", str(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    losses = {line[0]: float(line[1]) for line in lines if len(line) == 2 and line[0].isdigit()}
    assert losses["20"] < 0.1 * losses["1"]


def test_the_loop_is_the_trainers_word_for_word() -> None:
    source = textwrap.dedent(inspect.getsource(inspect.getattr_static(Trainer, "train")))
    assert textwrap.indent(program_after("The loop"), "    ").strip() in source


def test_the_recipe_trains() -> None:
    names: dict[str, object] = {
        **{name: getattr(artifact_torch, name) for name in artifact_torch.__all__},
        "torch": torch,
        "MyInput": Points,
        "MyOutput": Fit,
        "model": seeded_regression(),
        "loader": Batches(points(), 10),
    }
    exec(program_after("Your own model in ten minutes"), names)  # noqa: S102  (our own program)
    trainer = names["trainer"]
    assert isinstance(trainer, Trainer)
    result = trainer.train(stop=EpochBoundStopper(max_n_epochs=2))
    assert list(result.epoch_scores.columns) == ["train_loss"]
    assert "weight" not in repr(result)
