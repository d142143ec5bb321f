"""What is kept of tensors, against NumPy on all values at once."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from artifact_torch import ConfigurationError, ValidationError
from artifact_torch.contracts import ResultKind, Summary
from artifact_torch.inside import (
    DeadUnits,
    Density,
    Histogram,
    Mean,
    Norm,
    StandardDeviation,
    ZeroShare,
    each,
    mean_of,
)

GENERATOR = torch.Generator().manual_seed(3)
UNEVEN = [torch.randn(n, 4, generator=GENERATOR).relu() + 100 * (n == 7) for n in (5, 1, 7, 2)]
VALUES: NDArray[np.float64] = torch.cat([seen.flatten() for seen in UNEVEN]).double().numpy()


def summed(summary: Callable[[], Summary[float]], *seen: Tensor) -> float:
    made = summary()
    for tensor in seen:
        made.add("layer", tensor)
    return made.result()


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (Mean, VALUES.mean()),
        (StandardDeviation, VALUES.std()),
        (Norm, np.sqrt((VALUES**2).sum())),
        (ZeroShare, (VALUES == 0).mean()),
    ],
)
def test_a_number_is_that_of_all_values_at_once(
    summary: Callable[[], Summary[float]], expected: float
) -> None:
    assert summed(summary, *UNEVEN) == pytest.approx(expected, rel=1e-6)
    assert summary().kind is ResultKind.SCORE


def test_a_mean_far_from_zero_costs_the_deviation_no_digits() -> None:
    seen = [torch.tensor([1e6, 1e6 + 1]), torch.tensor([1e6 + 2, 1e6 + 3])]
    assert summed(StandardDeviation, *seen) == pytest.approx(math.sqrt(1.25), rel=1e-9)


def test_half_precision_is_summed_in_full() -> None:
    seen = [torch.full((1000,), 1.0, dtype=torch.bfloat16)] * 3
    assert summed(Mean, *seen) == 1.0
    assert summed(Norm, *seen) == pytest.approx(math.sqrt(3000), rel=1e-7)
    # 300 squared is beyond float16
    assert summed(Norm, torch.full((4,), 300.0, dtype=torch.float16)) == pytest.approx(600)


@pytest.mark.parametrize("summary", [Mean, StandardDeviation, ZeroShare, DeadUnits])
def test_of_nothing_a_number_is_nan(summary: Callable[[], Summary[float]]) -> None:
    assert math.isnan(summed(summary))
    assert math.isnan(summed(summary, torch.zeros(0, 0)))


def test_nan_in_a_layer_is_not_hidden() -> None:
    assert math.isnan(summed(Mean, torch.tensor([1.0, math.nan])))
    assert math.isnan(summed(Norm, torch.tensor([1.0, math.nan])))


def test_a_unit_is_dead_only_if_no_row_of_any_batch_woke_it() -> None:
    first = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    second = torch.tensor([[0.0, -2.0, 0.0, 0.0]])
    assert summed(DeadUnits, first) == 0.75
    assert summed(DeadUnits, first, second) == 0.5
    assert summed(DeadUnits, first, second, torch.tensor([[1.0, 0.0, 0.0, math.nan]])) == 0.0


@pytest.mark.parametrize(
    ("shape", "dim", "n_units"),
    [
        ((2, 3), None, 3),
        ((2, 5, 3), None, 3),
        ((2, 3, 5, 5), None, 3),
        ((2, 3, 5), 1, 3),
        ((3,), None, 3),
    ],
)
def test_units_are_where_a_layer_of_its_shape_has_them(
    shape: tuple[int, ...], dim: int | None, n_units: int
) -> None:
    seen = torch.zeros(shape)
    seen.movedim(dim if dim is not None else 1 if len(shape) == 4 else -1, 0)[0] = 1  # one lives
    assert summed(lambda: DeadUnits(dim=dim), seen) == pytest.approx(1 - 1 / n_units)


def test_units_of_several_places_count_together() -> None:
    dead = DeadUnits()
    dead.add("a", torch.tensor([[1.0, 0.0]]))
    dead.add("b", torch.tensor([[0.0, 0.0, 0.0]]))
    assert dead.result() == 0.8


def test_another_number_of_units_says_which_dimension_to_name() -> None:
    with pytest.raises(ValidationError, match=r"layer had 3 units, now 4; say in which .*dim=1"):
        summed(DeadUnits, torch.ones(2, 3), torch.ones(2, 4))


@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_function_counts_by_rows(n_rows: int) -> None:
    largest = mean_of(lambda seen: seen.abs().max())
    seen = [torch.full((n_rows, 2), -4.0), torch.full((1, 2), 2.0)]
    assert summed(largest, *seen) == (4.0 * n_rows + 2.0) / (n_rows + 1)


def test_a_function_that_gives_no_single_value_is_told_to_reduce() -> None:
    with pytest.raises(ValidationError, match=r"gave shape \[2\], expected .*reduce it"):
        summed(mean_of(lambda seen: seen.abs()), torch.ones(2))


def test_each_place_has_a_summary_of_its_own() -> None:
    made = each(Mean)()
    for place, value in (("a", 1.0), ("b", 5.0), ("a", 3.0)):
        made.add(place, torch.tensor([value]))
    assert made.result() == {"a": 2.0, "b": 5.0}
    assert made.kind is ResultKind.SCORE_COLLECTION


def test_each_of_each_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"each: got a summary that gives a score_coll"):
        each(each(Mean))()


@pytest.mark.parametrize(
    "summary",
    [
        Mean,
        StandardDeviation,
        Norm,
        ZeroShare,
        DeadUnits,
        Density,
        lambda: Histogram([-1, 0, 1]),
        mean_of(lambda seen: seen.abs().max()),
        each(Norm),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_value_is_read_before_the_window_ends(
    summary: Callable[[], Summary[object]], dtype: torch.dtype
) -> None:
    made = summary()
    for _ in range(2):  # a tensor without values raises where one is read
        made.add("layer", torch.ones(3, 4, device="meta", dtype=dtype))
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        made.result()
