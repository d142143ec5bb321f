"""Stoppers and trackers that decide by scores which come later: the same stop, the same best."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from artifact_torch import (
    Beside,
    BestScoreTracker,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    steps,
)
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    EarlyStopper,
    Every,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.validation.configuration import Where
from tests.toys import Fit, Points, points, same_weights, seeded_regression
from tests.validation.doubles import slow_workers, some_milliseconds
from tests.validation.parts import ARRAY, Looks

N_BATCHES = 4
ADAM = partial(torch.optim.Adam, lr=0.01)


class Draws:
    """A score that is a random number of its moment, and one that nobody looks at."""

    def __init__(self, every: Every) -> None:
        self._every = every
        self.cadences: Sequence[Every] = [every]

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "drawn"), (ResultKind.SCORE, "beside")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.reaches(self._every) else []

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        drawn = torch.rand(2)
        values = {"drawn": float(drawn[0]), "beside": float(drawn[1])}
        return ArtifactResults(scores={name: values[name] for _, name in names})


@dataclass(frozen=True, kw_only=True)
class Plan:
    n_epochs: int
    every: Every
    patience: int
    seed: int


plans = st.builds(
    Plan,
    n_epochs=st.integers(1, 5),
    every=st.one_of(st.integers(1, 3), st.integers(1, 6).map(steps)),
    patience=st.integers(1, 3),
    seed=st.integers(0, 1000),
)


def run(plan: Plan, validation: Where, *, patient: bool = True) -> TrainingResult:
    model = seeded_regression()
    patience = [PatienceStopper("drawn", patience=plan.patience)] if patient else []
    trainer: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=[*patience, EpochBoundStopper(max_n_epochs=plan.n_epochs)],
        best=BestScoreTracker("drawn"),
        routines=[bind(Draws(plan.every), model)],
        progress=False,
        sanity=False,
        validation_seed=plan.seed,
        validation=validation,
    )
    return trainer.train()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(plans, st.integers(0, 3), st.integers(1, 3), st.integers(0, 1000))
def test_stop_and_best_are_those_of_a_run_that_waited(
    plan: Plan, staleness: int, pending: int, delays: int
) -> None:
    inline = run(plan, "inline")
    rounds = [step for _, step in run(plan, "inline", patient=False).scores.index]
    with slow_workers(some_milliseconds(delays)):
        beside = run(plan, Beside(staleness=staleness, pending=pending))
    assert beside.best_step == inline.best_step
    assert same_weights(beside.best_weights or {}, inline.best_weights or {})
    assert "beside" in beside.scores or not rounds
    shared = inline.scores.index
    pd.testing.assert_frame_equal(
        beside.scores.loc[shared], inline.scores, check_exact=True, check_like=True
    )
    bound = plan.n_epochs * N_BATCHES
    if "no improvement" not in inline.stop_reason:
        assert beside.n_steps == inline.n_steps == bound
        return
    later = rounds.index(inline.n_steps) + staleness
    assert beside.n_steps == (rounds[later] if later < len(rounds) else bound)


def test_the_reason_is_that_of_the_stopper() -> None:
    plan = Plan(n_epochs=9, every=1, patience=1, seed=5)
    inline = run(plan, "inline")
    assert "no improvement" in inline.stop_reason
    with slow_workers(lambda: 0.001):
        assert run(plan, Beside(staleness=2)).stop_reason == inline.stop_reason


@pytest.mark.parametrize("staleness", [0, 1])
def test_a_round_that_is_lost_is_a_failure_and_decides_nothing(staleness: int) -> None:
    plan = Plan(n_epochs=4, every=1, patience=9, seed=0)
    with slow_workers(lambda: 0.0, lost=lambda: "its process was ended by SIGKILL"):
        result = run(plan, Beside(staleness=staleness))
    assert "lost: its process was ended by SIGKILL" in result.failures["beside"]
    assert result.n_epochs_elapsed == 4
    assert ("drawn" in result.scores) is (staleness == 0)


class Falls:
    """A score that is computed in the training, the lowest after the second epoch."""

    every: Every = 1
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "here"),)

    def on_moment(self, step: AnyStep, moment: Moment) -> dict[str, float]:
        return {"here": {1: 3.0, 2: 1.0}.get(moment.epoch, 5.0)}


def falling(
    validation: Where, *stop: EarlyStopper[RunState], folder: Path | None = None
) -> Trainer[Points, Fit]:
    """With a drawing beside, three steps apart, which moments behind it wait for."""
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=stop,
        best=BestScoreTracker("here"),
        callbacks=[Falls()],
        routines=[bind(Looks(steps(3), [ARRAY]), model)],
        progress=False,
        validation=validation,
        run_folder=folder,
    )


def test_a_moment_that_waits_for_its_turn_keeps_its_weights() -> None:
    bound = EpochBoundStopper(max_n_epochs=6)
    inline = falling("inline", bound).train()
    with slow_workers(lambda: 0.1):
        beside = falling(Beside(staleness=2, pending=3), bound).train()
    assert beside.best_step == inline.best_step == 2 * N_BATCHES
    assert same_weights(beside.best_weights or {}, inline.best_weights or {})


def test_other_stoppers_let_it_go_on() -> None:
    with slow_workers(lambda: 0.0):
        trainer = falling(Beside(staleness=1), PatienceStopper("here", patience=2))
        assert trainer.train().n_epochs_elapsed == 5
        assert trainer.train().n_epochs_elapsed == 5
        assert trainer.train(stop=[EpochBoundStopper(max_n_epochs=7)]).n_epochs_elapsed == 7


@pytest.mark.parametrize(
    ("stop", "n_epochs"),
    [(PatienceStopper("here", patience=2), 5), (EpochBoundStopper(max_n_epochs=8), 8)],
)
def test_a_restored_run_ends_by_its_own_stoppers(
    tmp_path: Path, stop: EarlyStopper[RunState], n_epochs: int
) -> None:
    how = Beside(staleness=1)
    with slow_workers(lambda: 0.0):
        first = falling(how, PatienceStopper("here", patience=2), folder=tmp_path).train()
        assert first.n_epochs_elapsed == 5
        assert falling(how, stop, folder=tmp_path).train().n_epochs_elapsed == n_epochs
