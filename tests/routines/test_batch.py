"""Callbacks on the training's batches, called in order; contracts are the trainer's to check."""

from collections.abc import Callable
from functools import partial

import pytest
from torch import optim, zeros

from artifact_torch import BatchRoutine, EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.errors import ConfigurationError, ContractError
from tests.toys import Batches, Fit, Points, points, seeded_regression


class Noted:
    def __init__(self, name: str, calls: list[tuple[str, int, object, object]]) -> None:
        self.name = name
        self.calls = calls

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        self.calls.append((self.name, step, batch, output))


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def test_all_are_called_in_order_with_what_it_is_called_with() -> None:
    calls: list[tuple[str, int, object, object]] = []
    routine = BatchRoutine([Noted("a", calls), Noted("b", calls)])
    batch, output = points(1), Fit(loss=zeros(()), residual=zeros(1))
    routine.on_batch(7, batch, output)
    assert [call[:2] for call in calls] == [("a", 7), ("b", 7)]
    assert all(call[2] is batch and call[3] is output for call in calls)


def test_one_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="^BatchRoutine: callbacks must be a list, got a"):
        untyped(BatchRoutine, Noted("a", []))


class OfText:
    def on_batch(self, step: str, batch: object, output: object) -> None: ...


def test_what_it_is_made_of_is_checked_by_the_trainer() -> None:
    routine = untyped(BatchRoutine, [OfText()])
    with pytest.raises(ContractError) as refused:
        untyped(
            Trainer,
            OptimizerStep(seeded_regression(), optimizer=partial(optim.SGD, lr=0.1)),
            train_loader=Batches(points(), 10),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            callbacks=[routine],
        )
    assert str(refused.value).splitlines() == [
        "callbacks= OfText does not satisfy BatchCallback:",
        "  - on_batch(step): accepts str, is called with int: int is not a str [parameter-type]",
    ]
