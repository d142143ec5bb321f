"""Averages of the weights against torch's own."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim
from torch.optim import swa_utils
from torch.optim.swa_utils import AveragedModel

from artifact_torch import (
    AveragedStep,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    averaged,
    by_score,
    ema,
    per_epoch,
    steps,
    swa,
)
from artifact_torch.contracts import Averaged, Moment, Planned, TrainingStep
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.stepping.averaging import Averaging
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

SGD = partial(optim.SGD, lr=0.1)


class Normed(nn.Module):
    """Has buffers."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.norm = nn.BatchNorm1d(3)
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.layer(self.norm(points["x"])).flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def untyped(make: Callable[..., object], *given: object) -> object:
    return make(*given)


def batches() -> list[Points]:
    return list(Batches(points(20), 4).batches(1))


def inside(step: AveragedStep[Points, Fit]) -> dict[str, Tensor]:
    with step.averaged():
        return {name: value.clone() for name, value in step.model.state_dict().items()}


def a_step(how: Averaging, accumulate: int = 1) -> AveragedStep[Points, Fit]:
    return averaged(OptimizerStep(Normed(), optimizer=SGD, accumulate=accumulate), how)


def test_ema_has_the_numbers_of_torch() -> None:
    step, by_hand = a_step(ema(0.9)), Normed()
    plain = OptimizerStep(by_hand, optimizer=SGD)
    made: Callable[[float], Any] = vars(swa_utils)["get_ema_multi_avg_fn"]  # untyped by torch
    reference = AveragedModel(by_hand, multi_avg_fn=made(0.9))
    for batch in batches():
        step.update(batch)
        plain.update(batch)
        reference.update_parameters(by_hand)
        expected: nn.Module = reference.module
        assert same_weights(inside(step), expected.state_dict())
    assert same_weights(step.model.state_dict(), by_hand.state_dict())
    assert step.n_averaged == 5


def test_swa_is_the_mean_of_the_weights_after_each_epoch_from_start_on() -> None:
    step = a_step(swa(start=2))
    kept: list[Tensor] = []
    for _ in range(5):
        for batch in batches():
            step.update(batch)
        step.end_epoch()
        kept.append(step.model.get_parameter("layer.weight").detach().clone())
    assert step.n_averaged == 4
    mean = torch.stack(kept[1:]).mean(dim=0)
    assert torch.allclose(inside(step)["layer.weight"], mean, atol=1e-6)
    assert not torch.allclose(mean, kept[-1], atol=1e-4)


def test_an_epoch_whose_validation_was_interrupted_counts_once() -> None:
    """The trainer ends it again when the run goes on, here from a state."""
    step = a_step(swa())
    for batch in batches():
        step.update(batch)
    step.end_epoch()
    again = a_step(swa())
    again.model.load_state_dict(step.model.state_dict())
    again.load_state_dict(deepcopy(step.state_dict()))
    for each in (step, again):
        each.end_epoch()
        assert each.n_averaged == 1
        each.update(batches()[0])
        each.end_epoch()
        assert each.n_averaged == 2


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (swa(start=steps(3), every=steps(2)), 4),  # at 4, 6, 8, 10
        (swa(every=2), 1),
        (ema(0.9), 10),
        (ema(0.9, every=steps(5)), 2),
        (ema(0.9, every=1), 2),
        (swa(start=steps(6), every=1), 1),
    ],
)
def test_how_often_the_weights_go_in(how: Averaging, expected: int) -> None:
    step = a_step(how)
    for _ in range(2):
        for batch in batches():
            step.update(batch)
        step.end_epoch()
    assert step.n_averaged == expected


def test_an_update_counts_and_not_a_batch() -> None:
    step = a_step(ema(0.9), accumulate=2)
    for batch in batches():
        step.update(batch)
    assert step.n_averaged == 2
    step.end_epoch()  # the incomplete window is one more
    assert step.n_averaged == 3
    step.end_epoch()
    assert step.n_averaged == 3


