"""Batches, losses and gradients that are wrong: what the user sees, and what stays as it was."""

import math
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeGuard

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    DataLoader,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    per_step,
)
from artifact_torch.errors import ArtifactTorchError, ConfigurationError, DataError, LossError
from tests.faults.trainers import short
from tests.toys import Batches, Fit, Points, points, same_weights
from tests.trainer.test_replay import Net, of_nan, of_nan_gradient

SGD = partial(optim.SGD, lr=0.1)


class Line(nn.Module):
    """One layer, whose loss turns bad at a forward pass of a test's choice."""

    def __init__(self, bad: float = 1.0, at: int = 3) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layer = nn.Linear(3, 1)
        self.bad, self.at, self.n_calls = bad, at, 0

    def forward(self, batch: Points) -> Fit:
        self.n_calls += self.training
        residual: Tensor = self.layer(batch["x"]).squeeze(1) - batch["y"]
        factor = self.bad if self.training and self.n_calls == self.at else 1.0
        return Fit(loss=residual.float().square().mean() * factor, residual=residual)


class Root(Line):
    """A gradient of NaN, of a loss that is finite."""

    def forward(self, batch: Points) -> Fit:
        fit = super().forward(batch)
        if self.n_calls != self.at:
            return fit
        return Fit(
            loss=fit["loss"] + (self.layer.weight * 0).sum().sqrt(), residual=fit["residual"]
        )


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (partial(Line, math.nan), "loss"),
        (partial(Line, math.inf), "loss"),
        (Root, "gradient.*weight"),
    ],
)
def test_a_number_that_is_not_finite_stops_the_run_before_the_update(
    tmp_path: Path, model: Callable[[], Line], said: str
) -> None:
    made = model()
    trainer = short(tmp_path, step=OptimizerStep(made, optimizer=SGD, device="cpu"))
    with pytest.raises(LossError, match=f"(?s){said}.*not finite.*step 3") as raised:
        trainer.train()
    assert any("epoch 2, step 3" in note for note in raised.value.__notes__)
    healthy = Line()
    two = OptimizerStep(healthy, optimizer=SGD, device="cpu")
    for batch in Batches(points(10), 5).batches(1):
        two.update(batch)
    assert same_weights(made.state_dict(), healthy.state_dict())


@pytest.mark.parametrize("fails", [of_nan, of_nan_gradient])
def test_the_batch_that_failed_is_kept_and_fails_again(
    tmp_path: Path, fails: Callable[[Tensor], Tensor]
) -> None:
    def made() -> Trainer[Points, Fit]:
        torch.default_generator.manual_seed(0)
        return short(tmp_path, step=OptimizerStep(Net(fails, 5), optimizer=SGD, device="cpu"))

    with pytest.raises(LossError):
        made().train()
    assert [path.name for path in (tmp_path / "failures").iterdir()] == ["step_00000005"]
    again = made().replay(5, folder=tmp_path)
    assert (again.same_batch, again.same_loss, again.same_error) == (True, True, True)
    assert "step 5" in str(again.error)


def test_an_infinite_gradient_under_a_scaler_is_left_out_and_moves_no_schedule() -> None:
    model = Line(bad=1e30, at=1)
    step = OptimizerStep(
        model,
        optimizer=SGD,
        schedule=lambda optimizer: per_step(optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)),
        autocast=torch.float16,
        device="cpu",
    )
    before = {name: value.clone() for name, value in model.state_dict().items()}
    batch = points(4)
    step.update(batch)
    assert same_weights(model.state_dict(), before)
    assert step.learning_rates == {"lr": 0.1}


