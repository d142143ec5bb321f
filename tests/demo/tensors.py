"""Typed access to the numbers in a tensor."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def array(tensor: Tensor) -> NDArray[np.int64]:
    """The integers of `tensor`; torch's own `tolist` and `unique` have no types."""
    return np.asarray(tensor.numpy(), dtype=np.int64)


def floats(tensor: Tensor) -> NDArray[np.float64]:
    """Of floats, on any device, for numpy."""
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)
