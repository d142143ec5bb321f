"""The optimizer step against loops written by hand, bit for bit."""

import copy
import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn import Parameter

from artifact_torch import OptimizerStep, Schedule, by_score, per_epoch, per_step
from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError, LossError
from tests.toys import (
    Batches,
    Fit,
    Points,
    Regression,
    advance,
    points,
    same_weights,
    seeded_regression,
)

SGD = partial(optim.SGD, lr=0.1)
END = Moment(epoch=1, step=4)


def parts(n_rows: int = 20, batch_size: int = 5) -> list[Points]:
    return list(Batches(points(n_rows), batch_size).batches(1))


def run(step: OptimizerStep[Points, Fit], batches: list[Points]) -> None:
    for batch in batches:
        step.update(batch)
    step.end_epoch()


def test_one_update_per_batch_like_a_hand_written_loop() -> None:
    model, by_hand = seeded_regression(), seeded_regression()
    optimizer = optim.Adam(by_hand.parameters(), lr=0.01)
    torch.default_generator.manual_seed(5)
    for batch in parts():
        optimizer.zero_grad()
        torch.autograd.backward(by_hand(batch)["loss"])
        advance(optimizer)
    step = OptimizerStep(model, optimizer=partial(optim.Adam, lr=0.01))
    torch.default_generator.manual_seed(5)
    run(step, parts())
    assert same_weights(model.state_dict(), by_hand.state_dict())
    assert step.n_steps == 4


def test_accumulation_is_one_update_of_the_mean_loss_and_the_rest_at_the_end() -> None:
    model, by_hand = seeded_regression().eval(), seeded_regression().eval()
    optimizer = SGD(by_hand.parameters())
    batches = parts(n_rows=25)
    for window in (batches[:2], batches[2:4], batches[4:]):
        optimizer.zero_grad()
        for batch in window:
            torch.autograd.backward(by_hand(batch)["loss"] / len(window))
        advance(optimizer)
    step = OptimizerStep(model, optimizer=SGD, accumulate=2)
    run(step, batches)
    assert step.n_steps == 3
    assert same_weights(model.state_dict(), by_hand.state_dict())


def test_clipping_bounds_the_gradient_that_is_applied() -> None:
    model = seeded_regression().eval()
    before = [p.detach().clone() for p in model.parameters()]
    step = OptimizerStep(model, optimizer=partial(optim.SGD, lr=1.0), clip_norm=1e-3)
    step.update(parts()[0])
    moved = torch.cat([(a - b).flatten() for a, b in zip(model.parameters(), before, strict=True)])
    assert moved.square().sum().sqrt().item() == pytest.approx(1e-3, rel=1e-3)


def test_autocast_runs_the_forward_pass_in_that_type() -> None:
    seen: list[torch.dtype] = []

    class Spy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 1)

        def forward(self, points: Points) -> Fit:
            out: Tensor = self.layer(points["x"])
            seen.append(out.dtype)
            return Fit(loss=out.float().square().mean(), residual=out)

    OptimizerStep(Spy(), optimizer=SGD, autocast=torch.bfloat16).update(parts()[0])
    assert seen == [torch.bfloat16]


SCHEDULES: list[tuple[Callable[[optim.SGD], Schedule], list[float]]] = [
    (lambda o: per_epoch(optim.lr_scheduler.StepLR(o, 1, gamma=0.5)), [0.1, 0.05, 0.025]),
    (lambda o: per_step(optim.lr_scheduler.StepLR(o, 4, gamma=0.5)), [0.1, 0.05, 0.025]),
    (
        lambda o: by_score(optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=0), "loss"),
        [0.1, 0.1, 0.05],
    ),
]


@pytest.mark.parametrize(("build", "expected"), SCHEDULES)
def test_schedules_advance_at_their_moment(
    build: Callable[[optim.SGD], Schedule], expected: list[float]
) -> None:
    """D7: the published trainer steps every scheduler per batch and cannot run Plateau at all."""
    rates: list[float] = []
    kept: list[optim.SGD] = []

    def schedule(optimizer: optim.SGD) -> Schedule:
        kept.append(optimizer)
        return build(optimizer)

    step = OptimizerStep(seeded_regression(), optimizer=SGD, schedule=schedule)
    for _ in range(3):
        rates.append(kept[0].param_groups[0]["lr"])
        run(step, parts())
        step.after_scores({"loss": 1.0}, END)
    assert rates == pytest.approx(expected)


