"""What may happen to a file on a disk."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from artifact_torch.testing.going_on import checkpoints


def damage(folder: Path, kind: str, seed: int) -> tuple[Path, str]:
    """Damage a file of the newest checkpoint in `folder`. The checkpoint, and what was done."""
    newest = checkpoints(folder)[-1]
    files = sorted(p for p in newest.rglob("*") if p.is_file()) if newest.is_dir() else [newest]
    draw = random.Random(seed)  # noqa: S311  (no secret)
    file = draw.choice(files)
    done = DAMAGES[kind](file, draw)
    return newest, f"{done} {file.relative_to(folder)}"


def _flip(file: Path, draw: random.Random) -> str:
    data = bytearray(file.read_bytes())
    bit = draw.randrange(8 * len(data))
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)
    return f"bit {bit % 8} of byte {bit // 8} flipped in"


def _cut(file: Path, draw: random.Random) -> str:
    data = file.read_bytes()
    size = draw.randrange(len(data))
    file.write_bytes(data[:size])
    return f"cut to {size} of {len(data)} bytes:"


def _empty(file: Path, _draw: random.Random) -> str:
    size = file.stat().st_size
    file.write_bytes(bytes(size))
    return f"{size} zeros instead of"


def _remove(file: Path, _draw: random.Random) -> str:
    file.unlink()
    return "removed:"


def _overwrite(file: Path, draw: random.Random) -> str:
    """By another file of its kind, whole in itself, as after a careless copy."""
    others = sorted(p for p in file.parent.parent.rglob(f"*{file.suffix}") if p.is_file())
    other = draw.choice([p for p in others if p.read_bytes() != file.read_bytes()])
    file.write_bytes(other.read_bytes())
    return f"{other.parent.name}/{other.name} copied over"


DAMAGES: Final[Mapping[str, Callable[[Path, random.Random], str]]] = MappingProxyType(
    {"flip": _flip, "cut": _cut, "empty": _empty, "remove": _remove, "overwrite": _overwrite}
)
