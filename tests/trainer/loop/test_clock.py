"""The clock against a plain simulation: every step looked at, nothing planned ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    TimeBoundStopper,
    Trainer,
    minutes,
    steps,
)
from artifact_torch.contracts import Cadence, Every, Moment, ResultName, Results
from artifact_torch.trainer.loop.clock import Clock
from tests.toys import Batches, Fit, Points, points, seeded_regression
from tests.trainer.composed import ADAM


@dataclass
class Hand:
    """A clock that is moved by hand, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


CADENCES = st.one_of(
    st.integers(1, 4), st.integers(1, 9).map(steps), st.integers(1, 6).map(minutes)
)


def simulated(
    cadences: Sequence[Every], durations: Sequence[float], n_batches: int, accumulate: int
) -> list[tuple[int, int, bool]]:
    """(step, epochs completed, at the end of an epoch) of each moment."""
    moments: list[tuple[int, int, bool]] = []
    now, last, step, epoch, pending = 0.0, 0.0, 0, 0, 0
    timed = [
        each.n * 60 for each in cadences if isinstance(each, Cadence) and each.unit == "minutes"
    ]
    periods = [each.n for each in cadences if isinstance(each, Cadence) and each.unit == "steps"]
    for n, duration in enumerate(durations, start=1):
        now += duration
        pending += 1
        ends = n % n_batches == 0
        if pending == accumulate or ends:
            step, pending = step + 1, 0
        epoch += ends
        came_round = any(now // each > last // each for each in timed)
        between = pending == 0 and (came_round or any(step % each == 0 for each in periods))
        if ends or between:
            moments.append((step, epoch, ends))
            last = now
    return moments


@settings(deadline=None)
@given(
    cadences=st.lists(CADENCES, max_size=4),
    n_batches=st.integers(1, 7),
    accumulate=st.integers(1, 3),
    n_epochs=st.integers(1, 5),
    duration=st.sampled_from([0.25, 7.0, 40.0, 61.0, 200.0]),
)
def test_moments_are_those_of_a_plain_simulation(
    cadences: list[Every], n_batches: int, accumulate: int, n_epochs: int, duration: float
) -> None:
    """Steps of equal length: a look that is planned by the pace never comes too late."""
    hand = Hand()
    clock = Clock(cadences, [], now=hand)
    clock.start(0, 0.0, None)
    seen: list[tuple[int, int, bool]] = []
    step = pending = 0

    def keep(moment: Moment | None) -> None:
        if moment is not None:
            seen.append((moment.step, moment.epoch, moment.ends_epoch))

    for epoch in range(n_epochs):
        for n in range(1, n_batches + 1):
            if step >= clock.alarm:  # before each batch, as the trainer does
                keep(clock.moment(step, epoch))
                clock.wind(step)
            hand.now += duration
            pending += 1
            if pending == accumulate or n == n_batches:
                step, pending = step + 1, 0
        keep(clock.end_of_epoch(step, epoch + 1))
    assert seen == simulated(cadences, [duration] * (n_batches * n_epochs), n_batches, accumulate)


def test_a_step_at_which_nothing_is_due_is_not_looked_at() -> None:
    clock = Clock([steps(100), 1], [])
    clock.start(0, 0.0, None)
    clock.wind(0)
    assert clock.alarm == 100
    clock.wind(100)
    assert clock.alarm == 200
    bare = Clock([1, 5], [])
    bare.start(0, 0.0, None)
    bare.wind(0)
    assert bare.alarm > 10**12


def test_an_update_that_is_watched_is_prepared_one_step_before() -> None:
    clock = Clock([], [steps(10)])
    clock.start(0, 0.0, None)
    clock.wind(0)
    assert clock.alarm == 9
    assert clock.updates_at(9) is None
    moment = clock.updates_at(10)
    assert moment is not None
    assert moment.reaches(steps(10))
    clock.wind(9, is_watched=True)
    assert clock.alarm == 10
    clock.wind(10)
    assert clock.alarm == 19


def test_the_time_of_an_earlier_call_counts() -> None:
    hand = Hand()
    clock = Clock([minutes(2)], [], now=hand)
    clock.start(5, 90.0, None)
    hand.now += 29
    assert clock.moment(6, 0) is None
    hand.now += 2
    moment = clock.moment(7, 0)
    assert moment is not None
    assert moment.seconds == 121.0
    assert moment.elapsed == {minutes(2)}
    hand.now += 60
    assert clock.moment(8, 0) is None


@dataclass
class Asked:
    """A step callback that keeps its moments."""

    every: Every
    moments: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: object, moment: Moment) -> Results:
        self.moments.append((moment.epoch, moment.step))
        return {}


@settings(deadline=None, max_examples=40)
@given(
    every=st.integers(1, 7).map(steps),
    accumulate=st.integers(1, 3),
    n_steps=st.integers(1, 25),
    batch_size=st.sampled_from([3, 4, 20]),
)
def test_a_run_stops_at_exactly_the_step_and_validates_at_each(
    every: Cadence, accumulate: int, n_steps: int, batch_size: int
) -> None:
    asked = Asked(every)
    model = seeded_regression()
    result = Trainer(
        OptimizerStep(model, optimizer=ADAM, accumulate=accumulate),
        train_loader=Batches(points(), batch_size),
        stop=[StepBoundStopper(max_n_steps=n_steps), EpochBoundStopper(max_n_epochs=100)],
        callbacks=[asked],
        routines=[
            DataLoaderRoutine(Batches(points(), 20), scores=[LossCallback("v")], every=every)
        ],
        progress=False,
    ).train()
    assert result.n_steps == n_steps
    assert result.stop_reason == f"{n_steps} steps completed"
    per_epoch = -(-len(Batches(points(), batch_size)) // accumulate)
    due = [step for step in range(1, n_steps + 1) if step % every.n == 0]
    assert asked.moments == [(step // per_epoch, step) for step in due]
    validated = sorted({*due, n_steps})  # and at the end of the run
    assert [step for _, step in result.scores["v"].dropna().index] == validated
    ends = list(range(per_epoch, n_steps + 1, per_epoch))
    assert list(result.epoch_scores.index) == list(range(1, len(ends) + 1))


def test_a_run_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Hand()
    monkeypatch.setattr("artifact_torch.trainer.loop.session.perf_counter", hand)

    class Slow:
        def on_batch(self, step: int, batch: Points, output: Fit) -> None:
            hand.now += 7.0

    result = Trainer(
        OptimizerStep(seeded_regression(), optimizer=ADAM),
        train_loader=Batches(points(), 1),
        stop=[TimeBoundStopper(max_minutes=1)],
        callbacks=[Slow()],
        progress=False,
    ).train()
    assert result.n_steps == 9  # 63 s: the first update after 60
    assert result.stop_reason == "1 minutes completed"
