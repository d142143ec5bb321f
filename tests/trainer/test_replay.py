"""A step of a run, made again."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    Schedule,
    Trainer,
    by_score,
    per_epoch,
    steps,
)
from artifact_torch.contracts import AnyStep, Every, Moment, ResultName
from artifact_torch.errors import CheckpointError, ConfigurationError, LossError
from artifact_torch.trainer.failure import keep_failure
from artifact_torch.trainer.replay import Replayed
from tests.toys import Fit, Points, Regression, same_weights
from tests.trainer.composed import ADAM, loader, untyped


class Net(Regression):
    """Fails at some call of its forward in training mode; a norm and dropout are in it."""

    def __init__(self, fails: Callable[[Tensor], Tensor], at: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.fails, self.at = fails, at
        self.register_buffer("n_calls", torch.zeros((), dtype=torch.int64))

    def forward(self, points: Points) -> Fit:
        fit = super().forward(Points(x=self.norm(points["x"]), y=points["y"]))
        calls = self.get_buffer("n_calls")
        if self.training:
            calls.add_(1)
            if int(calls) == self.at:
                fails: Callable[[Tensor], Tensor] = vars(self)["fails"]
                return Fit(loss=fails(fit["loss"]), residual=fit["residual"])
        return fit


class Halves:
    """Acts on training at moments of its own."""

    every: Every = steps(3)
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        with torch.no_grad():
            for parameter in step.model.parameters():
                parameter.mul_(0.99)
        return {}


class Losses:
    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_batch(self, step: int, batch: object, output: Fit) -> None:
        self.seen.append(output["loss"].item())


def of_nan(loss: Tensor) -> Tensor:
    return loss * math.nan


def of_nan_gradient(loss: Tensor) -> Tensor:
    return loss + torch.sqrt(loss * 0)


def raising(_loss: Tensor) -> Tensor:
    raise RuntimeError("of the model's own")


def halving(optimizer: optim.Optimizer) -> Schedule:
    return per_epoch(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5))


def weights(trainer: Trainer[Points, Fit]) -> dict[str, object]:
    return dict(trainer.result.last_weights)


def made(
    run: Path, fails: Callable[[Tensor], Tensor] = of_nan, at: int = 0, **options: object
) -> tuple[Trainer[Points, Fit], Losses]:
    torch.default_generator.manual_seed(4)
    losses = Losses()
    given: dict[str, object] = {
        "optimizer": ADAM,
        "schedule": halving,
        "device": "cpu",
    }
    trainer = Trainer(
        untyped(OptimizerStep[Points, Fit], Net(fails, at), **(given | options)),
        train_loader=loader(n_rows=40),
        stop=[EpochBoundStopper(max_n_epochs=4)],
        checkpointer=FolderCheckpointer(run / "checkpoints", every=[2, steps(5)], keep=None),
        callbacks=[losses, Halves()],
        routines=[DataLoaderRoutine(loader(), scores=[LossCallback("val_loss")], every=steps(2))],
        progress=False,
    )
    return trainer, losses


@pytest.mark.parametrize("accumulate", [1, 3])
def test_every_step_of_a_run_is_made_again(accumulate: int, tmp_path: Path) -> None:
    trainer, losses = made(tmp_path, accumulate=accumulate)
    trainer.train()
    n_steps = trainer.result.n_steps
    again, _ = made(tmp_path, accumulate=accumulate)
    before = weights(again)
    expected = iter(losses.seen)
    per_epoch = -(-8 // accumulate)
    for step in range(1, n_steps + 1):
        is_last = step % per_epoch == 0
        n_batches = 8 - accumulate * (per_epoch - 1) if is_last else accumulate
        found = again.replay(step, folder=tmp_path)
        assert found.losses == [next(expected) for _ in range(n_batches)], step
        assert (found.error, found.first_not_finite, found.doubts) == (
            None,
            None,
            found.doubts if found.restored_from is None else [],
        )
    assert [*expected] == []
    assert same_weights(weights(again), before)


@pytest.mark.parametrize("at", [1, 7, 18])
@pytest.mark.parametrize("fault", [of_nan, of_nan_gradient, raising])
def test_a_failure_is_met_again(fault: Callable[[Tensor], Tensor], at: int, tmp_path: Path) -> None:
    found = met(fault, at, tmp_path)
    assert (found.same_batch, found.same_error) == (True, True)
    assert found.same_loss is (None if fault is raising else True)
    assert str(found).splitlines()[-1].startswith("as in the run   batch equal, ")
    if fault is of_nan:
        assert found.first_not_finite == "Net (Net)"
        assert math.isnan(next(iter(found.gradient_norms.values())))
        assert len(found.gradient_norms) == 6
    elif fault is of_nan_gradient:
        assert found.first_not_finite is None
        assert "gradient: that of layers.0.weight, " in str(found.error)


def met(fault: Callable[[Tensor], Tensor], at: int, run: Path) -> Replayed:
    trainer, _ = made(run, fault, at)
    seen: list[object] = []
    source = loader(n_rows=40)
    with pytest.raises((LossError, RuntimeError)) as raised:
        trainer.train()
    epoch, n_batch = divmod(at - 1, 8)
    for index, batch in enumerate(source.batches(epoch + 1)):
        if index == n_batch:
            seen.append(batch)
    keep_failure(run, raised.value, step=at, epoch=epoch + 1, n_batch=n_batch + 1, batch=seen[0])
    again, _ = made(run, fault, at)
    return again.replay(at, folder=run)


def test_what_differs_is_said(tmp_path: Path) -> None:
    trainer, _ = made(tmp_path)
    trainer.train()
    error = LossError("loss: not finite")
    error.loss = math.nan
    keep_failure(tmp_path, error, step=9, epoch=2, n_batch=1, batch={"x": torch.ones(2)})
    again, _ = made(tmp_path)
    found = again.replay(9, folder=tmp_path)
    assert str(found).splitlines()[-1] == (
        "as in the run   batch DIFFERS, loss DIFFERS, error DIFFERS"
    )


def test_a_schedule_that_looks_at_a_score_is_a_doubt(tmp_path: Path) -> None:
    def plateau(optimizer: optim.Optimizer) -> object:
        return by_score(optim.lr_scheduler.ReduceLROnPlateau(optimizer), "val_loss")

    trainer, _ = made(tmp_path, schedule=plateau)
    trainer.train()
    again, _ = made(tmp_path, schedule=plateau)
    assert again.replay(9, folder=tmp_path).doubts == [
        (
            "its schedule looks at val_loss at the end of epoch 1, which is not computed here; a "
            "checkpoint nearer to the step leaves that out"
        )
    ]
    assert again.replay(12, folder=tmp_path).doubts == []


def test_without_a_checkpoint_it_begins_at_the_start(tmp_path: Path) -> None:
    trainer, _ = made(tmp_path)
    trainer.train()
    again, _ = made(tmp_path)
    found = again.replay(2, folder=tmp_path)
    assert found.restored_from is None
    assert "no checkpoint before it" in found.doubts[0]


def test_what_cannot_be_made_again(tmp_path: Path) -> None:
    trainer, _ = made(tmp_path)
    with pytest.raises(CheckpointError, match=r"has no folder checkpoints/; give the folder of"):
        trainer.replay(2, folder=tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="replay: step must be at least 1, got 0"):
        trainer.replay(0, folder=tmp_path)
