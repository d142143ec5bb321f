"""The evenly spaced numbers that a column's numbers lie on."""

import numpy as np
import pytest

from artifact_torch.tables.grid import Grid


def places(values: list[float], decimals: int | None) -> tuple[list[float], list[int]] | None:
    grid = Grid.of(np.array(values, dtype=np.float64), decimals)
    return None if grid is None else (grid.values.tolist(), grid.places.tolist())


def test_it_is_the_coarsest_and_has_the_numbers_themselves() -> None:
    assert places([-4.0, 0.0, 6.0], 0) == ([-4.0, -2.0, 0.0, 2.0, 4.0, 6.0], [0, 2, 5])
    assert places([0.1, 0.2, 0.4], 1) == ([0.1, 0.2, 0.3, 0.4], [0, 1, 3])
    assert places([7.0], 0) == ([7.0], [0])
    single = float(np.float32(0.7))
    assert places([0.5, 0.6, single], 1) == ([0.5, 0.6, single], [0, 1, 2])


def test_whole_numbers_that_no_float_has() -> None:
    least = 2**63
    grid = Grid.of(np.array([least, least + 6, least + 9], dtype=np.uint64), 0)
    assert grid is not None
    assert grid.values.tolist() == [least, least + 3, least + 6, least + 9]


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([0.0, 1.0, 20_000.0], 0),  # too many places
        ([0.0, 1 / 3], None),  # too many decimals
        ([0.1, 1e300], 1),  # beyond what a float has
    ],
)
def test_there_is_none(values: list[float], decimals: int | None) -> None:
    assert places(values, decimals) is None


def test_the_ends_of_a_column_are_drawn_too() -> None:
    grid = Grid.of(np.arange(101.0), 0)
    assert grid is not None
    counts = np.ones(101, np.int64)
    counts[40:60] = 1_000
    levels = (np.arange(64) + 0.5) / 64
    quantiles = grid.expected(counts, levels)
    assert (quantiles[0], quantiles[-1]) == (0.0, 100.0)
    assert 40.0 <= quantiles[1] <= quantiles[-2] < 60.0
