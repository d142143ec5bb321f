"""The mean loss over the rows of a loader."""

import math
from collections.abc import Callable

import pytest
import torch

from artifact_torch import ConfigurationError, LossCallback, ValidationError
from tests.toys import Fit, points


def output(loss: float, dtype: torch.dtype = torch.float32) -> Fit:
    made = torch.tensor(loss, dtype=dtype, requires_grad=True)
    return Fit(loss=made, residual=torch.zeros(1))


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


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
