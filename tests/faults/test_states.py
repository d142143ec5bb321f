"""Checkpoints of other runs, of other versions, with code in them, and saves that are killed."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
)
from artifact_torch.contracts import Moment, TrainingStep
from artifact_torch.errors import ArtifactTorchError, CheckpointError, LossError
from tests.faults.conftest import CAUSES_ALL
from tests.faults.test_numbers import Line
from tests.faults.trainers import short
from tests.toys import Fit, Points, points, same_weights, seeded_regression

ROOT = Path(__file__).parents[2]
SGD = partial(optim.SGD, lr=0.1)


class Cast(nn.Module):
    """The usual model in another dtype."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = seeded_regression().layers.double()

    def forward(self, batch: Points) -> Fit:
        residual: Tensor = self.layers(batch["x"].double()) - batch["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def step_of(model: Line | Cast) -> TrainingStep[Points, Fit]:
    return OptimizerStep(model, optimizer=SGD, device="cpu")


def with_adam() -> TrainingStep[Points, Fit]:
    adam = partial(optim.Adam, lr=0.1)
    return OptimizerStep(seeded_regression(), optimizer=adam, device="cpu")


def files_in(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: step_of(Line()), r"do not fit Line; .*missing layer\.weight.*layers\.0\.weight"),
        (lambda: step_of(Cast()), r"layers\.0\.weight is a tensor of float32 \[8, 3\], here .*64"),
        (with_adam, "optimizer state is of SGD, this step has Adam"),
    ],
)
def test_what_another_run_saved_is_refused_before_anything_is_changed(
    tmp_path: Path, make: Callable[[], TrainingStep[Points, Fit]], said: str
) -> None:
    short(tmp_path).train()
    before, step = files_in(tmp_path), make()
    weights = {name: value.clone() for name, value in step.model.state_dict().items()}
    with pytest.raises(CheckpointError, match=f"(?s){said}"):
        short(tmp_path, step=step).train()
    assert same_weights(step.model.state_dict(), weights)
    assert files_in(tmp_path) == before


def test_a_state_of_a_newer_version_is_refused_by_its_number(tmp_path: Path) -> None:
    short(tmp_path).train()
    own = FolderCheckpointer(tmp_path / "checkpoints", keep=1)
    state = own.load()
    own.save(Moment(epoch=3, step=6), {**state, "version": 9})
    own.drain(60)
    with pytest.raises(CheckpointError, match="is of version 9, newer than 1, which is read here"):
        short(tmp_path).train()


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (os.environ["BOMB"],)


def run_of(folder: Path, bad: float = 1.0) -> Trainer[Points, Fit]:
    """One that leaves every kind of file: best weights, and a batch that failed."""
    loader = DataLoader(TensorTable(points(10)), batch_size=5)
    return short(
        folder,
        step=step_of(Line(bad, 5)),
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
        best=BestScoreTracker("loss"),
    )


def replayed(folder: Path) -> None:
    """The step that failed, of the batch that was kept."""
    run_of(folder).replay(5, folder=folder)


def test_code_in_a_file_of_any_name_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "it_ran"
    monkeypatch.setenv("BOMB", str(trace))
    whole = tmp_path / "whole"
    with pytest.raises(LossError):
        run_of(whole, float("nan")).train()
    torch.save({"a": Bomb()}, tmp_path / "bomb.pt")
    contents = [pickle.dumps(Bomb()), (tmp_path / "bomb.pt").read_bytes()]
    pickle.loads(contents[0])  # noqa: S301  (this test can fail)
    trace.rmdir()
    names = sorted({path.name for path in whole.rglob("*") if path.is_file()})
    assert {"record.jsonl", "status.json", "manifest.json", "weights.safetensors"} <= {*names}
    n_refused = 0
    trials = [(name, content) for name in [*names, "data.pkl"] for content in contents]
    for n, (name, content) in enumerate(trials if CAUSES_ALL else trials[::3]):
        folder = tmp_path / f"{n}"
        shutil.copytree(whole, folder)
        for path in [*folder.rglob(name), *(each / name for each in folder.rglob("*step_*"))]:
            if path.parent.is_dir():
                path.write_bytes(content)
        (folder / "checkpoints" / "step_00000099.pt").write_bytes(content)
        try:
            result = run_of(folder).train()
        except ArtifactTorchError:
            n_refused += 1
        else:
            assert result.n_steps == 6
        for ask in (partial(run_of(folder).restore, "best"), partial(replayed, folder)):
            try:
                ask()
            except ArtifactTorchError:
                n_refused += 1
    assert n_refused >= 3
    assert not trace.exists()


def test_what_killed_saves_leave_does_not_grow(tmp_path: Path) -> None:
    n = 500 if CAUSES_ALL else 60
    program = Path(__file__).with_name("killed_saves.py")
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, str(program), str(tmp_path / "run"), str(n)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["killed"] >= n // 2
    assert 1 <= told["most"]["temporary"] <= 2  # a folder and its lock, of the newest
    assert told["most"]["whole"] <= 6, told  # two to keep, one that is new, two files of the log
    assert [name for name in told["after"] if name.startswith(".")] == []
