"""The mean over rows since it was last asked."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artifact_torch import CheckpointError, ConfigurationError, TrainLoss, ValidationError, steps
from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_state_dict
from tests.callbacks.steps import Still, at
from tests.toys import Fit, Regression, points

STEP = Still(Regression())


def output(loss: float, dtype: torch.dtype = torch.float32) -> Fit:
    made = torch.tensor(loss, dtype=dtype, requires_grad=True)
    return Fit(loss=made, residual=torch.zeros(1))


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def test_a_batch_counts_by_its_rows_since_it_was_last_asked() -> None:
    callback = TrainLoss()
    callback.on_batch(1, points(8), output(0.0))
    callback.on_batch(2, points(1), output(9.0))
    assert callback.on_moment(STEP, at(step=2)) == {"train_loss": 1.0}
    callback.on_batch(3, points(5), output(4.0))
    assert callback.on_moment(STEP, at(step=3)) == {"train_loss": 4.0}


def test_its_name_and_cadence_are_the_users() -> None:
    callback = TrainLoss("loss", every=steps(10))
    assert callback.every == steps(10)
    assert callback.result_names == ((ResultKind.SCORE, "loss"),)
    callback.on_batch(1, points(1), output(2.0))
    assert callback.on_moment(STEP, at()) == {"loss": 2.0}


def test_no_row_is_no_score() -> None:
    callback = TrainLoss()
    assert callback.on_moment(STEP, at()) == {}
    callback.on_batch(1, points(0), output(math.nan))
    assert callback.on_moment(STEP, at()) == {}


def test_the_rehearsal_of_a_restored_run_takes_nothing_away() -> None:
    callback = TrainLoss()
    callback.on_batch(1, points(2), output(3.0))
    assert callback.on_moment(STEP, at(is_rehearsal=True)) == {}
    assert callback.on_moment(STEP, at()) == {"train_loss": 3.0}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_adds_up_in_double_precision(dtype: torch.dtype) -> None:
    """In float32, 2**24 + 1 is 2**24."""
    callback = TrainLoss()
    callback.on_batch(1, points(1), output(2.0**24, dtype))
    for step in (2, 3, 4):
        callback.on_batch(step, points(1), output(1.0, dtype))
    assert callback.on_moment(STEP, at()) == {"train_loss": (2**24 + 3) / 4}


def test_a_nan_stays_for_one_moment() -> None:
    callback = TrainLoss()
    callback.on_batch(1, points(1), output(math.nan))
    assert math.isnan(callback.on_moment(STEP, at())["train_loss"])
    callback.on_batch(2, points(1), output(1.0))
    assert callback.on_moment(STEP, at()) == {"train_loss": 1.0}


def test_on_an_accelerator_no_value_is_read_and_no_graph_is_kept() -> None:
    """The meta device has no values: reading one raises."""
    callback = TrainLoss()
    for step in (1, 2):
        loss = torch.zeros((), device="meta", requires_grad=True)
        callback.on_batch(step, points(1), Fit(loss=loss, residual=loss))
    (kept,) = (value for value in held(callback) if isinstance(value, Tensor))
    assert kept.dtype == torch.float64
    assert not kept.requires_grad
    with pytest.raises(RuntimeError):
        callback.on_moment(STEP, at())


def held(part: object) -> list[object]:
    return list(vars(part).values())


def test_what_is_summed_on_a_device_continues_a_restored_sum() -> None:
    """As on an accelerator: here the sum is made a tensor by hand."""
    callback = TrainLoss()
    callback.load_state_dict({"sum": 6.0, "n_rows": 2})
    vars(callback)["_sum"] = torch.tensor(6.0, dtype=torch.float64)
    callback.on_batch(3, points(4), output(1.5))
    assert callback.state_dict() == {"sum": 12.0, "n_rows": 6}
    assert callback.on_moment(STEP, at()) == {"train_loss": 2.0}


def test_it_continues_from_its_state_through_a_file(tmp_path: Path) -> None:
    """Bit for bit what it is without the interruption."""
    whole, first, second = TrainLoss(), TrainLoss(), TrainLoss()
    losses = [1 / number for number in range(3, 10)]
    for number, loss in enumerate(losses):
        whole.on_batch(number + 1, points(number + 1), output(loss))
        (first if number < 3 else second).on_batch(number + 1, points(number + 1), output(loss))
        if number == 2:
            torch.save({**first.state_dict()}, tmp_path / "state.pt")
            state: object = torch.load(tmp_path / "state.pt", weights_only=True)
            assert is_state_dict(state)
            second.load_state_dict(state)
    assert second.on_moment(STEP, at()) == whole.on_moment(STEP, at())


@pytest.mark.parametrize("state", [{"sum": "low", "n_rows": 1}, {"sum": 1.0}])
def test_another_state_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(CheckpointError):
        TrainLoss().load_state_dict(state)


def test_a_loss_of_rows_is_told_how_to_become_one() -> None:
    with pytest.raises(ValidationError, match=r'"train_loss": loss: got a tensor of shape \[3\]'):
        TrainLoss().on_batch(1, points(3), Fit(loss=torch.zeros(3), residual=torch.zeros(3)))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(TrainLoss, "", every=0)
    said = str(refused.value)
    assert "TrainLoss: name must be a non-empty str, got ''" in said
    assert "TrainLoss: every must be at least 1, got 0; a whole number means epochs" in said
