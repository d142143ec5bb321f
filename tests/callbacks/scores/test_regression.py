"""Errors of numbers against scikit-learn's."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import MeanAbsoluteError, MeanSquaredError, R2Score, ValidationError
from artifact_torch.callbacks import Pairs
from tests.callbacks.scoring import (
    EXAMPLES,
    SEEDS,
    SIZES,
    close,
    held,
    one_pass,
    padded,
    sklearn,
    split,
)


def absolute(*batches: Pairs) -> float:
    return one_pass(MeanAbsoluteError("mae", of=held), batches)


def squared(*batches: Pairs) -> float:
    return one_pass(MeanSquaredError("mse", of=held), batches)


def r2(*batches: Pairs) -> float:
    return one_pass(R2Score("r2", of=held), batches)


def drawn(n_rows: int, n_outputs: int, seed: int, mean: float = 0.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shape = (n_rows, n_outputs) if n_outputs else (n_rows,)
    target = torch.randn(shape, generator=generator) + mean
    return target + torch.randn(shape, generator=generator), target


@EXAMPLES
@given(
    n_rows=st.integers(2, 40),
    n_outputs=st.integers(0, 3),
    sizes=SIZES,
    seed=SEEDS,
    mean=st.sampled_from([0.0, -3.0, 1e4]),
)
def test_they_are_sklearns(
    n_rows: int, n_outputs: int, sizes: list[int], seed: int, mean: float
) -> None:
    prediction, target = drawn(n_rows, n_outputs, seed, mean)
    given = target.double().numpy(), prediction.double().numpy()
    for rows in (
        (prediction, target),
        padded((prediction, target), (math.nan, math.inf), seed),
        padded((prediction, target), (0.0, 1e30), seed),
    ):
        batches = split(rows, sizes)
        assert close(absolute(*batches), sklearn("mean_absolute_error")(*given))
        assert close(squared(*batches), sklearn("mean_squared_error")(*given))
        assert close(r2(*batches), sklearn("r2_score")(*given), tolerance=1e-7)


def test_a_large_mean_hides_no_variance() -> None:
    """Sums of squares alone would leave nothing of it."""
    target = 1e9 + torch.arange(8, dtype=torch.float64)
    prediction = target + 0.5
    expected = 1 - 8 * 0.25 / 42  # the variance of 0 to 7 is 42 / 8
    assert close(r2(*split((prediction, target), [3])), expected)


@pytest.mark.parametrize("constant", [0.1, 3.0, -1e9])
def test_a_constant_target(constant: float) -> None:
    target = torch.full((7,), constant, dtype=torch.float64)
    assert r2(*split((target, target), [2])) == 1.0
    assert r2(*split((target + 1, target), [2])) == 0.0


def test_of_one_value_and_of_none() -> None:
    one = torch.tensor([1.0])
    assert absolute((one, one + 2)) == 2.0
    assert squared((one, one + 2)) == 4.0
    assert math.isnan(r2((one, one + 2)))
    nothing = torch.tensor([False])
    for score in (absolute, squared, r2):
        assert math.isnan(score())
        assert math.isnan(score((one, one, nothing)))


def test_nan_makes_the_score_nan() -> None:
    good, bad = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, math.nan, 2.0])
    for score in (absolute, squared, r2):
        assert math.isnan(score((good, bad)))
        assert math.isnan(score((bad, good)))
        assert math.isnan(score((good, good), (bad, good)))


def test_whole_numbers_are_numbers() -> None:
    assert absolute((torch.tensor([0.5, 2.0]), torch.tensor([1, 1]))) == 0.75


def test_small_types_do_not_overflow() -> None:
    far = torch.tensor([300.0], dtype=torch.float16)
    assert squared((far, -far)) == 360_000.0


def test_a_pass_forgets_the_one_before() -> None:
    zero, target = torch.zeros(3), torch.tensor([1.0, 2.0, 3.0])
    for callback, of_zero in (
        (MeanAbsoluteError("mae", of=held), 2.0),
        (MeanSquaredError("mse", of=held), 14 / 3),
        (R2Score("r2", of=held), 1 - 14 / 2),
    ):
        perfect = 1.0 if isinstance(callback, R2Score) else 0.0
        assert close(one_pass(callback, [(zero, target)]), of_zero)
        assert one_pass(callback, [(target, target)]) == perfect


def test_by_the_keys_of_convention() -> None:
    for callback in (MeanAbsoluteError("mae"), MeanSquaredError("mse")):
        callback.start()
        callback.update({"target": torch.tensor([1.0])}, {"prediction": torch.tensor([2.0])})
        assert callback.finish() == 1.0


def test_nothing_is_read_before_the_end() -> None:
    """The meta device has no values: reading one raises."""
    numbers = torch.zeros(3, 4, device="meta")
    for callback in (MeanAbsoluteError("mae", of=held), R2Score("r2", of=held)):
        callback.start()
        for _ in range(2):
            callback.update({"pairs": (numbers, numbers, numbers > 0)}, {})


@pytest.mark.parametrize("shape", [(4, 1), (1,), ()])
def test_numbers_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    """Broadcast, they would give a score that looks right."""
    for score in (absolute, squared, r2):
        with pytest.raises(ValidationError) as refused:
            score((torch.zeros(shape), torch.zeros(4)))
        assert f"got prediction float32 of shape {list(shape)}" in str(refused.value)


def test_batches_agree_about_the_outputs() -> None:
    two, three = torch.zeros(1, 2), torch.zeros(1, 3)
    with pytest.raises(ValidationError, match="got 3 outputs a row after 2"):
        r2((two, two), (three, three))
