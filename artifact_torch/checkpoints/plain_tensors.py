"""A tensor as one that every version of safetensors holds, and back."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from artifact_torch.internal.narrowing import is_list

NAMES: Final[Mapping[torch.dtype, str]] = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint64: "U64",
    torch.uint32: "U32",
    torch.uint16: "U16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
}
"""The dtypes of the format, by its own names."""

_AS_REAL: Final = {"complex32": torch.float16, "complex64": torch.float32} | {
    "complex128": torch.float64
}
_AS_BYTES: Final = {
    "float8_e4m3fnuz": torch.float8_e4m3fnuz,
    "float8_e5m2fnuz": torch.float8_e5m2fnuz,
    "float8_e8m0fnu": torch.float8_e8m0fnu,
}


def dtype_name(dtype: torch.dtype) -> str:
    """`float32` for `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def can_be_plain(dtype: torch.dtype) -> bool:
    """Whether `as_plain` takes tensors of it."""
    return dtype in NAMES or dtype_name(dtype) in _AS_REAL | _AS_BYTES


def as_plain(tensor: Tensor) -> tuple[Tensor, dict[str, object]]:
    """A contiguous tensor of one of `NAMES`, and what `from_plain` needs to know.

    A view of the same memory where that can be, which is so for all dense tensors: the order of
    their axes in memory (`channels_last`) is kept. A copy else: of slices and expanded tensors.
    """
    plain, form = tensor.detach().resolve_conj().resolve_neg(), dict[str, object]()
    if tensor.dtype not in NAMES:
        name = form["dtype"] = dtype_name(tensor.dtype)
        plain = torch.view_as_real(plain) if name in _AS_REAL else plain.view(torch.uint8)
    if not plain.is_contiguous():
        strides = plain.stride()
        order = sorted(range(plain.dim()), key=lambda axis: -strides[axis])
        if plain.permute(order).is_contiguous():
            plain, form["order"] = plain.permute(order), order
        else:
            plain = plain.contiguous()
    return plain, form


def from_plain(plain: Tensor, form: Mapping[str, object]) -> Tensor | None:
    """What was given to `as_plain`, in the memory of `plain`; None where `form` does not fit it."""
    tensor, order, name = plain, form.get("order"), form.get("dtype")
    if order is not None:
        if not is_list(order):
            return None
        axes = [axis for axis in order if type(axis) is int]
        if sorted(axes) != [*range(plain.dim())] or len(axes) != len(order):
            return None
        tensor = tensor.permute([axes.index(axis) for axis in range(len(axes))])
    if name is None:
        return tensor
    if not isinstance(name, str):
        return None
    if name in _AS_BYTES:
        return tensor.view(_AS_BYTES[name]) if tensor.dtype is torch.uint8 else None
    fits = name in _AS_REAL and tensor.dtype is _AS_REAL[name] and tensor.shape[-1:] == (2,)
    return torch.view_as_complex(tensor) if fits and tensor.stride(-1) == 1 else None
