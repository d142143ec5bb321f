"""The search for a learning rate, against one written by hand; and that it leaves no trace."""

import math
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn, optim
from torch.autograd import backward
from torch.optim.lr_scheduler import OneCycleLR

from artifact_torch import (
    AlternatingStep,
    ClosureStep,
    EpochBoundStopper,
    FoundRate,
    OptimizerStep,
    Part,
    Trainer,
    averaged,
    ema,
    find_learning_rate,
    per_step,
    planned,
)
from artifact_torch.checkpoints.rng import rng_state
from artifact_torch.contracts import Model, TrainingStep, Tunable, Turn
from artifact_torch.errors import ConfigurationError, LossError
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple
from artifact_torch.stepping.update.finite import FiniteWatch
from tests.toys import (
    Batches,
    Fit,
    Points,
    Still,
    advance,
    points,
    same,
    same_weights,
    seeded_regression,
)

SGD = partial(optim.SGD, lr=0.1)
ADAM = partial(optim.Adam, lr=0.1)


class Line(nn.Module):
    """No randomness, and a buffer that is not saved."""

    n_seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layer = nn.Linear(3, 1)
        self.register_buffer("n_seen", torch.zeros(()), persistent=False)

    def weights(self) -> list[nn.Parameter]:
        return [p for name, p in self.named_parameters() if name == "layer.weight"]

    def biases(self) -> list[nn.Parameter]:
        return [p for name, p in self.named_parameters() if name == "layer.bias"]

    def forward(self, points: Points) -> Fit:
        self.n_seen += 1
        residual: Tensor = self.layer(points["x"]).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


class Draws(Batches):
    """From all generators of the CPU."""

    def batches(self, epoch: int) -> Iterator[Points]:
        for batch in super().batches(epoch):
            torch.rand(1)
            np.random.permutation(3)  # noqa: NPY002  the global one
            random.random()
            yield batch


LOADER = Batches(points(20), 6)  # four batches, the last of two rows


def by_hand(n_updates: int, lowest: float, highest: float) -> tuple[list[float], list[float]]:
    """Rates and running losses of `Line` under SGD, one batch an update."""
    model = Line()
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    rates, losses, running = list[float](), list[float](), 0.0
    batches = list(LOADER.batches(1)) * n_updates
    for index in range(n_updates):
        rate = lowest * (highest / lowest) ** (index / (n_updates - 1))
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = model(batches[index])["loss"]
        backward(loss)
        advance(optimizer)
        running = 0.98 * running + 0.02 * loss.item()
        rates.append(rate)
        losses.append(running / (1 - 0.98 ** (index + 1)))
    return rates, losses


def test_rates_and_losses_are_those_of_a_loop_written_by_hand() -> None:
    found = find_learning_rate(OptimizerStep(Line(), optimizer=SGD), LOADER, n_updates=40)
    rates, losses = by_hand(40, 1e-7, 1.0)
    assert 30 < len(found.rates) <= 40
    assert np.allclose(found.rates, rates[: len(found.rates)], rtol=1e-9, atol=0)
    assert np.allclose(found.losses, losses[: len(found.losses)], rtol=1e-5, atol=0)
    assert found.rates[0] == 1e-7


def test_the_suggestion_is_where_the_loss_falls_fastest() -> None:
    losses = [9.0] * 10 + [9, 8.9, 8.5, 7, 5, 4.5, 4.4, 6, 9, 30]
    rates = [10.0 ** (index - 20) for index in range(20)]
    found = FoundRate(rates=rates, losses=losses, n_left_out=2)
    # central differences: the largest fall, 8.5 to 5, is around index 13
    assert found.suggestion == rates[13]


def test_the_last_and_the_first_tenth_are_left_out() -> None:
    losses = [9.0, 1.0, 0.9, 0.8, 0.7, -9.0]
    found = FoundRate(rates=[1, 2, 3, 4, 5, 6], losses=losses, n_left_out=2)
    assert found.suggestion in (3, 4, 5)


def test_the_suggestion_is_that_of_lightning() -> None:
    whole = Batches(points(20), 20)  # batches that differ hide the slope
    found = find_learning_rate(OptimizerStep(Line(), optimizer=SGD), whole)
    assert len(found.rates) > 50
    # lightning.pytorch.tuner.lr_finder: skip_begin=10, skip_end=1
    slopes = torch.gradient(torch.tensor(found.losses[10:-1], dtype=torch.float64))[0]
    assert found.suggestion == found.rates[int(slopes.argmin()) + 10]
    assert 0.001 < found.suggestion < 1


