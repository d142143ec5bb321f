"""How far two sets of rows are apart, without a model of either."""

import torch
from torch import Tensor


def energy_distance(real: Tensor, made: Tensor) -> Tensor:
    """2 E|x - y| - E|x - x'| - E|y - y'| over the rows x of `real` and y of `made`; a `[]` scalar.

    Both `[rows, width]`; pairs of a row with itself do not count, so that the expected value is 0
    where both sets come from one distribution, and above 0 otherwise (Székely and Rizzo 2013,
    doi:10.1016/j.jspi.2013.03.018). A set of one row has no pairs, and counts as such.
    """
    between = torch.cdist(real, made).mean()
    return 2.0 * between - _within(real) - _within(made)


def _within(rows: Tensor) -> Tensor:
    n = len(rows)
    return torch.cdist(rows, rows).sum() / max(n * (n - 1), 1)
