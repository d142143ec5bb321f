"""Parts that are left alone for a while, and what was frozen by hand."""

import copy
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from artifact_torch import (
    CheckpointError,
    ConfigurationError,
    Frozen,
    OptimizerStep,
    minutes,
    steps,
)
from artifact_torch.contracts import Every, Moment
from tests.callbacks.steps import Still, at
from tests.toys import Regression, advance, points, seeded_regression


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def first_layer(model: Regression) -> nn.Linear:
    layer = model.layers[0]
    assert isinstance(layer, nn.Linear)
    return layer


def frozen_names(model: nn.Module) -> list[str]:
    return [name for name, p in model.named_parameters() if not p.requires_grad]


LAYER = ["layers.0.weight", "layers.0.bias"]


@pytest.mark.parametrize(
    ("at_", "before", "after"),
    [
        (3, at(epoch=2), at(epoch=3)),
        (steps(500), at(step=499), at(step=500)),
        (minutes(10), at(seconds=599.9), at(seconds=600.0)),
        (steps(500), at(step=3), at(step=501)),
        (minutes(0.5), at(), Moment(epoch=1, step=1, elapsed=frozenset({minutes(0.5)}))),
    ],
)
def test_until_and_since(at_: Every, before: Moment, after: Moment) -> None:
    model = seeded_regression()
    until = Frozen(first_layer(model), until=at_)
    assert until.every == at_
    assert until.result_names == ()
    assert frozen_names(model) == LAYER
    assert until.on_moment(Still(model), before) == {}
    assert frozen_names(model) == LAYER
    until.on_moment(Still(model), after)
    assert frozen_names(model) == []

    since = Frozen(first_layer(model), since=at_)
    assert since.every == at_
    since.on_moment(Still(model), before)
    assert frozen_names(model) == []
    since.on_moment(Still(model), after)
    assert frozen_names(model) == LAYER


def test_what_is_frozen_by_hand_stays() -> None:
    model = seeded_regression()
    first_layer(model).bias.requires_grad = False
    callback = Frozen(first_layer(model), until=1)
    assert frozen_names(model) == LAYER
    callback.on_moment(Still(model), at(epoch=1))
    assert frozen_names(model) == LAYER[1:]


def test_what_is_done_by_hand_after_its_moment_stays() -> None:
    model = seeded_regression()
    callback = Frozen(first_layer(model), until=1)
    callback.on_moment(Still(model), at(epoch=1))
    first_layer(model).bias.requires_grad = False
    callback.on_moment(Still(model), at(epoch=2))
    assert frozen_names(model) == LAYER[1:]


def test_the_updates_are_those_of_a_loop_by_hand() -> None:
    """Momentum and weight decay included: a frozen parameter moves by no bit."""
    ours, theirs = seeded_regression().eval(), seeded_regression().eval()
    sgd = partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.1)
    step = OptimizerStep(ours, optimizer=sgd, device="cpu")
    callbacks = [
        Frozen(first_layer(ours), until=steps(2)),
        Frozen(ours.layers[3], since=steps(4)),
    ]
    optimizer = sgd(theirs.parameters())
    for number in range(6):
        step.update(points(seed=number))
        for each in callbacks:
            each.on_moment(Still(ours), at(epoch=0, step=number + 1, ends_epoch=False))

        optimizer.zero_grad()
        torch.autograd.backward(theirs(points(seed=number))["loss"])
        for name, parameter in theirs.named_parameters():
            if (name.startswith("layers.0") and number < 2) or (
                name.startswith("layers.3") and number >= 4
            ):
                parameter.grad = None
        advance(optimizer)
        same = zip(ours.parameters(), theirs.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in same), number


def test_an_optimizer_that_keeps_zeros_does_not_go_on_moving() -> None:
    """Momentum moves a parameter whose gradient is 0, not one without a gradient."""
    model = seeded_regression()
    callback = Frozen(first_layer(model), since=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    torch.autograd.backward(model(points())["loss"])
    advance(optimizer)
    callback.on_moment(Still(model), at(epoch=1))
    before = copy.deepcopy(first_layer(model).state_dict())
    optimizer.zero_grad(set_to_none=False)
    torch.autograd.backward(model(points())["loss"])
    advance(optimizer)
    after = first_layer(model).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("epoch", [2, 3, 4])
def test_a_restored_run_is_where_it_was(epoch: int) -> None:
    """Until the third epoch: at the fourth nothing is due that would unfreeze it."""
    model, restored = seeded_regression(), seeded_regression()
    first = Frozen(first_layer(model), until=3)
    for each in range(1, epoch + 1):
        if at(epoch=each).reaches(first.every):
            first.on_moment(Still(model), at(epoch=each))
    second = Frozen(first_layer(restored), until=3)
    second.load_state_dict({**first.state_dict()})
    assert frozen_names(restored) == frozen_names(model) == (LAYER if epoch < 3 else [])


def test_going_back_freezes_again() -> None:
    model = seeded_regression()
    callback = Frozen(first_layer(model), until=3)
    earlier = {**callback.state_dict()}
    callback.on_moment(Still(model), at(epoch=3))
    callback.load_state_dict(earlier)
    assert frozen_names(model) == LAYER


def test_the_rehearsal_changes_nothing_but_refuses_a_part_of_another_model() -> None:
    model = seeded_regression()
    callback = Frozen(first_layer(model), until=1)
    callback.on_moment(Still(model), at(epoch=1, is_rehearsal=True))
    assert frozen_names(model) == LAYER
    with pytest.raises(ConfigurationError, match="Linear is not part of Regression, the model"):
        callback.on_moment(Still(seeded_regression()), at(is_rehearsal=True))


def test_running_statistics_go_on_moving() -> None:
    norm = nn.BatchNorm1d(3)
    Frozen(norm, until=1)
    norm(torch.ones(8, 3))
    assert norm.running_mean is not None
    assert torch.allclose(norm.running_mean, torch.full((3,), 0.1))  # a tenth of the way from 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "got neither of until= and since=, expected one"),
        ({"until": 1, "since": 2}, "got both of until= and since=, expected one"),
        ({"until": 0}, "until must be at least 1, got 0"),
        ({"since": 1.5}, "since must be an int of at least 1, got 1.5"),
    ],
)
def test_one_moment_is_asked_for(given: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(Frozen, nn.Linear(1, 1), **given)
    assert f"Frozen: {said}" in str(refused.value)


def test_nothing_to_freeze_is_refused() -> None:
    part = nn.Linear(1, 1)
    Frozen(part, until=2)  # of a trainer before, say
    with pytest.raises(ConfigurationError, match="Linear has no parameter that is trained; was it"):
        Frozen(part, until=2)
    with pytest.raises(ConfigurationError, match=r"expected a torch\.nn\.Module; give it a part"):
        untyped(Frozen, "backbone", until=2)


def test_another_state_is_refused() -> None:
    with pytest.raises(CheckpointError, match='"is_frozen" must be True or False, got None'):
        Frozen(nn.Linear(1, 1), until=2).load_state_dict({})
