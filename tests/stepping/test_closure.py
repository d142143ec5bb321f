"""Second-order steps against loops by hand, bit for bit."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import Tensor, nn, optim
from torch.autograd import backward
from torch.nn import Parameter
from torch.optim.lr_scheduler import StepLR

from artifact_torch import (
    ClosureStep,
    EpochBoundStopper,
    OptimizerStep,
    Trainer,
    per_step,
    planned,
)
from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError, LossError
from tests.toys import Batches, Fit, Points, advance, points, same_weights, seeded_regression

LBFGS = partial(optim.LBFGS, lr=0.5, max_iter=4, line_search_fn="strong_wolfe")


class Sam:
    """Sharpness-aware minimisation (arXiv 2010.01412) around gradient descent."""

    def __init__(self, parameters: Iterable[Parameter], rho: float = 0.05) -> None:
        self._parameters = list(parameters)
        self._inner = optim.SGD(self._parameters, lr=0.1)
        self._rho = rho

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]:
        return list(self._inner.param_groups)

    def zero_grad(self, set_to_none: bool = True) -> None:
        self._inner.zero_grad(set_to_none)

    def step(self, closure: Callable[[], Tensor]) -> None:
        closure()
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        moves = [g * (self._rho / norm) for g in gradients]
        with torch.no_grad():
            for parameter, move in zip(self._parameters, moves, strict=True):
                parameter.add_(move)
        closure()
        with torch.no_grad():
            for parameter, move in zip(self._parameters, moves, strict=True):
                parameter.sub_(move)
        advance(self._inner)

    def state_dict(self) -> Mapping[str, object]:
        return self._inner.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._inner.load_state_dict(state_dict)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def batches() -> list[Points]:
    return list(Batches(points(20), 10).batches(1))


def test_lbfgs_is_that_of_a_loop_by_hand() -> None:
    model, by_hand = seeded_regression().eval(), seeded_regression().eval()
    optimizer = LBFGS(by_hand.parameters())
    step = ClosureStep(model, optimizer=LBFGS)
    for batch in batches() * 2:

        def closure(batch: Points = batch) -> float:
            optimizer.zero_grad()
            loss: Tensor = by_hand(batch)["loss"]
            backward(loss)
            return loss.item()

        before = by_hand(batch)["loss"].item()
        closing: Callable[[Callable[[], float]], object] = vars(optim.LBFGS)["step"].__get__(
            optimizer
        )
        closing(closure)
        assert step.update(batch)["loss"].item() == before
    step.end_epoch()
    assert same_weights(model.state_dict(), by_hand.state_dict())
    assert step.n_steps == 4


def test_lbfgs_solves_a_linear_problem_under_the_trainer() -> None:
    class Linear(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = Parameter(torch.zeros(3))

        def forward(self, points: Points) -> Fit:
            residual = points["x"] @ self.weight - points["y"]
            return Fit(loss=residual.square().mean(), residual=residual)

    model = Linear()
    result = Trainer(
        ClosureStep(model, optimizer=partial(optim.LBFGS, line_search_fn="strong_wolfe")),
        train_loader=Batches(points(), 20),
        stop=[EpochBoundStopper(max_n_epochs=5)],
        progress=False,
    ).train()
    assert result.n_steps == 5
    assert torch.allclose(model.weight, torch.ones(3), atol=1e-5)  # y is the sum of x


def test_sam_is_that_of_a_loop_by_hand() -> None:
    model, by_hand = seeded_regression().eval(), seeded_regression().eval()
    optimizer = Sam(by_hand.parameters())
    step = ClosureStep(model, optimizer=Sam, clip_norm=1e6)
    for batch in batches():

        def closure(batch: Points = batch) -> Tensor:
            optimizer.zero_grad()
            loss: Tensor = by_hand(batch)["loss"]
            backward(loss)
            return loss

        optimizer.step(closure)
        step.update(batch)
    assert same_weights(model.state_dict(), by_hand.state_dict())


def test_it_continues_from_its_state_and_its_schedule_counts_updates() -> None:
    def a_step() -> ClosureStep[Points, Fit]:
        made = ClosureStep(
            seeded_regression().eval(),
            optimizer=partial(optim.LBFGS, lr=0.5, max_iter=3),
            schedule=planned(lambda optimizer, n: per_step(StepLR(optimizer, n // 2, gamma=0.5))),
        )
        made.plan(2, 2, None)
        return made

    through, first, second = a_step(), a_step(), a_step()
    parts = batches() * 2
    rates: list[float] = []
    for batch in parts:
        rates.append(through.learning_rates["lr"])
        through.update(batch)
    assert rates == [0.5, 0.5, 0.25, 0.25]
    for batch in parts[:2]:
        first.update(batch)
    second.model.load_state_dict(first.model.state_dict())
    second.load_state_dict(deepcopy(first.state_dict()))
    for batch in parts[2:]:
        second.update(batch)
    second.after_scores({}, Moment(epoch=2, step=4))
    assert same_weights(second.model.state_dict(), through.model.state_dict())
    assert second.n_steps == 4
    assert second.learning_rates == through.learning_rates == {"lr": 0.125}


def test_what_cannot_work_with_a_closure_is_refused_in_words() -> None:
    make = partial(untyped, ClosureStep)
    with pytest.raises(ConfigurationError) as refused:
        make(seeded_regression(), optimizer=LBFGS, autocast=torch.float16)
    assert str(refused.value) == (
        "ClosureStep: autocast=torch.float16 scales the loss, which the optimizer compares with "
        "that of a moment ago; use torch.bfloat16"
    )
    with pytest.raises(ConfigurationError) as foreign:
        make(seeded_regression(), optimizer=LBFGS, accumulate=2)
    assert str(foreign.value) == (
        "ClosureStep: accumulate= is a larger batch_size of the loader here"
    )


def test_an_optimizer_that_never_asks_is_told() -> None:
    class Idle:
        def __init__(self, parameters: Iterable[Parameter]) -> None:
            self.param_groups: Sequence[Mapping[str, object]] = [{"params": list(parameters)}]

        def zero_grad(self, set_to_none: bool = True) -> None: ...
        def step(self, closure: Callable[[], Tensor]) -> None: ...
        def state_dict(self) -> Mapping[str, object]:
            return {}

        def load_state_dict(self, state_dict: dict[str, object], /) -> None: ...

    step = ClosureStep(seeded_regression(), optimizer=Idle)
    with pytest.raises(ConfigurationError, match=r"Idle\.step did not call the closure that"):
        step.update(points(4))


def test_a_first_order_optimizer_of_torch_fits_too() -> None:
    model, other = seeded_regression().eval(), seeded_regression().eval()
    closing = ClosureStep(model, optimizer=partial(optim.SGD, lr=0.1))
    plain = OptimizerStep(other, optimizer=partial(optim.SGD, lr=0.1))
    for batch in batches():
        closing.update(batch)
        plain.update(batch)
    assert same_weights(model.state_dict(), other.state_dict())


def test_a_loss_that_is_not_finite_ends_it_as_in_every_step() -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = Parameter(torch.ones(3))

        def forward(self, points: Points) -> Fit:
            return Fit(loss=(points["x"] @ self.weight).mean() * math.nan, residual=points["y"])

    with pytest.raises(LossError, match="loss: not finite at step 1: nan"):
        ClosureStep(Broken(), optimizer=LBFGS).update(points(4))
