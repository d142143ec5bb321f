"""When a schedule advances, against torch's own schedulers moved by hand; what it refuses is in
test_checks.py.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import FrozenInstanceError, dataclass, field
from functools import partial

import pytest
from torch import nn, ones, optim
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau, StepLR

from artifact_torch import (
    CheckpointError,
    ConfigurationError,
    OptimizerStep,
    Schedule,
    by_score,
    per_epoch,
    per_step,
)
from artifact_torch.checking.places import is_composed
from artifact_torch.contracts import Moment, Scheduler, ScoreScheduler
from tests.toys import Batches, Fit, Points, advance, points, seeded_regression

SGD = partial(optim.SGD, lr=0.1, momentum=0.9)
N_STEPS = 4
"""Updates an epoch."""
END = Moment(epoch=1, step=1)
"""Of an epoch."""
SCORES: list[Mapping[str, float]] = [
    {"loss": 1.0},
    {"loss": 2.0, "other": 0.0},
    {},
    {"other": 9.0},
    {"loss": 3.0},
    {"loss": 0.5},
]
"""Of six epochs; two did not produce the loss."""


def untyped(make: Callable[..., object], *given: object) -> object:
    """What a checker would refuse as well."""
    return make(*given)


def optimizer() -> optim.SGD:
    return SGD([nn.Parameter(ones(1))])


@dataclass
class Watched:
    """A step, and the learning rate before each update."""

    schedule: Callable[[optim.SGD], Schedule]
    rates: list[float] = field(default_factory=list[float])
    kept: list[optim.SGD] = field(default_factory=list[optim.SGD])

    def __post_init__(self) -> None:
        self.step: OptimizerStep[Points, Fit] = OptimizerStep(
            seeded_regression(), optimizer=SGD, schedule=self._kept, accumulate=2, device="cpu"
        )

    def _kept(self, made: optim.SGD) -> Schedule:
        self.kept.append(made)
        return self.schedule(made)

    def train(self, epochs: Sequence[Mapping[str, float]]) -> None:
        """Two batches an update, of the last one a single batch."""
        for scores in epochs:
            for batch in Batches(points(14), 2).batches(1):
                if self.step.n_steps == len(self.rates):
                    self.rates.append(rate(self.kept[0]))
                self.step.update(batch)
            self.step.end_epoch()
            self.step.after_scores(scores, END)


def rate(made: optim.SGD) -> float:
    value: float = made.param_groups[0]["lr"]
    return value


def one_cycle(made: optim.SGD) -> OneCycleLR:
    return OneCycleLR(made, max_lr=0.02, total_steps=6 * N_STEPS + 1)


def cosine(made: optim.SGD) -> CosineAnnealingLR:
    return CosineAnnealingLR(made, T_max=6)


def plateau(made: optim.SGD) -> ReduceLROnPlateau:
    return ReduceLROnPlateau(made, factor=0.5, patience=1)


def by_hand(
    after_step: Callable[[], object],
    after_epoch: Callable[[Mapping[str, float]], object],
    made: optim.SGD,
) -> list[float]:
    rates: list[float] = []
    for scores in SCORES:
        for _ in range(N_STEPS):
            rates.append(rate(made))
            advance(made)
            after_step()
        after_epoch(scores)
    return rates


def test_per_step_advances_after_every_update_the_last_of_an_epoch_included() -> None:
    watched = Watched(lambda made: per_step(one_cycle(made)))
    watched.train(SCORES)
    other = optimizer()
    scheduler = one_cycle(other)
    assert watched.step.n_steps == 6 * N_STEPS
    assert watched.rates == by_hand(scheduler.step, lambda _: None, other)
    assert len(set(watched.rates)) == 6 * N_STEPS


def test_per_epoch_advances_after_every_epoch_whatever_its_scores() -> None:
    watched = Watched(lambda made: per_epoch(cosine(made)))
    watched.train(SCORES)
    other = optimizer()
    scheduler = cosine(other)
    assert watched.rates == by_hand(lambda: None, lambda _: scheduler.step(), other)
    assert len(set(watched.rates)) == 6


def told(scheduler: ScoreScheduler, scores: Mapping[str, float]) -> object:
    return scheduler.step(scores["loss"]) if "loss" in scores else None


def test_by_score_advances_in_the_epochs_that_produced_it() -> None:
    watched = Watched(lambda made: by_score(plateau(made), "loss"))
    watched.train(SCORES)
    other = optimizer()
    scheduler = plateau(other)
    expected = by_hand(lambda: None, lambda scores: told(scheduler, scores), other)
    assert watched.rates == expected
    # worse in epochs 2 and 5, with patience 1: halved for epoch 6
    assert watched.rates[::N_STEPS] == [0.1, 0.1, 0.1, 0.1, 0.1, 0.05]
    assert list(watched.step.monitored) == ["loss"]


SCHEDULES: list[Callable[[optim.SGD], Schedule]] = [
    lambda made: per_step(one_cycle(made)),
    lambda made: per_epoch(cosine(made)),
    lambda made: by_score(plateau(made), "loss"),
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_it_continues_from_the_state_of_its_step(schedule: Callable[[optim.SGD], Schedule]) -> None:
    through, first, second = Watched(schedule), Watched(schedule), Watched(schedule)
    through.train(SCORES)
    first.train(SCORES[:2])
    second.step.load_state_dict(copy.deepcopy(first.step.state_dict()))
    second.rates = first.rates
    second.train(SCORES[2:])
    assert second.rates == through.rates
    assert second.step.state_dict()["schedule"] == through.step.state_dict()["schedule"]


@pytest.mark.parametrize(
    ("saved", "loaded", "said"),
    [
        (0, 1, "of OneCycleLR, this step has CosineAnnealingLR"),
        (None, 2, "of None, this step has ReduceLROnPlateau"),
        (1, None, "of CosineAnnealingLR, this step has None"),
    ],
)
def test_it_does_not_continue_from_another_schedule(
    saved: int | None, loaded: int | None, said: str
) -> None:
    """torch takes any state for its own: the rates would be those of neither."""

    def step(number: int | None) -> OptimizerStep[Points, Fit]:
        schedule = None if number is None else SCHEDULES[number]
        return OptimizerStep(seeded_regression(), optimizer=SGD, schedule=schedule)

    with pytest.raises(CheckpointError) as refused:
        step(loaded).load_state_dict(step(saved).state_dict())
    assert str(refused.value) == (
        f"checkpoint: its schedule state is {said}; build the step as it was built then"
    )


def test_a_schedule_is_a_record_of_the_scheduler_and_its_moment() -> None:
    step_lr, on_plateau = StepLR(optimizer(), 1), plateau(optimizer())
    for schedule, scheduler, contract, every_step, monitored in (
        (per_step(step_lr), step_lr, Scheduler, True, ()),
        (per_epoch(step_lr), step_lr, Scheduler, False, ()),
        (by_score(on_plateau, "a"), on_plateau, ScoreScheduler, False, ("a",)),
    ):
        assert is_composed(schedule)
        assert schedule.contract_places == [("scheduler", scheduler, contract)]
        assert schedule.scheduler is scheduler
        assert schedule.every_step is every_step
        assert schedule.monitored == monitored
        with pytest.raises(FrozenInstanceError):
            untyped(setattr, schedule, "every_step", not every_step)


def test_a_score_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(by_score, plateau(optimizer()), None)
    assert str(refused.value) == "by_score: name must be a non-empty str, got None"


def test_a_moment_within_an_epoch_advances_by_its_scores_alone() -> None:
    """One of the user's own that looks at two waits for a moment that has both."""
    within = Moment(epoch=0, step=3, ends_epoch=False)
    seen: list[Mapping[str, float]] = []
    two = Schedule(
        scheduler=plateau(optimizer()),
        contract=ScoreScheduler,
        advance=seen.append,
        monitored=("a", "b"),
    )
    each_epoch = Schedule(
        scheduler=StepLR(optimizer(), 1), contract=Scheduler, advance=lambda _: seen.append({})
    )
    for scores, moment in (
        ({"a": 1.0}, within),
        ({"a": 1.0, "b": 2.0}, within),
        ({"b": 2.0}, END),
        ({"a": 3.0, "b": 4.0, "c": 5.0}, END),
    ):
        two.after_scores(scores, moment)
    assert seen == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0, "c": 5.0}]
    each_epoch.after_scores({"a": 1.0}, within)
    assert len(seen) == 2
    each_epoch.after_scores({}, END)
    assert len(seen) == 3
