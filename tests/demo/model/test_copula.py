"""Normal scores, and the regressions between them."""

from importlib import import_module
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from demo.model.architectures.copula import normal_scores, regressions
from tests.demo.tensors import array, floats


def coded(*columns: NDArray[np.float64]) -> tuple[Tensor, list[Tensor]]:
    """In twelve bins of equal shares, and the scores of these."""
    levels = np.linspace(0.0, 1.0, 13)[1:-1]
    codes = torch.as_tensor(
        np.stack([np.searchsorted(np.quantile(each, levels), each) for each in columns], axis=1)
    )
    return codes, [normal_scores(torch.bincount(each).float(), 12) for each in codes.T]


def test_scores_are_normal_quantiles_of_the_middle_of_each_code() -> None:
    """The quantiles by the standard library, of shares of 2 in 13, 5, 4 and 2."""
    shares = np.array([2.0, 5.0, 4.0, 2.0]) / 13
    places = np.array([NormalDist().inv_cdf(each) for each in shares.cumsum() - shares / 2])
    places = places - shares @ places
    wanted = places / np.sqrt(shares @ places**2)
    found = floats(normal_scores(torch.tensor([1.5, 4.5, 3.5, 1.5, 9.0]), 4))
    assert found == pytest.approx([*wanted, 0.0], abs=1e-5)


@pytest.mark.parametrize("n_ordered", [0, 1])
def test_what_is_not_in_order_has_no_scores(n_ordered: int) -> None:
    assert floats(normal_scores(torch.tensor([3.0, 1.0]), n_ordered)).tolist() == [0.0, 0.0]


def test_the_coefficients_are_those_of_ridge_regression() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 400))
    third = 0.8 * first - 0.3 * second + 0.5 * rng.normal(size=400)
    codes, scores = coded(first, second, third)
    coefficients, variances = regressions(codes, scores, [12] * codes.shape[1])
    known = np.stack([floats(s)[array(c)] for s, c in zip(scores, codes.T, strict=True)], axis=1)
    # Any: scikit-learn has no types; its error is of each row left out
    peer: Any = import_module("sklearn.linear_model").RidgeCV(
        [0.1, 1.0, 3.0, 10.0, 30.0], fit_intercept=False
    )
    peer.fit(known[:, :2], known[:, 2])
    assert floats(coefficients[:2, 2]) == pytest.approx(peer.coef_, abs=0.01)
    assert variances[2].item() == pytest.approx(-peer.best_score_, rel=0.01)
    assert floats(coefficients.tril()).tolist() == np.zeros((3, 3)).tolist()


def test_nothing_is_made_of_columns_that_say_nothing_of_each_other() -> None:
    codes, scores = coded(*np.random.default_rng(1).normal(size=(6, 60)))
    coefficients, variances = regressions(codes, scores, [12] * codes.shape[1])
    assert coefficients.abs().max().item() < 0.2
    assert variances.min().item() > 0.85


def test_a_feature_without_scores_neither_follows_nor_leads() -> None:
    codes, scores = coded(*np.random.default_rng(2).normal(size=(1, 50)).repeat(3, axis=0))
    coefficients, variances = regressions(
        codes, [scores[0], torch.zeros(12), scores[2]], [12, 0, 12]
    )
    assert coefficients[1].abs().max().item() == coefficients[:, 1].abs().max().item() == 0.0
    assert coefficients[0, 2].item() > 0.9
    assert floats(variances) == pytest.approx([1.0, 1.0, 0.02])


def test_missing_values_say_nothing_of_how_a_column_follows_another() -> None:
    """Half of the second column is missing: what is left follows the first as before."""
    rng = np.random.default_rng(3)
    first = rng.normal(size=2000)
    codes, scores = coded(first, 0.9 * first + 0.436 * rng.normal(size=2000))
    whole, left = regressions(codes, scores, [12, 12])
    missing = torch.as_tensor(rng.random(2000) < 0.5)
    codes[missing, 1] = 12
    scores[1] = torch.cat([scores[1], torch.zeros(1)])
    found, variances = regressions(codes, scores, [12, 12])
    assert found[0, 1].item() == pytest.approx(whole[0, 1].item(), abs=0.03)
    assert variances[1].item() == pytest.approx(left[1].item(), abs=0.03)
    codes[:, 1] = 12  # no row is left that says anything
    found, variances = regressions(codes, scores, [12, 12])
    assert (found[0, 1].item(), variances[1].item()) == (0.0, 1.0)


@pytest.mark.parametrize("n_present", [5, 12, 20])
def test_a_few_values_of_a_column_that_is_mostly_missing_follow_nothing(n_present: int) -> None:
    """As many rows as columns before it would be followed exactly, by chance."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        codes, scores = coded(*rng.normal(size=(11, 400)))
        codes[n_present:, 10] = 12
        scores[10] = torch.cat([scores[10], torch.zeros(1)])
        coefficients, _ = regressions(codes, scores, [12] * 11)
        assert coefficients[:, 10].abs().max().item() < 0.6
