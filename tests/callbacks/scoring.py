"""Passes over batches made by hand, and scikit-learn as what scores are compared with."""

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from typing import TypedDict, TypeVar

import torch
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch.callbacks import Pairs
from artifact_torch.contracts import LoaderCallback

R = TypeVar("R")


class Held(TypedDict):
    """A batch that holds what a callback reads."""

    pairs: Pairs


def held(batch: Held, _output: object) -> Pairs:
    """What `of` is in these tests."""
    return batch["pairs"]


def one_pass(callback: LoaderCallback[Held, object, R], batches: Sequence[Pairs]) -> R:
    callback.start()
    for pairs in batches:
        callback.update(Held(pairs=pairs), {})
    return callback.finish()


def sklearn(function: str) -> Callable[..., float]:
    """A function of `sklearn.metrics`, which has no types."""
    found: Callable[..., float] = getattr(import_module("sklearn.metrics"), function)
    return found


def split(tensors: Sequence[Tensor], sizes: Sequence[int]) -> list[Pairs]:
    """Uneven batches of these rows; what is left makes the last."""
    n_rows = len(tensors[0])
    ends = [0]
    while ends[-1] < n_rows:
        ends.append(min(n_rows, ends[-1] + sizes[len(ends) % len(sizes)]))
    batches: list[Pairs] = []
    for start, end in pairwise(ends):
        first, second, *rest = (tensor[start:end] for tensor in tensors)
        batches.append((first, second, rest[0]) if rest else (first, second))
    return batches


def padded(tensors: Sequence[Tensor], junk: Sequence[float], seed: int) -> tuple[Tensor, ...]:
    """The same rows among others that do not count, and which do."""
    n_rows = len(tensors[0])
    generator = torch.Generator().manual_seed(seed)
    where = torch.cat([torch.ones(n_rows), torch.zeros(n_rows)]).bool()
    # the order of the rows that count stays
    where = where[torch.randperm(2 * n_rows, generator=generator)]
    grown: list[Tensor] = []
    for tensor, value in zip(tensors, junk, strict=True):
        new = torch.full((2 * n_rows, *tensor.shape[1:]), value).to(tensor.dtype)
        new[where] = tensor
        grown.append(new)
    return (*grown, where)


def close(one: float, other: float, *, tolerance: float = 1e-9) -> bool:
    """Equal up to rounding; NaN equals itself."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def numbers(tensor: Tensor) -> list[float]:
    """Of a tensor of one dimension."""
    return [value.item() for value in tensor]


def table(tensor: Tensor) -> list[list[float]]:
    """Of a tensor of two dimensions."""
    return [numbers(row) for row in tensor]


def untyped(make: Callable[..., R], *given: object, **named: object) -> R:
    """What a checker would refuse as well."""
    return make(*given, **named)


SEEDS = st.integers(0, 2**31)
ROWS = st.integers(1, 40)
SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=4)

EXAMPLES = settings(max_examples=40, deadline=None)
