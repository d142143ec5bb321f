"""Which columns can become which tensors."""

import numpy as np
import torch

_OWN: dict[str, torch.dtype] = {
    "bool": torch.bool,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "uint8": torch.uint8,
    "uint16": torch.int32,
    "uint32": torch.int64,
    "halffloat": torch.float16,
    "float": torch.float32,
    "double": torch.float64,
}
_TEXTS = ("string", "large_string", "string_view")
_DICTIONARY = "dictionary<values="


def own_dtype(kind: str) -> torch.dtype | None:
    """That of a column of numbers or truth values; None for any other."""
    return _OWN.get(kind)


def is_text(kind: str) -> bool:
    return kind in _TEXTS


def vocabulary_kind(kind: str) -> str | None:
    """Of which type the words of a column's vocabulary are; None for a column that has none."""
    if kind.startswith(_DICTIONARY):
        kind = kind.removeprefix(_DICTIONARY).partition(",")[0]
    dtype = own_dtype(kind)
    if is_text(kind):
        return "string"
    return kind if dtype is not None and not dtype.is_floating_point else None


def holds(dtype: torch.dtype, own: torch.dtype) -> bool:
    """Whether a tensor of `dtype` can hold `own` values: any floating point one can, rounded."""
    if dtype.is_floating_point:
        return True
    if own.is_floating_point or dtype.is_complex:
        return False
    return dtype == own or np.can_cast(numpy_dtype(own), numpy_dtype(dtype), "safe")


def numpy_dtype(dtype: torch.dtype) -> np.dtype[np.generic]:
    """The same in numpy, which has no bfloat16 and the like: single precision stands for them."""
    try:
        return torch.empty(0, dtype=dtype).numpy().dtype
    except TypeError:
        return np.dtype(np.float32)


def advice(kind: str) -> str:
    """What to do with a column that is no number."""
    if vocabulary_kind(kind) is not None:
        return "use codes(name, vocabulary)"
    return "write it to the file as numbers"
