"""Half of an optional contract is not the same as none of it."""

from collections.abc import Mapping

import pytest

from artifact_torch import (
    BestScoreTracker,
    ContractError,
    EpochBoundStopper,
    OptimizerStep,
    PatienceStopper,
    Trainer,
    stop_when,
    track_best,
)
from artifact_torch.checking.places import optional_places
from artifact_torch.contracts import Bounded, Monitor, RunState, Stateful
from tests.toys import Batches, points, seeded_regression
from tests.trainer.composed import SGD


class Always:
    def should_stop(self, update: RunState) -> bool:
        return True

    def is_best(self, criterion: RunState) -> bool:
        return True


class Saves(Always):
    def state_dict(self) -> Mapping[str, object]:
        return {}


class Loads(Always):
    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class MethodForNames(Always):
    def monitored(self) -> list[str]:
        return ["loss"]


class NumberForNames(Always):
    monitored = 3


class TextForBound(Always):
    max_n_epochs = "3"


class Never(Always):
    @property
    def monitored(self) -> list[str]:
        raise AssertionError


@pytest.mark.parametrize(
    ("part", "contracts"),
    [
        (Always(), []),
        (Saves(), [Stateful]),
        (Loads(), [Stateful]),
        (Never(), [Monitor]),
        (EpochBoundStopper(max_n_epochs=1), [Bounded]),
        (PatienceStopper("loss", patience=1), [Stateful, Monitor]),
        (BestScoreTracker("loss"), [Stateful, Monitor]),
        (stop_when(Always(), on=lambda state: state), [Monitor]),
    ],
)
def test_a_place_for_each_contract_of_which_there_is_a_member(
    part: object, contracts: list[object]
) -> None:
    assert optional_places("stop", part) == [("stop", part, each) for each in contracts]


WRONG: list[tuple[Always, str]] = [
    (Saves(), "Saves does not satisfy Stateful:\n  - load_state_dict: is missing"),
    (Loads(), "Loads does not satisfy Stateful:\n  - state_dict: is missing"),
    (MethodForNames(), "MethodForNames does not satisfy Monitor:\n  - monitored: is a method"),
    (NumberForNames(), "NumberForNames does not satisfy Monitor:\n  - monitored: is int, must"),
    (TextForBound(), "TextForBound does not satisfy Bounded:\n  - max_n_epochs: is str, must be"),
]


@pytest.mark.parametrize(("part", "said"), WRONG)
def test_a_wrong_half_is_refused_where_parts_are_put_together(part: Always, said: str) -> None:
    step = OptimizerStep(seeded_regression(), optimizer=SGD)
    with pytest.raises(ContractError, match=f"stop= {said}"):
        Trainer(step, train_loader=Batches(points(), 10), stop=[part])
    with pytest.raises(ContractError, match=f"best= {said}"):
        Trainer(
            step,
            train_loader=Batches(points(), 10),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            best=part,
        )
    with pytest.raises(ContractError, match=f"stopper= {said}"):
        stop_when(part, on=lambda state: state)
    with pytest.raises(ContractError, match=f"tracker= {said}"):
        track_best(part, by=lambda state: state)
