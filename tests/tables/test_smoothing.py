"""How often a number is expected: what is between rows, what is not, and that it foretells others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from artifact_torch.tables.smoothing import smoothed

counted = st.lists(st.integers(0, 40), min_size=1, max_size=60)


def counts_of(values: NDArray[np.float64], n_places: int) -> NDArray[np.float64]:
    """Of whole numbers from 0."""
    places = values.round().clip(0, n_places - 1).astype(np.int64)
    return np.bincount(places, minlength=n_places).astype(np.float64)


@given(counts=counted)
def test_shares_are_a_distribution_between_the_least_and_the_largest(counts: list[int]) -> None:
    rows = np.array([1, *counts, 1], dtype=np.float64)
    shares = smoothed(rows)
    assert shares.shape == rows.shape
    assert (shares >= 0.0).all()
    assert shares.sum() == pytest.approx(1.0)


@given(counts=counted)
def test_what_many_rows_have_keeps_its_share_and_parts_its_sides(counts: list[int]) -> None:
    many = 2 * sum(counts) + 2
    rows = np.array([1, *counts, many, *counts, 1], dtype=np.float64)
    shares, place = smoothed(rows), len(counts) + 1
    assert shares[place] == pytest.approx(many / rows.sum())
    assert shares[:place].sum() == pytest.approx(rows[:place].sum() / rows.sum())


def test_other_rows_are_foretold_better_than_by_these_alone() -> None:
    """Of 300 rows of a normal column, 40 times: the distance to the true shares."""
    rng = np.random.default_rng(0)
    truth = counts_of(rng.normal(100.0, 20.0, 2_000_000), 200) / 2_000_000
    by_rows: list[float] = []
    expected: list[float] = []
    for _ in range(40):
        rows = counts_of(rng.normal(100.0, 20.0, 300), 200)
        seen = np.flatnonzero(rows)
        of_run = slice(seen[0], seen[-1] + 1)
        by_rows.append(float(np.abs(rows[of_run] / 300 - truth[of_run]).sum()))
        expected.append(float(np.abs(smoothed(rows[of_run]) - truth[of_run]).sum()))
    assert np.mean(expected) < 0.6 * np.mean(by_rows)


def test_nothing_is_expected_where_values_never_are() -> None:
    """Coins and notes: 1, 2, 5, 10, 20, 50, each of many rows."""
    rows = np.zeros(51)
    rows[[1, 2, 5, 10, 20, 50]] = [60, 55, 50, 45, 40, 35]
    rows = rows[1:]
    assert smoothed(rows) == pytest.approx(rows / rows.sum())


@pytest.mark.parametrize("share", [0.03, 0.05, 0.08, 0.2])
def test_a_point_mass_far_from_the_others_keeps_its_share(share: float) -> None:
    """A pressure of 0 stands for none."""
    values = np.random.default_rng(2).normal(220.0, 45.0, 400).clip(50.0)
    values[: int(400 * share)] = 0.0
    shares = smoothed(counts_of(values, int(values.max()) + 1))
    assert shares[0] == pytest.approx(share)
    assert shares[1:50].tolist() == [0.0] * 49


@pytest.mark.parametrize("n_rows", [50, 100, 200])
def test_nothing_is_expected_far_from_two_clusters(n_rows: int) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        near, far = rng.normal(50.0, 5.0, n_rows), rng.normal(5_000.0, 50.0, n_rows)
        rows = counts_of(np.where(rng.random(n_rows) < 0.5, near, far), 5_400)
        seen = np.flatnonzero(rows)
        shares = smoothed(rows[seen[0] : seen[-1] + 1])
        assert shares[100:4_000].sum() == 0.0


def test_what_many_rows_say_stays_so_where_the_tail_is_long() -> None:
    rows = np.bincount(np.random.default_rng(2).zipf(1.4, 5_000).clip(max=5_000))[1:].astype(float)
    shares = smoothed(rows)
    assert shares[:8].tolist() == pytest.approx((rows[:8] / 5_000).tolist())
    assert (shares > 0).sum() > (rows > 0).sum()


def test_digits_that_are_preferred_stay_so() -> None:
    """A pulse of which half is read to tens."""
    rng = np.random.default_rng(1)
    pulses = rng.normal(140.0, 25.0, 1_000)
    rows = counts_of(np.where(rng.random(1_000) < 0.5, (pulses / 10).round() * 10, pulses), 250)
    seen = np.flatnonzero(rows)
    least = int(seen[0] // 10) * 10 + 1
    rows = rows[least - 1 : seen[-1] + 1]
    rows[0] = max(rows[0], 1.0)
    shares = smoothed(rows)
    assert shares[::10].sum() == pytest.approx(rows[::10].sum() / rows.sum(), abs=0.03)
    unseen = rows == 0
    assert shares[unseen].sum() > 0.01


@pytest.mark.parametrize("rows", [[3], [1, 0, 0, 1], [2, 1, 1, 2, 1, 1, 1]])
def test_few_rows_say_nothing_of_what_is_between(rows: list[int]) -> None:
    counts = np.array(rows, dtype=np.float64)
    assert smoothed(counts).tolist() == (counts / counts.sum()).tolist()
