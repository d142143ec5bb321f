from typing import TypedDict

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import DataLoader
from artifact_torch.data.batches.collation import shortened
from artifact_torch.data.passes import epoch_generator


class Rows(TypedDict):
    x: Tensor


class Numbers:
    """A dataset whose batches are the row numbers."""

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows

    def take(self, indices: Tensor) -> Rows:
        return Rows(x=indices)

    def __len__(self) -> int:
        return self.n_rows


def order(n_rows: int, *, shuffle: bool, seed: int = 0) -> list[int]:
    loader = DataLoader(Numbers(n_rows), batch_size=n_rows, shuffle=shuffle, seed=seed)
    (batch,) = loader.batches(1)
    assert batch["x"].dtype == torch.int64
    return [int(row) for row in batch["x"]]


@settings(deadline=None)
@given(seed=st.integers(0, 2**70), epoch=st.integers(0, 10**9))
def test_seed_and_epoch_decide_alone(seed: int, epoch: int) -> None:
    before = torch.get_rng_state()
    first = epoch_generator(seed, epoch).initial_seed()
    assert first == epoch_generator(seed, epoch).initial_seed()
    assert torch.equal(torch.get_rng_state(), before)


def test_neighbouring_seeds_and_epochs_share_nothing() -> None:
    seeds = {
        epoch_generator(seed, epoch).initial_seed() for seed in range(40) for epoch in range(40)
    }
    assert len(seeds) == 1600
    assert len({seed % 2**32 for seed in seeds}) == 1600  # all that torch's CPU generator uses


@settings(deadline=None)
@given(n_rows=st.integers(1, 50), seed=st.integers(0, 99))
def test_a_shuffled_order_is_a_permutation(n_rows: int, seed: int) -> None:
    assert sorted(order(n_rows, shuffle=True, seed=seed)) == list(range(n_rows))


def test_rows_that_are_not_shuffled_come_as_they_are() -> None:
    assert order(4, shuffle=False) == [0, 1, 2, 3]


def test_the_order_of_a_seed_does_not_change_from_release_to_release() -> None:
    assert order(6, shuffle=True) == [0, 1, 5, 4, 2, 3]


def test_long_lists_are_shortened() -> None:
    assert shortened([1, 2]) == "[1, 2]"
    assert shortened(list(range(9))) == "[0, 1, 2, 3, 4, 5, 6, 7, ...]"
