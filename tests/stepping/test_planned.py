"""Schedules that know how many updates a run has."""

import logging
from collections.abc import Callable
from copy import deepcopy
from functools import partial

import pytest
from torch import optim
from torch.optim.lr_scheduler import OneCycleLR, StepLR

from artifact_torch import (
    EpochBoundStopper,
    OptimizerStep,
    Schedule,
    Trainer,
    per_step,
    planned,
)
from artifact_torch.errors import ConfigurationError
from artifact_torch.stepping.planning import n_updates_of
from artifact_torch.stopping.stoppers import StepBoundStopper
from tests.toys import Batches, Fit, Points, advance, points, seeded_regression

SGD = partial(optim.SGD, lr=0.1, momentum=0.9)


def one_cycle(told: list[int]) -> Callable[[optim.SGD, int], Schedule]:
    def schedule(optimizer: optim.SGD, n_steps: int) -> Schedule:
        told.append(n_steps)
        return per_step(OneCycleLR(optimizer, max_lr=0.2, total_steps=n_steps))

    return schedule


def a_step(told: list[int], accumulate: int = 1) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(),
        optimizer=SGD,
        schedule=planned(one_cycle(told)),
        accumulate=accumulate,
        device="cpu",
    )


@pytest.mark.parametrize(
    ("n_batches", "epochs", "steps", "accumulate", "expected"),
    [
        (5, 3, None, 1, 15),
        (5, 3, None, 2, 9),  # windows of 2, 2 and 1
        (5, 3, 7, 2, 7),
        (5, 3, 70, 2, 9),
        (5, None, 7, 2, 7),
        (5, None, None, 2, None),
    ],
)
def test_the_updates_of_a_run(
    n_batches: int, epochs: int | None, steps: int | None, accumulate: int, expected: int | None
) -> None:
    assert n_updates_of(n_batches, epochs, steps, accumulate=accumulate) == expected


def test_the_trainer_tells_it_and_the_whole_cycle_is_gone_through() -> None:
    told: list[int] = []
    step = a_step(told, accumulate=2)
    trainer = Trainer(
        step,
        train_loader=Batches(points(), 4),
        stop=[EpochBoundStopper(max_n_epochs=3), StepBoundStopper(max_n_steps=100)],
        progress=False,
    )
    assert told == [9]
    by_hand = SGD(seeded_regression().parameters())
    cycle = OneCycleLR(by_hand, max_lr=0.2, total_steps=9)
    assert step.learning_rates == {"lr": by_hand.param_groups[0]["lr"]}
    assert trainer.train().n_steps == 9
    for _ in range(9):
        advance(by_hand)
        cycle.step()
    assert step.learning_rates == {"lr": by_hand.param_groups[0]["lr"]}
    with pytest.raises(ValueError, match="Tried to step"):  # torch's: nothing of it is left
        cycle.step()


def test_without_a_bound_it_says_what_to_add() -> None:
    with pytest.raises(ConfigurationError) as refused:
        a_step([]).plan(5, None, None)
    assert str(refused.value) == (
        "schedule: planned(...) needs the length of the run, and no stopper names one; add "
        "EpochBoundStopper(max_n_epochs=...) or StepBoundStopper(max_n_steps=...)"
    )


def test_without_a_plan_no_batch_is_trained() -> None:
    with pytest.raises(ConfigurationError, match="was not told the length of the run; hand the"):
        a_step([]).update(points(4))


def test_before_the_first_update_another_plan_begins_from_the_optimizer_as_it_was_built() -> None:
    twice, once = a_step([]), a_step([])
    twice.plan(50, 1, None)
    twice.plan(10, 1, None)
    once.plan(10, 1, None)
    for batch in Batches(points(), 5).batches(1):
        for step in (twice, once):
            step.update(batch)
        assert twice.learning_rates == once.learning_rates


def test_a_run_that_has_begun_keeps_its_plan_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    told: list[int] = []
    step = a_step(told)
    step.plan(10, 1, None)
    step.update(points(4))
    rates = step.learning_rates
    with caplog.at_level(logging.WARNING):
        step.plan(10, 1, None)
        assert caplog.messages == []
        step.plan(20, 1, None)
    assert caplog.messages == [
        "schedule: was planned for 10 updates and goes on so, though this run may have 20"
    ]
    assert told == [10]
    assert step.learning_rates == rates


def test_a_restored_plan_is_the_checkpoints_and_that_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = a_step([]), a_step([])
    first.plan(10, 1, None)
    second.plan(20, 1, None)
    first.update(points(4))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            second.load_state_dict(deepcopy(first.state_dict()))
    assert len(caplog.messages) == 1
    assert "planned for 10 updates in the checkpoint" in caplog.messages[0]
    first.update(points(4))
    second.update(points(4))
    assert second.learning_rates == first.learning_rates


def test_a_checkpoint_of_the_same_schedule_without_a_plan_goes_on() -> None:
    def plain(optimizer: optim.SGD) -> Schedule:
        return per_step(OneCycleLR(optimizer, max_lr=0.2, total_steps=10))

    saved = OptimizerStep(seeded_regression(), optimizer=SGD, schedule=plain)
    saved.update(points(4))
    step = a_step([])
    step.plan(10, 1, None)
    step.load_state_dict(deepcopy(saved.state_dict()))
    step.update(points(4))
    assert step.n_steps == 2


def test_what_planned_gives_is_checked_like_any_schedule() -> None:
    def of_another(_: optim.SGD, n_steps: int) -> Schedule:
        return per_step(StepLR(SGD(seeded_regression().parameters()), n_steps))

    step = OptimizerStep(seeded_regression(), optimizer=SGD, schedule=planned(of_another))
    with pytest.raises(ConfigurationError, match="its StepLR moves another optimizer"):
        step.plan(5, 1, None)
