"""Stoppers and trackers that decide by scores which come later: the same stop, the same best."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from torch import nn

from artifact_torch import (
    Beside,
    BestScoreTracker,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    PatienceStopper,
    StepBoundStopper,
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
@given(
    plans,
    st.integers(0, 3),
    st.integers(1, 3),
    st.integers(0, 1000),
    st.lists(st.sampled_from([0, 0, 1, 2]), max_size=8),
)
@example(Plan(n_epochs=9, every=1, patience=1, seed=5), 2, 2, 0, [])
@example(Plan(n_epochs=9, every=1, patience=1, seed=5), 1, 3, 0, [1, 2, 1])
def test_stop_and_best_are_those_of_a_run_that_waited(
    plan: Plan, staleness: int, pending: int, delays: int, deaths: Sequence[int]
) -> None:
    inline, whole = run(plan, "inline"), run(plan, "inline", patient=False)
    values, rounds = by_place(whole), [step for _, step in whole.scores.index]
    lost = {step for step, n_deaths in zip(rounds, deaths, strict=False) if n_deaths == 2}
    gone = {"drawn", "beside"} if staleness else {"beside"}
    drawn = {step: values["drawn", step] for step in rounds if not (staleness and step in lost)}
    best, stops = by_hand(drawn, plan.patience)
    bound = plan.n_epochs * N_BATCHES
    if len(drawn) == len(rounds):
        assert (inline.best_step, inline.n_steps) == (best, stops or bound)
    left = iter(deaths)
    with slow_workers(some_milliseconds(delays), deaths=lambda: next(left, 0)):
        beside = run(plan, Beside(staleness=staleness, pending=pending))
    later = len(rounds) if stops is None else rounds.index(stops) + staleness
    n_steps = rounds[later] if later < len(rounds) else bound
    assert (beside.best_step, beside.n_steps) == (best, n_steps)
    if best is not None:
        assert same_weights(beside.best_weights or {}, weights_at(best))
    assert by_place(beside) == {
        (name, step): each
        for (name, step), each in values.items()
        if step <= n_steps and not (name in gone and step in lost)
    }
    is_lost = any(step <= n_steps for step in lost)
    assert {*beside.failures} == (gone if is_lost else set())
    assert all("lost: its process was ended" in each for each in beside.failures.values())


def by_place(result: TrainingResult) -> dict[tuple[str, int], float]:
    """The scores that there are, by name and step."""
    scores = result.scores
    steps_of = [int(each) for each in scores.index.get_level_values("step")]
    return {
        (str(name), step): each
        for name in scores
        for step, each in zip(steps_of, scores[name].astype(float).tolist(), strict=True)
        if not isnan(each)
    }


def by_hand(scores: Mapping[int, float], patience: int) -> tuple[int | None, int | None]:
    """By step, in their order: at which is the lowest, and at which so many in a row were none."""
    best: int | None = None
    n_without = 0
    for step, each in scores.items():
        n_without += 1
        if best is None or each < scores[best]:
            best, n_without = step, 0
        if n_without == patience:
            return best, step
    return best, None


def weights_at(step: int) -> Mapping[str, object]:
    model = seeded_regression()
    trainer: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=[StepBoundStopper(max_n_steps=step)],
        progress=False,
    )
    return trainer.train().last_weights


def test_the_reason_is_that_of_the_stopper() -> None:
    plan = Plan(n_epochs=9, every=1, patience=1, seed=5)
    inline = run(plan, "inline")
    assert "no improvement" in inline.stop_reason
    with slow_workers(lambda: 0.001):
        assert run(plan, Beside(staleness=2)).stop_reason == inline.stop_reason


@pytest.mark.parametrize("staleness", [0, 1])
def test_a_round_that_is_lost_is_a_failure_and_decides_nothing(staleness: int) -> None:
    plan = Plan(n_epochs=4, every=1, patience=9, seed=0)
    with slow_workers(lambda: 0.0, deaths=lambda: 2):
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
