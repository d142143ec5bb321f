"""`artifact-torch diff`: two runs of a user's program, one of which has a difference planted in it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifact_torch import Trainer
from artifact_torch.cli.main import main
from artifact_torch.cli.targets.loading import load_module, load_name

PROGRAM = """
import math
from operator import methodcaller
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader, OptimizerStep, RunFolder, StepBoundStopper, TensorTable, Trainer, steps,
)

AT = 137


class Rows(TypedDict):
    x: Tensor


class Fit(TypedDict):
    loss: Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 8)
        self.middle = nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 8), nn.ReLU())
        self.last = nn.Linear(8, 1)

    def forward(self, rows: Rows) -> Fit:
        seen = self.last(self.middle(self.first(rows["x"])))
        return Fit(loss=(seen.squeeze(1) - rows["x"].sum(dim=1)).square().mean())


def nudged(tensor):
    other = tensor.detach().clone()
    at = other.abs().argmax()
    other.view(-1)[at] = torch.nextafter(other.view(-1)[at], torch.tensor(math.inf))
    return tensor + (other - tensor).detach()


class Nudges:
    every = steps(1)
    result_names = ()

    def on_moment(self, step, moment):
        if moment.step == AT:
            nudge(step)
        return {}


def nudge(step):
    weight = step.model.last.weight.detach()
    weight.copy_(nudged(weight))


def made(name, plant="", seed=1):
    torch.manual_seed(0)
    table = TensorTable(Rows(x=torch.randn(60, 3)))

    def sgd(parameters):
        optimizer = torch.optim.SGD(parameters, lr=0.01)
        if plant == "parameters":
            optimizer.register_step_post_hook(lambda *_: step.n_steps == AT - 1 and nudge(step))
        return optimizer

    step = OptimizerStep(Net(), optimizer=sgd, device="cpu")
    layer = step.model.middle[1]
    if plant == "output":
        layer.register_forward_hook(
            lambda _, __, out: nudged(out) if step.n_steps == AT - 1 else out
        )
    if plant == "gradient":
        layer.weight.register_hook(lambda g: nudged(g) if step.n_steps == AT - 1 else g)
    return Trainer(
        step,
        train_loader=DataLoader(table, batch_size=5, shuffle=True, seed=seed),
        stop=[StepBoundStopper(max_n_steps=150)],
        run_folder=RunFolder(Path(__file__).parent / name),
        checkpoint_every=steps(50),
        callbacks=[Nudges()] if plant == "moment" else [],
        ledger=True,
        progress=False,
    )


def make_plain():
    return made("plain")


def make_same():
    return made("same")


def make_output():
    return made("output", "output")


def make_gradient():
    return made("gradient", "gradient")


def make_parameters():
    return made("parameters", "parameters")


def make_moment():
    return made("moment", "moment")


def make_order():
    return made("order", seed=2)
"""

MADE = ("plain", "same", "output", "gradient", "parameters", "moment", "order")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """With a run of each."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "parted_program.py").write_text(PROGRAM)
    (folder / "pyproject.toml").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("sys.path", [str(folder), *sys.path])
        patch.delitem(sys.modules, "parted_program", raising=False)
        for name in MADE:
            make = load_name(load_module("parted_program"), f"make_{name}")
            assert callable(make)
            trainer = make()
            assert isinstance(trainer, Trainer)
            trainer.train()
        yield folder


def test_two_equal_runs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "plain", "same"]) == 0
    assert capsys.readouterr().out == (
        "plain and same\n"
        "begun with the same settings, seeds, parts, versions, device and source\n"
        "all 150 updates that are in both ledgers are equal\n"
    )
    assert main(["diff", "plain", "same", "--replay", "parted_program:make_plain"]) == 0
    assert capsys.readouterr().out.endswith("no update differs: nothing is made again\n")


PLANTED = [
    ("output", "first module whose output differs: middle.1 (Linear)"),
    ("gradient", "first gradient that differs: middle.1.weight, in module middle.1"),
    ("parameters", "first parameter that differs: last.weight, in module last"),
    ("moment", "parameters differ before it: last.weight, in module last"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_one_unit_in_the_last_place_of_one_layer(
    plant: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {each: each.read_bytes() for each in project.rglob("*") if each.is_file()}
    replay = ["--replay", "parted_program:make_plain", f"parted_program:make_{plant}"]
    assert main(["diff", "plain", plant, *replay]) == 1
    out = capsys.readouterr().out
    at = 137 + (plant == "moment")  # which is between two updates
    kinds = ["loss", "gradient"] if plant in {"output", "moment"} else [plant]
    # one unit may be rounded away in the loss
    expected = {f"they part at step {at}, in the {kind}" for kind in kinds}
    assert expected & {*out.splitlines()}
    assert "data        equal\n" in out
    told = "  the optimizer, its lr or state; what settings= does not name is not compared above\n"
    assert (told in out) == (plant == "parameters")
    assert f"  plain: from step 100, as its ledger has it\n  {plant}: from step 100, as its" in out
    assert said in out
    after = {each: each.read_bytes() for each in project.rglob("*") if each.is_file()}
    assert {path: after[path] for path in files} == files


def test_another_order_of_batches(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = "parted_program:make_"
    assert main(["diff", "plain", "order", "--replay", f"{target}plain", f"{target}order"]) == 1
    out = capsys.readouterr().out
    assert "they part at step 1, in the data\n  data        differs\n" in out
    assert '  the data differ: ["x"]\n' in out


def test_what_is_not_in_the_program_that_is_given(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run with the plant, made again without it."""
    assert main(["diff", "plain", "parameters", "--replay", "parted_program:make_plain"]) == 1
    out = capsys.readouterr().out
    told = "  parameters: from step 100, NOT as its ledger has it: step 137 has other parameters\n"
    assert told in out
    assert "it is the same for both: what made them part is not in what is given" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plain", "nowhere"], "nowhere: is no folder; give the folder that run_folder= named"),
        ([".", "nowhere"], ".: holds no run\nnowhere: is no folder; give"),
        (["plain", "order", "--replay", "a:b", "c:d", "e:f"], "one function for both runs, or one"),
        (
            ["plain", "order", "--replay", "parted_program"],
            "diff: parted_program names no function",
        ),
    ],
)
def test_what_cannot_be_compared(
    arguments: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.is_dir()
    assert main(["diff", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_settings_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, note in (("a", "x"), ("b", "\x1b[2Jgone")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.json").write_text(json.dumps({"settings": {"note": note}}))
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[2Jgone" in out