def test_the_model_has_its_own_weights_back_bit_for_bit_whatever_happens() -> None:
    step = a_step(ema(0.9))
    for batch in batches():
        step.update(batch)
    own = deepcopy(step.model.state_dict())
    parameters = [id(p) for p in step.model.parameters()]
    with pytest.raises(KeyError, match="inside"), step.averaged(), step.averaged():
        raise KeyError("other" if same_weights(step.model.state_dict(), own) else "inside")
    assert same_weights(step.model.state_dict(), own)
    assert [id(p) for p in step.model.parameters()] == parameters


def test_before_the_first_average_the_weights_are_the_models() -> None:
    step = a_step(swa(start=3))
    step.update(batches()[0])
    assert same_weights(inside(step), step.model.state_dict())


def test_training_is_not_changed_by_it_and_it_continues_from_its_state() -> None:
    through, first, second = (a_step(ema(0.8)) for _ in range(3))
    plain = OptimizerStep(Normed(), optimizer=SGD)
    for batch in batches():
        through.update(batch)
        plain.update(batch)
    assert same_weights(through.model.state_dict(), plain.model.state_dict())
    for batch in batches()[:2]:
        first.update(batch)
    second.model.load_state_dict(first.model.state_dict())
    second.load_state_dict(deepcopy(first.state_dict()))
    for batch in batches()[2:]:
        second.update(batch)
    assert same_weights(inside(second), inside(through))
    assert second.n_averaged == through.n_averaged
    assert second.n_steps == 5


def test_validation_and_the_best_weights_take_the_average() -> None:
    step = a_step(ema(0.5))
    result = Trainer(
        step,
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(Batches(points(), 20), scores=[LossCallback("loss")])],
        best=BestScoreTracker("loss"),
        progress=False,
    ).train()
    by_hand = a_step(ema(0.5))
    for batch in batches():
        by_hand.update(batch)
    expected = inside(by_hand)
    assert result.best_weights is not None
    assert same_weights(result.best_weights, expected)
    fresh = Normed()
    fresh.load_state_dict(expected)
    assert result.epoch_scores["loss"][1] == pytest.approx(
        fresh.eval()(points())["loss"].item(), rel=1e-6
    )
    assert not same_weights(result.last_weights, expected)


def test_what_the_step_inside_has_is_passed_on() -> None:
    plateau = partial(optim.lr_scheduler.ReduceLROnPlateau, factor=0.5, patience=0)
    inner = OptimizerStep(
        seeded_regression(),
        optimizer=SGD,
        schedule=lambda optimizer: by_score(plateau(optimizer), "loss"),
        clip_norm=1.0,
    )
    step = averaged(inner, ema())
    step.plan(5, None, None)
    step.update(points(4))
    for _ in range(2):
        step.after_scores({"loss": 1.0}, Moment(epoch=0, step=1, ends_epoch=False))
    assert step.learning_rates == {"lr": 0.05}
    assert step.gradient_norm is inner.gradient_norm is not None
    assert list(step.monitored) == ["loss"]
    assert isinstance(step, (Averaged, Planned))
    assert step.device == inner.device


def test_a_state_of_another_model_is_refused() -> None:
    state = dict(averaged(OptimizerStep(seeded_regression(), optimizer=SGD), ema()).state_dict())
    with pytest.raises(CheckpointError, match="its average does not fit Normed"):
        a_step(ema()).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ema(1.0), "ema: decay must be below 1, got 1.0; 0.999 is usual"),
        (lambda: ema(-0.5), "ema: decay must be at least 0, got -0.5"),
        (lambda: swa(start=-1), "swa: start must be at least 0, got -1"),
        (lambda: swa(every=0), "swa: every must be at least 1, got 0"),
    ],
)
def test_numbers_that_make_no_average(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make()
    assert str(refused.value).startswith(said)


def test_it_is_a_step_of_any_step_and_wants_to_know_how() -> None:
    with pytest.raises(ConfigurationError, match=r"averaged: got 0\.999, expected ema\(0\.999\)"):
        untyped(averaged, OptimizerStep(Normed(), optimizer=SGD), 0.999)
    with pytest.raises(ConfigurationError, match="got a Normed, expected a training step; write"):
        untyped(averaged, Normed(), ema())
    inner: TrainingStep[Points, Fit] = OptimizerStep(
        Normed(), optimizer=SGD, schedule=lambda o: per_epoch(optim.lr_scheduler.StepLR(o, 1))
    )
    assert averaged(averaged(inner, ema()), swa()).model is inner.model
