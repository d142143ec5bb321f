"""Tensors copied into one prepared buffer, laid out as the file that it becomes."""

import json
import math
import mmap
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import final

import torch
from torch import Tensor

from artifact_torch.checkpoints.manifest import Identity, digest
from artifact_torch.checkpoints.plain_tensors import NAMES


@final
@dataclass(frozen=True)
class Place:
    """Of a tensor in the buffer."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    end: int


@final
class Snapshot:
    """The tensors of one save. The buffer is used again by the next: only its first, and one with
    more tensors, costs memory and the time to get it. Pinned where a tensor is on a CUDA device.
    """

    def __init__(self) -> None:
        self._buffer = torch.empty(0, dtype=torch.uint8)
        self._places: Mapping[str, Place] = {}
        self._views = list[Tensor]()

    def prepare(self, tensors: Mapping[str, Tensor]) -> None:
        """A buffer for these, with its pages."""
        places = _laid_out(tensors)
        if places == self._places:
            return
        size = max((place.end for place in places.values()), default=0)
        is_pinned = any(each.is_cuda for each in tensors.values())
        if size > len(self._buffer) or is_pinned != self._buffer.is_pinned():
            self._views, self._buffer = [], torch.empty(0, dtype=torch.uint8)
            self._buffer = _memory(size, is_pinned=is_pinned)
        self._places = places
        self._views = [
            self._buffer[place.start : place.end].view(place.dtype).view(place.shape)
            for place in places.values()
        ]

    def take(self, tensors: Mapping[str, Tensor]) -> None:
        """Copies them; nothing of the training's memory is needed any more when it returns."""
        self.prepare(tensors)
        sources = [tensors[name] for name in self._places]
        with torch.no_grad():
            for view, source in zip(self._views, sources, strict=True):
                view.copy_(source, non_blocking=True)
        for device in {each.device for each in sources if each.is_cuda}:
            torch.cuda.current_stream(device).synchronize()

    @property
    def n_bytes(self) -> int:
        """Of the tensors."""
        return max((place.end for place in self._places.values()), default=0)

    def parts(
        self, identity: Identity, offsets: Mapping[str, tuple[int, ...]] | None = None
    ) -> tuple[bytes, memoryview]:
        """The file, in the format of safetensors: its header, and all tensors. One of several
        processes says where each tensor begins in its whole, the start without an offset, as DCP
        does it (`HuggingFaceStorageWriter` of torch 2.13).
        """
        about = {"format": "pt", "artifact_torch": json.dumps(asdict(identity))}
        if offsets is not None:
            starts = {
                name: {"saved_offsets": offsets.get(name, (0,) * len(place.shape))}
                for name, place in self._places.items()
            }
            about |= {"DCP_SHARDING_INFO": json.dumps(starts), "DCP_VERSION": "1.0"}
        header: dict[str, object] = {"__metadata__": about}
        for name, place in self._places.items():
            header[name] = {
                "dtype": NAMES[place.dtype],
                "shape": place.shape,
                "data_offsets": [place.start, place.end],
            }
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text, self._bytes()[: self.n_bytes]

    def digests(self) -> dict[str, str]:
        """Of the bytes of each tensor."""
        held = self._bytes()
        return {name: digest(held[each.start : each.end]) for name, each in self._places.items()}

    def _bytes(self) -> memoryview:
        return self._buffer.numpy().data


def _laid_out(tensors: Mapping[str, Tensor]) -> dict[str, Place]:
    """Large elements first, so that each tensor lies at a multiple of the size of its own."""
    places, start = dict[str, Place](), 0
    for name, tensor in _by_size(tensors.items()):
        end = start + math.prod(tensor.shape) * tensor.dtype.itemsize
        places[name] = Place(tensor.dtype, tuple(tensor.shape), start, end)
        start = end
    return places


def _by_size(tensors: Iterable[tuple[str, Tensor]]) -> list[tuple[str, Tensor]]:
    return sorted(tensors, key=lambda item: -item[1].dtype.itemsize)


def _memory(size: int, *, is_pinned: bool) -> Tensor:
    """Bytes that were written to once, so that copying into them does not wait for pages."""
    if size == 0:
        return torch.empty(0, dtype=torch.uint8)
    if is_pinned:
        return torch.empty(size, dtype=torch.uint8, pin_memory=True)
    pages = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)  # 2 MiB each: a tenth of the time
    return torch.frombuffer(pages, dtype=torch.uint8).zero_()
