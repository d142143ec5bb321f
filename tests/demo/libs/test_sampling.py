"""Codes drawn from logits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from demo.libs.sampling import codes_at, sample_codes
from tests.demo.tensors import array

INF = math.inf
LOGITS = [0.0, 1.0, -INF, 2.0, -3.0, 1.5, 0.5, -INF]
ALMOST_1 = {torch.float32: 1 - 2.0**-24, torch.float64: 1 - 2.0**-53}  # the largest level

some_logits = st.lists(
    st.one_of(st.floats(-30, 30, width=32), st.just(-INF)), min_size=1, max_size=40
).filter(lambda logits: max(logits) > -INF)
dtypes = st.sampled_from([torch.float32, torch.float64])


def softmax(logits: list[float], temperature: float = 1.0) -> NDArray[np.float64]:
    """By hand, in float64."""
    weights = np.exp((np.array(logits) - max(logits)) / temperature)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def chi_square(codes: Tensor, expected: NDArray[np.float64]) -> float:
    """Pearson's statistic; a code of probability 0 has to be absent."""
    counts = np.bincount(array(codes.flatten()), minlength=len(expected))
    assert counts[expected == 0.0].sum() == 0
    counts, shares = counts[expected > 0.0], expected[expected > 0.0] * codes.numel()
    return float(((counts - shares) ** 2 / shares).sum())


def test_without_sampling_the_most_likely_code_is_taken() -> None:
    logits = torch.tensor([[[0.0, 2.0, 1.0], [3.0, float("-inf"), 0.0]]])
    assert torch.equal(sample_codes(logits, sample=False), torch.tensor([[1, 0]]))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_draws_follow_the_softmax_at_the_given_temperature(
    dtype: torch.dtype, temperature: float
) -> None:
    torch.default_generator.manual_seed(0)
    logits = torch.tensor(LOGITS, dtype=dtype)  # all of them exact in each dtype
    codes = sample_codes(logits.expand(100_000, 2, 8), temperature=temperature)
    assert (codes.shape, codes.dtype) == ((100_000, 2), torch.int64)
    # 6 codes: 5 degrees of freedom, which chance takes above 20.5 in 1 of 1,000 seeds
    assert chi_square(codes, softmax(LOGITS, temperature)) < 20.5
    assert chi_square(codes, softmax(LOGITS, 1.1 * temperature)) > 20.5  # so it can be told


@given(logits=some_logits, dtype=dtypes)
def test_levels_at_equal_distances_find_each_code_as_often_as_it_is_likely(
    logits: list[float], dtype: torch.dtype
) -> None:
    n = 1000
    levels = (torch.arange(n, dtype=dtype) + 0.5) / n
    codes = codes_at(torch.tensor(logits, dtype=dtype).expand(n, -1), levels)
    counts = np.bincount(array(codes), minlength=len(logits))
    assert np.abs(counts - n * softmax(logits)).max() < 1.01  # 1 at the most, and rounding
    assert array(codes).tolist() == sorted(array(codes).tolist())


@given(logits=some_logits, dtype=dtypes)
def test_the_least_and_the_largest_level_find_a_code_that_has_a_probability(
    logits: list[float], dtype: torch.dtype
) -> None:
    levels = torch.tensor([0.0, ALMOST_1[dtype]], dtype=dtype)
    first, last = array(codes_at(torch.tensor(logits, dtype=dtype).expand(2, -1), levels)).tolist()
    assert logits[first] > -INF
    assert logits[last] > -INF
    assert first == next(code for code, logit in enumerate(logits) if logit > -INF)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("n_codes", [1, 3, 41, 1000, 100_000])
def test_the_last_code_is_found_where_the_probabilities_sum_to_less_than_one(
    n_codes: int, dtype: torch.dtype
) -> None:
    logits = torch.cat([torch.zeros(n_codes, dtype=dtype), torch.tensor([-INF], dtype=dtype)])
    found = codes_at(logits.expand(1, -1), torch.tensor([ALMOST_1[dtype]], dtype=dtype))
    assert array(found).tolist() == [n_codes - 1]


def test_the_probabilities_of_41_codes_do_sum_to_less_than_one() -> None:
    assert torch.softmax(torch.zeros(41), dim=0).cumsum(dim=0)[-1].item() < 1.0


def test_each_row_and_feature_has_its_own_distribution() -> None:
    sure = torch.full((2, 3, 4), -1e4)
    codes = torch.tensor([[0, 1, 2], [3, 2, 1]])
    sure.scatter_(2, codes.unsqueeze(2), 0.0)
    assert torch.equal(sample_codes(sure), codes)


def test_features_do_not_share_their_draws() -> None:
    torch.default_generator.manual_seed(0)
    first, second = sample_codes(torch.zeros(10_000, 2, 2)).T
    agreeing = (first == second).float().mean().item()
    assert agreeing == pytest.approx(0.5, abs=0.02)  # 4 standard errors


def test_large_logits_neither_overflow_nor_vanish() -> None:
    for shift in (-1e4, 1e4):
        logits = torch.tensor(LOGITS) + shift
        torch.default_generator.manual_seed(0)
        codes = sample_codes(logits.expand(50_000, 8))
        assert chi_square(codes, softmax([float(logit) for logit in logits])) < 20.5


def test_no_rows_give_no_codes() -> None:
    assert sample_codes(torch.zeros(0, 3, 4)).shape == (0, 3)


@pytest.mark.parametrize("bad", [[0.0, math.nan], [0.0, INF], [-INF, -INF]])
def test_logits_that_are_no_distribution_are_refused(bad: list[float]) -> None:
    logits = torch.tensor([[0.0, 0.0], bad, [1.0, -INF]])
    with pytest.raises(ValueError, match="logits must be finite or -inf") as caught:
        sample_codes(logits)
    assert "got 1 of 3 distributions" in str(caught.value)
