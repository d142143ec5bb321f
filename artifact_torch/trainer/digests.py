"""Digests of tensors that show a difference of one bit in one element."""

import sys
from collections.abc import Callable, Iterable, Iterator
from ctypes import c_char
from importlib import import_module
from typing import Final, Protocol, final
from zlib import crc32

import torch
from torch import Tensor

from artifact_torch.data.batches.structure import walk
from artifact_torch.internal.narrowing import is_plain_dict

N_BYTES: Final = 16
"""Of a digest."""

_MEMORY: Final = memoryview((c_char * sys.maxsize).from_address(0))
"""All of it, of which parts are cut: an array of each size is a class of its own, 10 us to make."""

_N_COLUMNS: Final = 1 << 16
_N_AT_ONCE: Final = 1 << 22  # words: what is multiplied takes 32 MiB
_WORDS: Final = {
    1: torch.uint8,
    2: torch.int16,
    4: torch.int32,
    8: torch.int32,
    16: torch.int32,
}
"""Whole numbers of as many bytes as the elements have, or of four."""


class Hashing(Protocol):
    """What is used of `xxhash.xxh3_128()`."""

    def update(self, memory: memoryview, /) -> object: ...
    def digest(self) -> bytes: ...


@final
class Crc:
    """Of the standard library, where there is no xxhash: sees any change of one element, and takes
    six times as long.
    """

    def __init__(self) -> None:
        self._sum = 0

    def update(self, memory: memoryview, /) -> None:
        self._sum = crc32(memory, self._sum)

    def digest(self) -> bytes:
        return self._sum.to_bytes(N_BYTES, "little")


def hashing() -> tuple[str, Callable[[], Hashing]]:
    """A hash of what is in memory, and its name."""
    try:
        made: Callable[[], Hashing] = import_module("xxhash").xxh3_128
    except ModuleNotFoundError:
        return "crc32", Crc
    return "xxh3_128", made


def feed(to: Hashing, tensors: Iterable[Tensor | None]) -> None:
    """Their memory, without a copy where they lie in one piece in that of the machine. None is
    passed over.
    """
    update, memory = to.update, _MEMORY
    for each in tensors:
        if each is None:
            continue
        try:
            if each.is_contiguous() and each.is_cpu and (at := each.data_ptr()):
                update(memory[at : at + each.nbytes])
                continue
        except RuntimeError:  # a sparse one has no memory of its own
            pass
        for part in plain(each):
            at = part.data_ptr()
            update(memory[at : at + part.nbytes])


def plain(tensor: Tensor) -> list[Tensor]:
    """What it is made of, each in one piece in the memory of the machine."""
    return [each.detach().cpu().contiguous() for each in _dense(tensor)]


def _dense(tensor: Tensor) -> list[Tensor]:
    if tensor.is_nested:
        return [*tensor.unbind()]
    if tensor.layout is torch.strided:
        return [tensor]
    sparse = (tensor if tensor.layout is torch.sparse_coo else tensor.to_sparse()).coalesce()
    return [sparse.indices(), sparse.values()]


def tensors_of(batch: object) -> Iterator[Tensor]:
    """Every tensor that a batch holds, in its order."""
    if is_plain_dict(batch):  # most are
        for each in batch.values():
            if isinstance(each, Tensor):
                yield each
            else:
                yield from tensors_of_any(each)
    else:
        yield from tensors_of_any(batch)


def tensors_of_any(value: object) -> Iterator[Tensor]:
    return (each for _, each in walk(value) if isinstance(each, Tensor))


@final
class Sums:
    """For an accelerator: a sum of all words, each times an odd number of its own, modulo 2**64.

    It stays on the device, and nothing waits for it. A change of one word is a change of the sum
    for sure, since odd numbers have an inverse; others are missed once in 2**32 at most. The same
    on any device, in whatever order it is summed up. Takes the memory of one copy of the words.
    """

    NAME: Final = "sums_64"

    def __init__(self, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(1)
        of_all = torch.iinfo(torch.int64)
        drawn = torch.randint(
            of_all.min, of_all.max, (2, _N_COLUMNS), generator=generator, dtype=torch.int64
        )
        self._columns, self._rows = (drawn | 1).to(device)
        self._flat = dict[int, Tensor]()
        self._device = device

    def of(self, tensors: Iterable[Tensor | None]) -> Tensor:
        """A digest on the device: two 64-bit numbers, of which the second is 0."""
        words = [_words(part) for each in tensors if each is not None for part in _dense(each)]
        total = torch.zeros(2, dtype=torch.int64, device=self._device)
        n_words = sum(each.numel() for each in words)
        if n_words == 0:
            return total
        flat = self._filled(words, n_words)
        n_rows = _N_AT_ONCE // _N_COLUMNS
        for at in range(0, len(flat), n_rows):
            part = flat[at : at + n_rows]
            rows = self._rows[torch.arange(at, at + len(part), device=self._device) % _N_COLUMNS]
            total[0] += ((part * self._columns).sum(dim=1) * rows).sum()
        return total

    def _filled(self, words: list[Tensor], n_words: int) -> Tensor:
        """In rows of `_N_COLUMNS`, zeros at the end."""
        flat = self._flat.get(n_words)
        if flat is None:
            if len(self._flat) > 2:  # batches of many sizes
                self._flat.clear()
            n_rows = -(-n_words // _N_COLUMNS)
            flat = torch.zeros(n_rows * _N_COLUMNS, dtype=torch.int32, device=self._device)
            self._flat[n_words] = flat
        torch.cat([each.to(self._device, torch.int32) for each in words], out=flat[:n_words])
        return flat.view(-1, _N_COLUMNS)


def _words(tensor: Tensor) -> Tensor:
    whole = tensor.detach().contiguous().reshape(-1)
    if whole.dtype is torch.bool:
        return whole.view(torch.uint8)
    if whole.is_complex():
        whole = torch.view_as_real(whole).reshape(-1)
    return whole.view(_WORDS[whole.element_size()])
