"""A run whose artifacts tell the weights, the random numbers and the process they were made in."""

import json
import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    steps,
)
from artifact_torch.contracts import ArtifactResults, Every, Moment, ResultKind, ResultName
from artifact_torch.internal.failing import OnFailure
from artifact_torch.internal.ranks import ranks
from artifact_torch.validation.configuration import Where
from tests.ranks.toy_steps import Kind, Line
from tests.toys import Fit, Points, points
from tests.validation.parts import ARRAY, PLOT, SCORE

ADAM = partial(optim.Adam, lr=0.05)
N_BATCHES = 4
STOPS_AT = 15


class Draws:
    """Each three steps; its score "falling" is the lowest at the ninth, and is for those who decide.

    It ends its process once, which `kills` marks, or raises, where it is asked for what nobody decides
    by.
    """

    result_names: Sequence[ResultName] = (
        SCORE,
        (ResultKind.SCORE, "process"),
        (ResultKind.SCORE, "world"),
        (ResultKind.SCORE, "falling"),
        ARRAY,
        PLOT,
    )
    cadences: Sequence[Every] = (steps(3),)

    def __init__(self, *, kills: Path | None = None, raises_at: int = 0) -> None:
        self._kills, self._raises_at = kills, raises_at

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.reaches(self.cadences[0]) else []

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        assert ranks().is_first
        assert not model.training
        if ARRAY in names and moment.step:
            self._fail(moment.step)
        weight = sum(float(each.detach().double().sum()) for each in model.parameters())
        drawn = torch.rand(3).numpy().astype(float)
        values = {
            "weight": weight,
            "process": float(os.getpid()),
            "world": float(os.environ.get("WORLD_SIZE", "0")),
            "falling": abs(moment.step - 10) + drawn[0] / 10,
        }
        return ArtifactResults(
            scores={name: values[name] for kind, name in names if kind is ResultKind.SCORE},
            arrays={"drawn": drawn + weight} if ARRAY in names else {},
            plots={"picture": Figure(figsize=(1, 1))} if PLOT in names else {},
        )

    def _fail(self, step: int) -> None:
        if step == self._raises_at:
            raise OSError("no table")
        if self._kills is not None and not self._kills.exists():
            self._kills.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class After:
    """Something that happens after an update."""

    def __init__(self, acts: Callable[[int], object]) -> None:
        self._acts = acts

    def on_batch(self, step: int, _batch: object, _output: object, /) -> None:
        self._acts(step)


def trainer(
    kind: Kind,
    validation: Where,
    folder: Path | None = None,
    *,
    draws: Draws | None = None,
    after: Callable[[int], object] = lambda _step: None,
    n_epochs: int = 8,
    on_failure: OnFailure = "raise",
    grace_s: float = 30.0,
) -> Trainer[Points, Fit]:
    model = Line()
    held_out = DataLoader(TensorTable(points(13, seed=2)), batch_size=5)
    return Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu", parallel=kind),
        train_loader=DataLoader(TensorTable(points(30)), batch_size=8, shuffle=True, seed=3),
        stop=[
            EpochBoundStopper(max_n_epochs=n_epochs),
            PatienceStopper("falling", patience=2, mode="min"),
        ],
        best=BestScoreTracker("falling", mode="min"),
        callbacks=[After(after)],
        routines=[
            DataLoaderRoutine[Points, Fit](held_out, scores=[LossCallback("val_loss")]),
            bind(draws or Draws(), model),
        ],
        progress=False,
        run_folder=folder,
        validation=validation,
        on_failure=on_failure,
        grace_s=grace_s,
    )


@dataclass(frozen=True)
class Outcome:
    """What a rank came to."""

    scores: pd.DataFrame
    drawn: np.ndarray[tuple[int, ...], np.dtype[np.floating]]
    best_weights: Mapping[str, torch.Tensor]
    best_step: int | None
    n_steps: int
    stopped: str
    failures: Mapping[str, str]
    n_plots: int
    warned: Sequence[str]


def outcome(result: TrainingResult) -> Outcome:
    best = result.best_weights or {}
    return Outcome(
        result.scores,
        result.arrays["drawn"],
        {name: each for name, each in best.items() if isinstance(each, torch.Tensor)},
        result.best_step,
        result.n_steps,
        result.stop_reason,
        result.failures,
        len(result.plots),
        result.warnings,
    )


def trained(kind: Kind, folder: Path | None, *validations: Where) -> list[Outcome]:
    """One after the other, each in a folder of that number."""
    return [
        outcome(trainer(kind, each, folder and folder / str(n)).train())
        for n, each in enumerate(validations)
    ]


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]


def recorded(folder: Path) -> list[tuple[str, int]]:
    """Names and steps of results, of a run that went on those before that and those after."""
    all_lines = lines(folder)
    *_, last = (n for n, line in enumerate(all_lines) if line.get("event") == "begin")
    until = all_lines[last]["step"]
    return sorted(
        (str(line["name"]), int(str(line["step"])))
        for n, line in enumerate(all_lines)
        if "kind" in line
        and "event" not in line
        and (n > last or int(str(line["step"])) <= int(str(until)))
    )


def kept(scores: pd.DataFrame, before: int = 99) -> pd.DataFrame:
    """All but what tells which process computed it."""
    left = scores.drop(columns=["process", "world"], errors="ignore")
    return left[left.index.get_level_values("step") < before]


def weighed(outcome: Outcome) -> list[int]:
    """The steps of which there are weights."""
    return [*outcome.scores["weight"].dropna().index.get_level_values("step")]


def assert_same(these: Outcome, those: Outcome, *, before: int = 99) -> None:
    """Bit for bit, scores up to a step."""
    left, right = kept(these.scores, before), kept(those.scores, before)
    assert len(left)
    pd.testing.assert_frame_equal(left, right, check_exact=True, check_like=True)
    assert (these.best_step, these.stopped) == (those.best_step, those.stopped)
    assert these.best_weights.keys() == those.best_weights.keys()
    for name, each in these.best_weights.items():
        assert torch.equal(each, those.best_weights[name])
    assert these.failures == those.failures == {}
