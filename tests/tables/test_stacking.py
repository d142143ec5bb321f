"""One table of many batches."""

import gc
import weakref
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from artifact_torch.tables.stacking import Column, Parts, stacked


@final
@dataclass(frozen=True)
class Sum:
    """Drawn as two parts."""

    name: Hashable

    @property
    def parts(self) -> Sequence[np.dtype[np.generic]]:
        return [np.dtype(np.int64), np.dtype(np.int8)]

    def column(self, parts: Parts) -> Column:
        first, second = (np.asarray(part, dtype=np.int64) for part in parts)
        return first + second


@given(values=st.lists(st.integers(0, 5), max_size=40), size=st.integers(1, 12))
def test_batches_of_any_size_give_one_table(values: list[int], size: int) -> None:
    array = np.array(values, dtype=np.int64)
    batches = [
        [(array[start : start + size], array[start : start + size])] * 2
        for start in range(0, len(array), size)
    ]
    made = stacked(batches, [Sum("b"), Sum(3)], n_rows=len(array))
    expected = pd.DataFrame({"b": 2 * array, 3: 2 * array})
    pd.testing.assert_frame_equal(made, expected)
    assert isinstance(made.index, pd.RangeIndex)


def test_a_batch_is_let_go_before_the_next_is_asked_for() -> None:
    asked_with: list[int] = []
    made: list[weakref.ref[NDArray[np.int64]]] = []

    def batches() -> Iterator[Sequence[Parts]]:
        for start in range(4):
            gc.collect()
            asked_with.append(sum(each() is not None for each in made))
            part = np.arange(start, start + 1)
            made.append(weakref.ref(part))
            batch = [(part, part)]
            del part
            yield batch
            del batch

    table = stacked(batches(), [Sum("a")], n_rows=4)
    assert table["a"].to_list() == [0, 2, 4, 6]
    assert asked_with == [0, 0, 0, 0]
