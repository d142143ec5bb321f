"""Tensors of a batch that make up one piece of memory travel as one."""

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final

import torch
from torch import Tensor

_FEWEST: Final = 4
"""Tensors in a piece: looking costs half a microsecond each, a copy to an accelerator about ten."""


def moved_together(values: Iterable[Tensor], move: Callable[[Tensor], Tensor]) -> dict[int, Tensor]:
    """What `move` makes of those that fill one storage, by `id`, where it is asked once for all
    of them: the columns of a `TensorTable`. The others are not in it.
    """
    pieces: dict[int, list[Tensor]] = {}
    for value in values:
        if _is_plain(value):
            pieces.setdefault(value.untyped_storage().data_ptr(), []).append(value)
    moved: dict[int, Tensor] = {}
    for piece in pieces.values():
        if len(piece) >= _FEWEST:
            moved |= _moved(sorted(piece, key=Tensor.storage_offset), move)
    return moved


def _moved(parts: list[Tensor], move: Callable[[Tensor], Tensor]) -> dict[int, Tensor]:
    first, sizes = parts[0], [part.numel() for part in parts]
    starts = [0, *accumulate(sizes)]
    is_whole = starts[-1] * first.element_size() == first.untyped_storage().nbytes()
    if not is_whole or any(
        part.storage_offset() != start or part.dtype != first.dtype
        for part, start in zip(parts, starts, strict=False)
    ):
        return {}  # they share their memory with others, or with each other
    together = move(first.as_strided((starts[-1],), (1,)))
    # not as views, which would share one count of changes
    pieces = torch.unsafe_split_with_sizes(together, sizes)
    return {id(part): piece.view(part.shape) for part, piece in zip(parts, pieces, strict=True)}


def _is_plain(value: Tensor) -> bool:
    is_dense = type(value) is Tensor and value.layout is torch.strided
    return (
        is_dense
        and not (value.requires_grad or value.is_complex())
        and value.numel() > 0
        and value.is_contiguous()
    )
