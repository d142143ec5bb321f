"""What is drawn of a long curve shows all that it does."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.report.thinning import breaks, kept

VALUES = st.lists(
    st.floats(width=32, allow_nan=True, allow_infinity=True), min_size=1, max_size=400
)


@given(values=VALUES, n_buckets=st.integers(1, 12))
def test_each_part_keeps_its_first_lowest_highest_and_last(
    values: Sequence[float], n_buckets: int
) -> None:
    of = np.array(values)
    places = np.arange(len(of), dtype=np.float64)
    indices = kept(places, of, n_buckets).tolist()
    finite = [i for i in range(len(of)) if np.isfinite(of[i])]
    assert indices == sorted({*indices})
    assert {*indices} <= {*finite}
    if len(finite) <= 4 * n_buckets:
        assert indices == finite
        return
    assert len(indices) <= 4 * n_buckets
    low, high = finite[0], finite[-1]
    parts: dict[int, list[int]] = {}
    for i in finite:
        part = min(int((i - low) * (n_buckets / (high - low))), n_buckets - 1)
        parts.setdefault(part, []).append(i)
    for members in parts.values():
        shown = [i for i in indices if i in members]
        assert members[0] in shown
        assert members[-1] in shown
        assert min(of[shown]) == min(of[members])
        assert max(of[shown]) == max(of[members])


def test_a_single_spike_among_fifty_thousand_is_drawn() -> None:
    values = np.zeros(50_000)
    values[31_337] = 1e6
    assert 31_337 in kept(np.arange(50_000.0), values, 360)


@given(values=VALUES, n_buckets=st.integers(1, 12))
def test_a_line_has_a_gap_wherever_a_value_is_not_finite(
    values: Sequence[float], n_buckets: int
) -> None:
    of = np.array(values)
    indices = kept(np.arange(len(of), dtype=np.float64), of, n_buckets)
    expected = [False] * min(1, len(indices)) + [
        not np.isfinite(of[a : b + 1]).all() for a, b in pairwise(indices.tolist())
    ]
    assert breaks(of, indices).tolist() == expected
