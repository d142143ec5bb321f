"""What to save instead of what a checkpoint cannot keep."""

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from numbers import Integral, Number
from pathlib import PurePath
from typing import Final

import numpy as np
import torch
from torch import Tensor

_CONVERSIONS: Final[tuple[tuple[type, str], ...]] = (
    (Enum, "its .value"),
    (np.ndarray, "torch.as_tensor(...)"),
    (Tensor, "a plain tensor: .as_subclass(torch.Tensor)"),
    (np.bool_, "bool(...)"),
    (Integral, "int(...)"),
    (Number, "float(...)"),
    (str, "str(...)"),
    (PurePath, "str(...)"),
    (Mapping, "dict(...)"),
    (Iterable, "list(...)"),
)


def refusal(value: object) -> str:
    """In words: `got numpy.float64, save float(...)`."""
    kind = type(value)
    return f"got {kind.__module__}.{kind.__qualname__}, save {_instead(value)}"


def tensor_refusal(tensor: Tensor) -> str:
    """Why a plain tensor cannot be kept; empty where it can."""
    problem = ""
    if tensor.is_quantized:
        problem = "got a quantised tensor, save int_repr(), q_scale() and q_zero_point() of it"
    elif tensor.is_sparse:
        problem = "got a sparse tensor, save coalesce().indices(), coalesce().values() and its size"
    elif tensor.is_nested:
        problem = "got a nested tensor, save list(tensor.unbind())"
    elif tensor.layout is not torch.strided:
        problem = f"got a tensor of layout {tensor.layout}, save to_dense() of it"
    elif tensor.is_meta:
        problem = (
            "got a tensor on the meta device, which has no values; give it some: to_empty(...)"
        )
    return problem


def _instead(value: object) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return "dataclasses.asdict(...)"
    for kind, conversion in _CONVERSIONS:
        if isinstance(value, kind):
            return conversion
    return "the numbers, texts and tensors that it is made from"
