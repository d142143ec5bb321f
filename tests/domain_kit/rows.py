"""Random rows of labels, probabilities and weights."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from artifact_torch.domain_kit.labelled import Floats

Rows = tuple[NDArray[np.int64], Floats, Floats | None]

PROBABILITIES = st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-12, 1 - 1e-12]) | st.floats(0, 1)
"""Extreme ones, and a few that come often, so that there are ties."""


def _weights(n: int) -> st.SearchStrategy[Floats | None]:
    weight = st.sampled_from([0.25, 1.0, 3.0]) | st.floats(0.01, 100)
    return st.none() | arrays.arrays(np.float64, n, elements=weight)


@st.composite
def binary_rows(draw: st.DrawFn) -> Rows:
    """Often of one class alone."""
    n = draw(st.integers(1, 30))
    labels = draw(
        st.just([0] * n) | st.just([1] * n) | st.lists(st.integers(0, 1), min_size=n, max_size=n)
    )
    probabilities = draw(arrays.arrays(np.float64, n, elements=PROBABILITIES))
    return np.array(labels), probabilities, draw(_weights(n))


@st.composite
def multiclass_rows(draw: st.DrawFn, n_classes: int) -> Rows:
    """Often without rows of some classes."""
    n = draw(st.integers(1, 30))
    labels = draw(arrays.arrays(np.int64, n, elements=st.integers(0, n_classes - 1)))
    elements = st.sampled_from([0.0, 1.0, 2.0]) | st.floats(0.01, 10)
    raw = draw(arrays.arrays(np.float64, (n, n_classes), elements=elements)) + 1e-3
    return labels, raw / raw.sum(axis=1, keepdims=True), draw(_weights(n))


@st.composite
def numeric_rows(draw: st.DrawFn) -> tuple[Floats, Floats, Floats | None]:
    """True and predicted numbers."""
    n = draw(st.integers(1, 30))
    numbers = st.sampled_from([0.0, 1.0, -1.0]) | st.floats(-1e6, 1e6)
    both: Any = draw(arrays.arrays(np.float64, (2, n), elements=numbers))
    return both[0], both[1], draw(_weights(n))
