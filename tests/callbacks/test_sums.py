"""Sums over a pass are exact where float32 would not be."""

import torch

from artifact_torch.callbacks.sums import Sums, ratio


def test_small_numbers_are_not_lost_beside_large_ones() -> None:
    """At 1e8 the numbers of float32 lie 8 apart."""
    sums = Sums()
    for _ in range(2):
        sums.add(torch.tensor([1e8, 1.0, 1.0, 1.0]), torch.tensor([True, False]))
    assert sums.read(2) == [200_000_006.0, 2.0]


def test_of_nothing() -> None:
    assert Sums().read(3) == [0.0, 0.0, 0.0]
    assert str(ratio(0.0, 0.0)) == "nan"
