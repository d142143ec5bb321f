"""What the schedules refuse; when they advance is in test_steps.py."""

from collections.abc import Callable

import pytest
from torch import nn, ones, optim

from artifact_torch import ConfigurationError, ContractError, by_score, per_epoch, per_step
from artifact_torch.checking.places import Composed


def untyped(make: Callable[..., object], *given: object) -> object:
    """What a checker would refuse as well."""
    return make(*given)


def optimizer() -> optim.SGD:
    return optim.SGD([nn.Parameter(ones(1))], lr=0.1)


@pytest.mark.parametrize(("make", "more"), [(per_step, ()), (per_epoch, ()), (by_score, ("a",))])
def test_an_optimizer_is_no_scheduler(make: Callable[..., object], more: tuple[str, ...]) -> None:
    with pytest.raises(ContractError) as refused:
        untyped(make, optimizer(), *more)
    assert str(refused.value) == (
        "scheduler: got SGD, an optimizer; expected a scheduler made from it, for example "
        "StepLR(optimizer, step_size=10)"
    )


def test_a_score_without_a_name_is_refused() -> None:
    plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer())
    with pytest.raises(ConfigurationError) as refused:
        untyped(by_score, plateau, None)
    assert str(refused.value) == "by_score: name must be a non-empty str, got None"


def test_schedules_show_what_they_are_made_of() -> None:
    step, plateau = (
        optim.lr_scheduler.StepLR(optimizer(), 1),
        optim.lr_scheduler.ReduceLROnPlateau(optimizer()),
    )
    for schedule, scheduler in ((per_epoch(step), step), (by_score(plateau, "a"), plateau)):
        assert isinstance(schedule, Composed)
        assert [part for _, part, _ in schedule.contract_places] == [scheduler]
