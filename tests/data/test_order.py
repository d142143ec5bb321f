import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.data.order import epoch_generator, row_numbers, row_order, shortened


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
@given(n_rows=st.integers(0, 50), seed=st.integers(0, 99))
def test_a_shuffled_order_is_a_permutation(n_rows: int, seed: int) -> None:
    order = row_order(n_rows, epoch_generator(seed, 1))
    assert order.dtype == torch.int64
    assert sorted(row_numbers(order)) == list(range(n_rows))


def test_without_a_generator_rows_come_as_they_are() -> None:
    assert row_numbers(row_order(4, None)) == [0, 1, 2, 3]


def test_the_order_of_a_seed_does_not_change_from_release_to_release() -> None:
    assert row_numbers(row_order(6, epoch_generator(0, 1))) == [0, 1, 5, 4, 2, 3]


def test_long_lists_are_shortened() -> None:
    assert shortened([1, 2]) == "[1, 2]"
    assert shortened(list(range(9))) == "[0, 1, 2, 3, 4, 5, 6, 7, ...]"