@pytest.mark.parametrize("losses", [[1.0, 2.0, 3.0, 4.0, 5.0], [1.0], []])
def test_there_is_no_suggestion_where_nothing_falls(losses: list[float]) -> None:
    found = FoundRate(rates=[0.1] * len(losses), losses=losses, n_left_out=0)
    with pytest.raises(
        LossError, match=r"the loss never fell in \d updates.*; try lower rates \(lowest=\)"
    ):
        _ = found.suggestion


def test_it_ends_early_where_the_loss_explodes() -> None:
    step = OptimizerStep(Line(), optimizer=SGD)
    found = find_learning_rate(step, LOADER, lowest=1e-3, highest=1e6, n_updates=60)
    assert 3 < len(found.rates) < 60
    assert found.rates[-1] < 1e4
    assert found.suggestion < found.rates[-1]


def test_it_ends_early_where_the_loss_is_not_finite() -> None:
    step = OptimizerStep(Line(), optimizer=SGD)
    found = find_learning_rate(step, LOADER, lowest=1e-3, highest=1e53, n_updates=3)
    assert len(found.rates) == len(found.losses) == 2


class Lost(Line):
    """Its third loss is NaN, and those after it."""

    def forward(self, points: Points) -> Fit:
        fit = super().forward(points)
        return Fit(
            loss=fit["loss"] * (math.nan if self.n_seen > 2 else 1), residual=fit["residual"]
        )


def unseen(_watch: FiniteWatch, _value: Tensor) -> bool:
    return True