class Words(nn.Module):
    """An embedding with sparse gradients."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.words = nn.Embedding(20, 1, sparse=True)

    def forward(self, batch: Points) -> Fit:
        residual: Tensor = self.words(batch["y"].abs().long() % 20).squeeze(1) - batch["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_sparse_gradients_are_clipped(tmp_path: Path) -> None:
    step = OptimizerStep(Words(), optimizer=SGD, clip_norm=0.01, device="cpu")
    before = Words().state_dict()["words.weight"]
    result = short(tmp_path, step=step).train()
    after = result.last_weights["words.weight"]
    assert isinstance(after, Tensor)
    assert 0 < float((after - before).norm()) <= 6 * 0.1 * 0.01 + 1e-6  # updates, rate, norm


class Normed(Line):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, batch: Points) -> Fit:
        return super().forward(Points(x=self.norm(batch["x"]), y=batch["y"]))


def test_a_last_batch_of_one_row_is_told_what_to_do(tmp_path: Path) -> None:
    step = OptimizerStep(Normed(), optimizer=SGD, device="cpu")
    loader = DataLoader(TensorTable(points(11)), batch_size=5)
    with pytest.raises(ValueError, match="more than 1 value per channel") as raised:
        short(tmp_path, step=step, loader=loader).train()
    notes = "\n".join(raised.value.__notes__)
    assert "drop_last=True" in notes
    assert "epoch 1, step 3" in notes


class Spoilt:
    """A loader that gives what it does not promise."""

    def __init__(self, batch: dict[str, Tensor]) -> None:
        self.batch = batch

    def batches(self, epoch: int) -> Iterator[Points]:
        if pretend_points(self.batch):
            yield self.batch

    def __len__(self) -> int:
        return 1


def pretend_points(batch: object) -> TypeGuard[Points]:
    """What a loader of `Any` does to the checkers."""
    return batch is not None


def test_a_batch_without_a_key_is_named_with_it(tmp_path: Path) -> None:
    loader = Spoilt({"x": torch.zeros(5, 3)})
    with pytest.raises(DataError, match=r'batch for Line.*"y"'):
        short(tmp_path, step=OptimizerStep(Line(), optimizer=SGD), loader=loader).train()


@pytest.mark.parametrize(
    ("x", "said", "described"),
    [
        (torch.zeros(5, 3).long(), "dtype", r"x: int64 \[5, 3\]"),
        (torch.zeros(5), "shapes cannot be multiplied", r"x: float32 \[5\]"),
    ],
)
def test_a_batch_of_another_dtype_or_rank_is_described(
    tmp_path: Path, x: Tensor, said: str, described: str
) -> None:
    loader = Spoilt({"x": x, "y": torch.zeros(5)})
    with pytest.raises(RuntimeError, match=said) as raised:
        short(tmp_path, loader=loader, step=OptimizerStep(Line(), optimizer=SGD)).train()
    note = next(note for note in raised.value.__notes__ if "epoch 1, step 1" in note)
    assert re.search(described, note)


def test_a_key_that_nobody_declared_is_let_through(tmp_path: Path) -> None:
    batch = {"x": torch.ones(5, 3), "y": torch.zeros(5), "z": torch.zeros(7)}
    assert short(tmp_path, loader=Spoilt(batch)).train().n_steps == 3


def test_a_loader_without_batches_is_refused_with_its_rows(tmp_path: Path) -> None:
    few = DataLoader(TensorTable(points(3)), batch_size=3)
    with pytest.raises((DataError, ConfigurationError), match="3.*5|5.*3"):
        short(tmp_path, loader=DataLoader(TensorTable(points(3)), batch_size=5, drop_last=True))
    assert short(tmp_path, loader=few).train().n_steps == 3


class Detached(Line):
    def forward(self, batch: Points) -> Fit:
        fit = super().forward(batch)
        return Fit(loss=fit["loss"].detach(), residual=fit["residual"])


class PerRow(Line):
    def forward(self, batch: Points) -> Fit:
        residual = super().forward(batch)["residual"]
        return Fit(loss=residual.square(), residual=residual)


@pytest.mark.parametrize("model", [Detached, PerRow])
def test_a_loss_that_cannot_be_learnt_from_is_named(tmp_path: Path, model: type[Line]) -> None:
    with pytest.raises(LossError, match="loss"):
        short(tmp_path, step=OptimizerStep(model(), optimizer=SGD)).train()


class Lossless(Line):
    def forward(self, batch: Points) -> Fit:
        output: object = {"residual": super().forward(batch)["residual"]}
        assert pretend_fit(output)
        return output


def pretend_fit(output: object) -> TypeGuard[Fit]:
    return output is not None


def test_an_output_without_a_loss_is_named_with_the_key(tmp_path: Path) -> None:
    with pytest.raises(
        ArtifactTorchError, match=r'output of forward: the key "loss" is missing, .*residual'
    ):
        short(tmp_path, step=OptimizerStep(Lossless(), optimizer=SGD)).train()


def test_a_model_that_is_frozen_as_a_whole_is_told_at_the_first_batch(tmp_path: Path) -> None:
    model = Line()
    model.requires_grad_(requires_grad=False)
    with pytest.raises(LossError, match="no parameter can move.*requires_grad left on"):
        short(tmp_path, step=OptimizerStep(model, optimizer=SGD)).train()


def test_an_optimizer_of_other_parameters_is_refused_with_how_many_it_owns() -> None:
    other = [nn.Parameter(torch.zeros(1))]
    with pytest.raises(ConfigurationError, match="owns 1 parameters, none of them the model's"):
        OptimizerStep(Line(), optimizer=lambda _: SGD(other))


def test_a_score_that_nobody_produces_is_refused_at_build(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match='"los": is monitored, but no routine'):
        short(tmp_path, stop=[PatienceStopper("los", patience=2)])
