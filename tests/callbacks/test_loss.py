"""The loss batch by batch, which no step waits for, and its mean over rows."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    BatchLossCallback,
    CheckpointError,
    ConfigurationError,
    LossCallback,
    ValidationError,
)
from artifact_torch.internal.narrowing import is_mapping, is_state_dict
from tests.toys import Fit, points


def output(loss: float, dtype: torch.dtype = torch.float32) -> Fit:
    made = torch.tensor(loss, dtype=dtype, requires_grad=True)
    return Fit(loss=made, residual=torch.zeros(1))


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


# -- batch by batch -------------------------------------------------------------------------------


def test_the_loss_of_every_second_step() -> None:
    callback = BatchLossCallback(every_n_steps=2)
    for step in range(1, 6):
        callback.on_batch(step, points(1), output(float(step)))
    assert dict(callback.losses) == {2: 2.0, 4: 4.0}


def test_of_accumulated_batches_the_last_counts() -> None:
    callback = BatchLossCallback()
    for loss in (1.0, 2.0):
        callback.on_batch(1, points(1), output(loss))
    assert dict(callback.losses) == {1: 2.0}


def test_no_value_is_read_and_no_graph_is_kept() -> None:
    """The meta device has no values: reading one raises."""
    callback = BatchLossCallback()
    loss = torch.zeros((), device="meta", requires_grad=True)
    callback.on_batch(1, points(1), Fit(loss=loss, residual=loss))
    (kept,) = tensors(callback)
    assert kept.device.type == "meta"
    assert not kept.requires_grad


def attributes(part: object) -> list[object]:
    return list(vars(part).values())


def tensors(callback: BatchLossCallback) -> list[Tensor]:
    return [
        value
        for kept in attributes(callback)
        if is_mapping(kept)
        for value in kept.values()
        if isinstance(value, Tensor)
    ]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_it_continues_from_its_state_through_a_file(dtype: torch.dtype, tmp_path: Path) -> None:
    first, second = BatchLossCallback(), BatchLossCallback()
    for step, loss in enumerate((1 / 3, math.nan, math.inf), start=1):
        first.on_batch(step, points(1), output(loss, dtype))
    torch.save(first.state_dict(), tmp_path / "state.pt")
    state: object = torch.load(tmp_path / "state.pt", weights_only=True)
    assert is_state_dict(state)
    second.on_batch(9, points(1), output(9.0))  # goes: what is loaded is the whole of it
    second.load_state_dict(state)
    assert str(dict(second.losses)) == str(dict(first.losses))
    third = 1 / 3 if dtype is torch.float64 else torch.tensor(1 / 3, dtype=dtype).item()
    assert second.losses[1] == third
    second.on_batch(4, points(1), output(0.5))
    assert list(second.losses) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (None, '"losses" must be a list, got None'),
        ({1: 0.5}, '"losses" must be a list, got a dict'),
        ([(1, "low")], "got the loss (1, 'low'), expected two numbers"),
        ([1], "got the loss 1, expected two numbers"),
    ],
)
def test_another_state_is_refused(losses: object, said: str) -> None:
    with pytest.raises(CheckpointError) as refused:
        BatchLossCallback().load_state_dict({"losses": losses})
    assert said in str(refused.value)


@pytest.mark.parametrize("every", [0, 1.5, None, True])
def test_a_cadence_that_is_none_is_refused(every: object) -> None:
    with pytest.raises(ConfigurationError, match="BatchLossCallback: every_n_steps must be a"):
        untyped(BatchLossCallback, every_n_steps=every)


# -- over a loader --------------------------------------------------------------------------------


def test_a_batch_counts_by_its_rows() -> None:
    callback = LossCallback("loss")
    callback.start()
    callback.update(points(8), output(0.0))
    callback.update(points(1), output(9.0))
    assert callback.finish() == 1.0
    assert callback.name == "loss"
    callback.start()
    callback.update(points(2), output(3.0))
    assert callback.finish() == 3.0


def test_a_loss_of_rows_is_told_how_to_become_one() -> None:
    callback = LossCallback("loss")
    callback.start()
    with pytest.raises(
        ValidationError, match=r'"loss": loss: got a tensor of shape \[3\], expected'
    ):
        callback.update(points(3), Fit(loss=torch.zeros(3), residual=torch.zeros(3)))


def test_no_row_is_no_loss() -> None:
    callback = LossCallback("loss")
    callback.start()
    assert math.isnan(callback.finish())
    callback.update(points(0), output(1.0))
    assert math.isnan(callback.finish())


def test_it_adds_up_in_double_precision() -> None:
    """In float32, 2**24 + 1 is 2**24."""
    callback = LossCallback("loss")
    callback.start()
    callback.update(points(1), output(2.0**24))
    for _ in range(3):
        callback.update(points(1), output(1.0))
    assert callback.finish() == (2**24 + 3) / 4


@pytest.mark.parametrize("name", ["", 3, None])
def test_a_callback_has_a_name(name: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(LossCallback, name)
    assert str(refused.value) == f"LossCallback: name must be a non-empty str, got {name!r}"