def test_so_it_does_where_the_step_does_not_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on an accelerator."""
    monkeypatch.setattr(FiniteWatch, "sees", unseen)
    step = OptimizerStep(Lost(), optimizer=SGD)
    found = find_learning_rate(step, LOADER, lowest=1e-3, highest=1e-2, n_updates=6)
    assert len(found.rates) == len(found.losses) == 2
    assert np.isfinite(found.losses).all()


def test_an_update_of_several_batches_counts_once_by_their_mean() -> None:
    step = OptimizerStep(Line(), optimizer=SGD, accumulate=2)
    found = find_learning_rate(step, LOADER, lowest=1e-30, highest=1e-29, n_updates=3)
    with torch.no_grad():
        losses = [Line()(batch)["loss"].item() for batch in LOADER.batches(1)]
    first, second = sum(losses[:2]) / 2, sum(losses[2:]) / 2
    running = [first, (0.98 * first + second) / 1.98]
    running.append((0.98 * (0.98 * first + second) + first) / (1 + 0.98 + 0.98**2))
    assert np.allclose(found.losses, running, rtol=1e-5)


def play(model: Line, batch: Points, turn: Turn) -> Fit:
    halves = [lambda: model(batch)["loss"], lambda: 2 * model(batch)["loss"]]
    losses = [turn(name, loss) for name, loss in zip(("weight", "bias"), halves, strict=True)]
    return Fit(loss=losses[0], residual=batch["y"])


def alternating() -> TrainingStep[Points, Fit]:
    model = Line()
    parts = {
        "weight": Part(model.weights(), optimizer=partial(optim.Adam, lr=0.1)),
        "bias": Part(model.biases(), optimizer=partial(optim.SGD, lr=0.02)),
    }
    return AlternatingStep(model, play=lambda batch, turn: play(model, batch, turn), parts=parts)


def one_cycle() -> TrainingStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(),
        optimizer=ADAM,
        clip_norm=1.0,
        schedule=planned(lambda made, n: per_step(OneCycleLR(made, max_lr=0.1, total_steps=n))),
    )


STEPS: dict[str, Callable[[], TrainingStep[Points, Fit]]] = {
    "adam, dropout": lambda: OptimizerStep(seeded_regression(), optimizer=ADAM),
    "momentum, buffer": lambda: OptimizerStep(Line(), optimizer=partial(SGD, momentum=0.9)),
    "accumulating": lambda: OptimizerStep(seeded_regression(), optimizer=ADAM, accumulate=3),
    "one cycle": one_cycle,
    "alternating": alternating,
    "averaged": lambda: averaged(OptimizerStep(Line(), optimizer=ADAM), ema(0.9)),
    "closure": lambda: ClosureStep(Line(), optimizer=partial(optim.LBFGS, lr=0.1, max_iter=2)),
}


def trained(step: TrainingStep[Points, Fit], n_epochs: int = 2) -> dict[str, object]:
    trainer = Trainer(
        step,
        train_loader=LOADER,
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        progress=False,
    )
    trainer.train()
    return {**trainer.result.last_weights}


@pytest.mark.parametrize("name", STEPS)
def test_training_after_it_is_training_without_it(name: str) -> None:
    torch.default_generator.manual_seed(3)
    step = STEPS[name]()
    state = torch.get_rng_state()
    expected = trained(step)
    again = STEPS[name]()
    torch.set_rng_state(state)
    find_learning_rate(again, LOADER, n_updates=11)
    assert torch.equal(torch.get_rng_state(), state)
    assert same_weights(trained(again), expected)


def flat(state: object) -> list[object]:
    """Every leaf of a state; tensors as lists."""
    if isinstance(state, Tensor):
        return [repr(state.double().numpy().tobytes())]
    if is_mapping(state):
        return [leaf for value in state.values() for leaf in flat(value)]
    if is_list(state) or is_tuple(state):
        return [leaf for value in state for leaf in flat(value)]
    return [state]


@pytest.mark.parametrize("name", STEPS)
def test_in_the_middle_of_a_run_everything_is_as_it_was(name: str) -> None:
    step = STEPS[name]()
    trained(step, 1)
    model = step.model
    model.eval()
    before = deepcopy((dict(model.state_dict()), dict(step.state_dict())))
    gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    buffers = [each.clone() for each in model.buffers()]
    generators = rng_state(step.device)
    find_learning_rate(step, Draws(points(20), 6), n_updates=7)
    assert flat((dict(model.state_dict()), dict(step.state_dict()))) == flat(before)
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is gradient or same(parameter.grad, gradient)
    for buffer, was in zip(model.buffers(), buffers, strict=True):
        assert torch.equal(buffer, was)
    assert not any(each.training for each in model.modules())
    assert flat(rng_state(step.device)) == flat(generators)


def test_parts_keep_their_proportions() -> None:
    step = alternating()
    seen: list[dict[str, float]] = []

    class Watched(Batches):
        def batches(self, epoch: int) -> Any:
            for batch in super().batches(epoch):
                assert isinstance(step, Tunable)
                seen.append(dict(step.learning_rates))
                yield batch

    find_learning_rate(step, Watched(points(20), 6), lowest=0.1, highest=0.4, n_updates=3)
    assert seen[0] == pytest.approx({"weight": 0.1, "bias": 0.02})
    assert seen[1] == pytest.approx({"weight": 0.2, "bias": 0.04})
    assert seen[2] == pytest.approx({"weight": 0.4, "bias": 0.08})
    assert isinstance(step, Tunable)
    assert step.learning_rates == {"weight": 0.1, "bias": 0.02}


def test_an_error_of_the_model_leaves_no_trace_either() -> None:
    class Fails(Line):
        def forward(self, points: Points) -> Fit:
            if self.n_seen == 2:
                raise RuntimeError("here")
            return super().forward(points)

    model: Model[Points, Fit] = Fails()
    step = OptimizerStep(model, optimizer=ADAM)
    before = deepcopy(step.model.state_dict())
    with pytest.raises(RuntimeError, match="here"):
        find_learning_rate(step, LOADER)
    assert same_weights(before, step.model.state_dict())
    assert step.n_steps == 0
    assert step.learning_rates == {"lr": 0.1}


def test_what_cannot_be_is_said() -> None:
    step = OptimizerStep(Line(), optimizer=SGD)
    with pytest.raises(ConfigurationError) as told:
        find_learning_rate(step, LOADER, lowest=0.0, highest=-1.0, n_updates=1)
    assert str(told.value).splitlines() == [
        "find_learning_rate: lowest must be at least 1e-30, got 0.0",
        "find_learning_rate: highest must be above lowest, 0.0, got -1.0",
        "find_learning_rate: n_updates must be at least 3, got 1",
    ]


def test_a_step_without_rates_is_refused() -> None:
    still: Any = Still(Line())
    with pytest.raises(ConfigurationError, match="Still has no learning rate to set"):
        find_learning_rate(still, LOADER)


def test_the_first_error_of_a_loss_is_raised() -> None:
    class Detached(Line):
        def forward(self, points: Points) -> Fit:
            fit = super().forward(points)
            return Fit(loss=fit["loss"].detach(), residual=fit["residual"])

    with pytest.raises(LossError, match="has no gradient"):
        find_learning_rate(OptimizerStep(Detached(), optimizer=SGD), LOADER)
