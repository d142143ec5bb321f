"""A Gaussian copula of ordered codes, in closed form: what a network of few rows begins with."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import torch
from torch import Tensor

_LEAST_VARIANCE = 0.02  # of a column given the others: no column is so normal that less would fit
_MOST_FREEDOM = 1.0 / 3.0  # coefficients a row: with more, the error is no longer foretold
_RIDGES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
_MOST_ROWS = 20_000  # evenly from a larger table: the slopes have no more to learn


class Copula(NamedTuple):
    """Each feature's shares, and how it follows those before it."""

    logits: Tensor
    """`[all codes]`: with nothing before."""
    pulls: Tensor
    """`[features, features]`: what the score of each row adds to the logits of each column along its
    own scores.
    """

    @classmethod
    def fit(cls, codes: Tensor, scores: Sequence[Tensor], n_placed: Sequence[int]) -> Self:
        """Of the rows `codes`, `[rows, features]`, and the scores of each feature's codes, of which the
        first `n_placed` have a place.

        A normal column of mean m and variance v adds z m / v - (1 / v - 1) z² / 2 to the log of its
        shares at the score z, where the marginal's is N(0, 1): the pulls are those of m / v.
        """
        coefficients, variances = regressions(codes, scores, n_placed)
        counts = [len(each) for each in scores]
        logits = [
            ((each + 0.5) / (each + 0.5).sum()).log() - 0.5 * (1.0 / variance - 1.0) * of.square()
            for each, of, variance in zip(
                frequencies(codes, counts), scores, variances, strict=True
            )
        ]
        return cls(logits=torch.cat(logits), pulls=coefficients / variances)


def frequencies(codes: Tensor, counts: Sequence[int]) -> list[Tensor]:
    """How many of the rows `codes`, `[rows, features]`, have each code, `[codes]` of each feature."""
    return [
        torch.bincount(column, minlength=n).float()
        for column, n in zip(codes.T, counts, strict=True)
    ]


def normal_scores(frequencies: Tensor, n_placed: int) -> Tensor:
    """The place of each code, `[codes]`, if the column were normal, of mean 0 and variance 1.

    The first `n_placed` codes are in order; the others have no place, which is 0. `frequencies` are
    how many rows have each code, `[codes]`.
    """
    scores = torch.zeros(len(frequencies), dtype=torch.float64)
    if n_placed > 1:
        shares = frequencies[:n_placed].double() + 0.5
        shares = shares / shares.sum()
        middles = shares.cumsum(0) - shares / 2
        places = torch.erfinv(2.0 * middles - 1.0)  # to a factor, the normal quantiles
        places = places - (shares * places).sum()
        scores[:n_placed] = places / (shares * places.square()).sum().sqrt()
    return scores.float()


def regressions(
    codes: Tensor, scores: Sequence[Tensor], n_placed: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Each feature's score from those of the features before it, by ridge regression: coefficients,
    `[features, features]` from row to column, and the variance that is left, `[features]`.

    `codes` are rows, `[rows, features]`. Where a value is missing, whose code has no place, a row says
    nothing of how the column follows others, and has the column's mean before those that follow it.
    The ridge, and the variance, are those of the least generalised cross-validation error (Golub, Heath
    and Wahba 1979): few rows, or scores that say nothing, have coefficients near 0. A feature without
    scores has none.
    """
    rows = codes[:: max(1, len(codes) // _MOST_ROWS)]
    known = torch.stack([each[column] for each, column in zip(scores, rows.T, strict=True)], dim=1)
    is_placed = rows < torch.tensor(n_placed)
    of_all, n_features = _products(known), len(scores)
    coefficients = torch.zeros(n_features, n_features, dtype=torch.float64)
    variances = torch.ones(n_features, dtype=torch.float64)
    for place in range(1, n_features):
        there = is_placed[:, place]
        n_rows = int(there.sum())
        if n_rows > 1 and scores[place].any():
            products = of_all if n_rows == len(rows) else _products(known[there])
            found, left = _ridge(
                products[:place, :place], products[:place, place], products[place, place], n_rows
            )
            coefficients[:place, place], variances[place] = found, left
    return coefficients.float(), variances.clamp(_LEAST_VARIANCE, 1.0).float()


def _products(known: Tensor) -> Tensor:
    """The mean product of each two columns of `[rows, features]`; there is a row."""
    return (known.T.double() @ known.double()) / len(known)


def _ridge(
    inner: Tensor, with_target: Tensor, of_target: Tensor, n_rows: int
) -> tuple[Tensor, Tensor]:
    """Coefficients and error of the best ridge, from mean products of the scores."""
    ridges = torch.tensor(_RIDGES, dtype=inner.dtype) / n_rows
    inverses = torch.inverse(inner + ridges.reshape(-1, 1, 1) * torch.eye(len(inner)))
    found = inverses @ with_target  # [ridges, features]
    left = of_target - 2.0 * found @ with_target + (found @ inner * found).sum(dim=1)
    freedom = (inverses * inner).sum(dim=(1, 2)) / n_rows
    errors = left / (1.0 - freedom).clamp(min=1e-3).square()
    best = int(torch.where(freedom <= _MOST_FREEDOM, errors, torch.inf).argmin())
    return found[best], errors[best]
