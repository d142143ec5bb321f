"""The files of a checkpoint against its manifest: every byte, and what of them is damaged."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from artifact_torch.checkpoints.manifest import TENSORS, Manifest, digest, parsed_json
from artifact_torch.errors import CheckpointError

_CHUNK: Final = 1 << 22


def verify(path: Path, manifest: Manifest, names: Iterable[str]) -> None:
    """Every byte of these files. Raises `CheckpointError` with the reason, and `OSError`."""
    for name in names:
        file, size = path / name, manifest.sizes[name]
        if not file.is_file():
            raise CheckpointError(f"has no {name}")
        if (there := file.stat().st_size) != size:
            raise CheckpointError(f"has {there} bytes of {name}, expected {size}")
        if _digest_of(file) != manifest.digests[name]:
            tensors = manifest.tensors if name == TENSORS else manifest.of_ranks.get(name)
            where = f": {_damaged(file, tensors)}" if tensors is not None else ""
            raise CheckpointError(f"{name} is damaged{where}")


def header_of(file: Path) -> tuple[dict[str, object], int]:
    """The header of a file of safetensors, and where it ends. Raises `CheckpointError`."""
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        text = opened.read(size) if size <= file.stat().st_size else b""
    return parsed_json(file.name, text), 8 + size


def _digest_of(file: Path) -> str:
    sha = hashlib.sha256()
    with file.open("rb", buffering=0) as opened:
        while chunk := opened.read(_CHUNK):
            sha.update(chunk)
    return sha.hexdigest()


def _damaged(file: Path, tensors: Mapping[str, str]) -> str:
    """Which tensors have other bytes than were written."""
    try:
        header, start = header_of(file)
    except CheckpointError:
        return "its header"
    data = memoryview(file.read_bytes())[start:]
    odd = [
        name for name, expected in tensors.items() if _bytes_at(data, header.get(name)) != expected
    ]
    more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""
    return (", ".join(odd[:3]) + more) or "its header"


def _bytes_at(data: memoryview, entry: object) -> str:
    match entry:
        case {"data_offsets": [int(start), int(end)]}:
            return digest(data[start:end])
        case _:
            return ""