def test_an_epoch_without_the_score_leaves_a_score_schedule_alone() -> None:
    optimizers: list[optim.SGD] = []

    def schedule(optimizer: optim.SGD) -> Schedule:
        optimizers.append(optimizer)
        plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
        return by_score(plateau, "loss")

    step = OptimizerStep(seeded_regression(), optimizer=SGD, schedule=schedule)
    step.after_scores({"loss": 1.0}, END)
    step.after_scores({}, END)
    assert optimizers[0].param_groups[0]["lr"] == 0.1
    assert list(step.monitored) == ["loss"]


def test_a_subset_of_the_parameters_may_be_trained() -> None:
    """D8: the published trainer refuses to fine-tune a subset."""
    model = seeded_regression()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    head = model.layers[3]
    run(OptimizerStep(model, optimizer=lambda _all: optim.SGD(head.parameters(), lr=0.1)), parts())
    moved = {name for name, value in model.state_dict().items() if not before[name].equal(value)}
    assert moved == {"layers.3.weight", "layers.3.bias"}


def test_an_optimizer_of_another_model_is_refused() -> None:
    other = seeded_regression()
    with pytest.raises(ConfigurationError, match="SGD owns 4 parameters, none of them the model's"):
        OptimizerStep(seeded_regression(), optimizer=lambda _all: SGD(other.parameters()))


def test_it_continues_from_its_state() -> None:
    adam = partial(optim.Adam, lr=0.01)
    model = seeded_regression().eval()
    step = OptimizerStep(model, optimizer=adam)
    run(step, parts())
    twin = seeded_regression().eval()
    twin.load_state_dict(model.state_dict())
    second = OptimizerStep(twin, optimizer=adam)
    second.load_state_dict(copy.deepcopy(step.state_dict()))
    run(step, parts())
    run(second, parts())
    assert same_weights(model.state_dict(), twin.state_dict())
    assert second.n_steps == step.n_steps == 8


def test_bad_options_are_refused_together() -> None:
    with pytest.raises(ConfigurationError) as refused:
        OptimizerStep(seeded_regression(), optimizer=SGD, accumulate=0, clip_norm=-1.0)
    assert str(refused.value) == (
        "OptimizerStep: accumulate must be at least 1, got 0; "
        "clip_norm must be a positive number, or None for no clipping, got -1.0"
    )


class Loss(TypedDict):
    loss: Tensor


class Faulty(nn.Module):
    """Returns whatever it is given, whatever it declares."""

    def __init__(self, answer: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.weight = Parameter(torch.ones(3))
        self.answer = answer

    def forward(self, points: Points) -> Loss:
        answer: Loss = self.__dict__["answer"](points["x"] @ self.weight)
        return answer


FAULTS: list[tuple[Callable[[Tensor], object], str]] = [
    (lambda out: {"other": out}, "key \"loss\" is missing, got .'other'.; return the"),
    (lambda _out: None, 'output of forward: got NoneType, expected a dict with the key "loss"'),
    (lambda _out: {"loss": None}, "loss: got NoneType, expected a scalar tensor"),
    (lambda _out: {"loss": 1.0}, "loss: got float, expected a scalar tensor"),
    (lambda out: {"loss": out}, r"loss: got a tensor of shape \[5\], expected a scalar"),
    (lambda out: {"loss": out.mean().detach()}, "loss: has no gradient, so no parameter can"),
    (lambda out: {"loss": out.mean() * math.nan}, "loss: not finite at step 1: nan; lower the"),
    (lambda out: {"loss": out.mean() * math.inf}, "loss: not finite at step 1: -?inf; lower"),
]


@pytest.mark.parametrize(("answer", "message"), FAULTS)
def test_a_loss_that_cannot_be_minimised(answer: Callable[[Tensor], object], message: str) -> None:
    """D13 and 4.4: trained on silently, or an AssertionError without text."""
    model = Faulty(answer)
    with pytest.raises(LossError, match=message):
        OptimizerStep(model, optimizer=SGD).update(parts()[0])
    assert torch.equal(model.weight, torch.ones(3))


def test_a_loss_that_does_not_depend_on_the_trained_parameters() -> None:
    model = Faulty(lambda out: {"loss": out.mean()})
    unused = Parameter(torch.zeros(1))
    model.register_parameter("unused", unused)
    with pytest.raises(LossError, match="no parameter of the optimizer received a gradient"):
        OptimizerStep(model, optimizer=lambda _all: SGD([unused])).update(parts()[0])


def test_the_optimizer_is_built_once_from_all_parameters() -> None:
    calls: list[int] = []

    def factory(parameters: Iterable[Parameter]) -> optim.SGD:
        listed = list(parameters)
        calls.append(len(listed))
        return SGD(listed)

    OptimizerStep(Regression(), optimizer=factory)
    assert calls == [4]
