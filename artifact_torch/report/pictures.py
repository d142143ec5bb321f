"""Pictures within a page: the newest of each name, and small ones through time, within a size."""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, final

from artifact_torch.run_folder.recorded_lines import RecordedFile
from artifact_torch.run_folder.recorded_run import RecordedRun

_STRIP = 8
"""Small pictures of a name, at most."""

_THUMB = 168
"""Pixels wide: twice what is shown, for screens of many."""

_WIDTHS: Final = (None, 900, 600, 420)
"""What the newest are scaled to, until all of them fit."""

_SMALL: Final = (420, 300, _THUMB)
"""As above, where there is room for little."""

_MEGAPIXELS = 60.0
"""Decoded for small pictures at most, which is about a second."""

_PNG = b"\x89PNG\r\n\x1a\n"


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A picture in the page."""

    uri: str
    text: str
    epoch: int
    step: int


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """One name: its newest picture, and the strip through time."""

    name: str
    run: int
    newest: Shown | None
    """None where it is gone or too large; then `note` says so."""
    strip: Sequence[Shown] = ()
    note: str = ""


@final
@dataclass(kw_only=True)
class _Left:
    """What the page has room for."""

    n_bytes: int
    megapixels: float = _MEGAPIXELS
    pieces: dict[Path, bytes] = field(default_factory=dict[Path, bytes])


def galleries(runs: Sequence[RecordedRun], n_bytes: int) -> list[Gallery]:
    """Of all pictures of `runs`, in `n_bytes` of the page at most: the newest ones come first, scaled
    where they have to be (by Pillow, which matplotlib brings), and what is left goes to the strips.
    """
    left = _Left(n_bytes=n_bytes)
    newest = {
        (number, name): files[-1]
        for number, run in enumerate(runs)
        for name, files in run.pictures.items()
        if files
    }
    names = sorted(newest, key=lambda key: (list(runs[key[0]].pictures).index(key[1]), key[0]))
    uris = _newest(newest, left)
    found: list[Gallery] = []
    for key in names:
        number, name = key
        file, files = newest[key], runs[number].pictures[name]
        room = left.n_bytes // max(1, len(names) - len(found))
        strip = _strip(files, name, left, room)
        shown = f"{len(strip)} of {len(files)} moments" if strip else ""
        if uris[key] is None:
            shown = f"not shown here: {file.path} is gone, no picture, or too large for this page"
        elif len(files) > 1 and not strip:
            shown = f"{len(files)} moments; the earlier ones have no room in this page"
        found.append(
            Gallery(
                name=name,
                run=number,
                newest=_shown(uris[key], name, file),
                strip=strip,
                note=shown,
            )
        )
    return found


def thumbnails(run: RecordedRun, most: int, n_bytes: int) -> list[Shown]:
    """The newest of at most `most` names, small, in `n_bytes` at most."""
    found: list[Shown] = []
    for name, files in run.pictures.items():
        content = _read(files[-1].path) if files and len(found) < most else b""
        sizes = (_scaled(content, width) for width in _SMALL)
        fits = next((each for each in sizes if 0 < _encoded_size(each) <= n_bytes // most), None)
        picture = _shown(_uri(fits), name, files[-1]) if fits else None
        found += [picture] if picture else []
    return found


def _newest(
    files: Mapping[tuple[int, str], RecordedFile], left: _Left
) -> dict[tuple[int, str], str | None]:
    """Data URIs; all of one width at most, the largest at which they fit into two thirds."""
    contents = {key: _read(file.path) for key, file in files.items()}
    scaled: dict[tuple[int, str], bytes] = {}
    room = left.n_bytes * 2 // 3
    for width in _WIDTHS:
        scaled = {
            key: _scaled(content, width) if width else content for key, content in contents.items()
        }
        if sum(map(_encoded_size, scaled.values())) <= room:
            break
    uris: dict[tuple[int, str], str | None] = {}
    for key, content in scaled.items():
        fits = 0 < _encoded_size(content) <= room
        uris[key] = _uri(content) if fits else None
        if uris[key]:
            room -= _encoded_size(content)
            left.n_bytes -= _encoded_size(content)
    return uris


def _strip(files: Sequence[RecordedFile], name: str, left: _Left, room: int) -> list[Shown]:
    """Small pictures of moments that are spread evenly, the first and the newest among them, as many
    as there is room for.
    """
    if len(files) < 2:
        return []
    n_shown = min(_STRIP, len(files))
    shown: list[Shown] = []
    for index in [n * (len(files) - 1) // (n_shown - 1) for n in range(n_shown)]:
        content = _read(files[index].path)
        size = _pixels(content)
        if not content.startswith(_PNG) or size > left.megapixels:
            continue
        left.megapixels -= size
        small = _scaled(content, _THUMB)
        if small == content and len(content) > 40_000:  # there is no Pillow
            continue
        if _encoded_size(small) > room:
            break
        room -= _encoded_size(small)
        left.n_bytes -= _encoded_size(small)
        picture = _shown(_uri(small), name, files[index])
        shown += [picture] if picture else []
    return shown if len(shown) > 1 else []


def _shown(uri: str | None, name: str, file: RecordedFile) -> Shown | None:
    if uri is None:
        return None
    text = f"{name} after epoch {file.epoch}, step {file.step}"
    return Shown(uri=uri, text=text, epoch=file.epoch, step=file.step)


def _read(path: Path) -> bytes:
    """Empty for one that is gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _pixels(content: bytes) -> float:
    """Megapixels, of the head of a PNG."""
    width, height = content[16:20], content[20:24]
    return int.from_bytes(width, "big") * int.from_bytes(height, "big") / 1e6


def _encoded_size(content: bytes) -> int:
    return (len(content) + 2) // 3 * 4 + 32 if content else 0


def _uri(content: bytes) -> str:
    kind = "png" if content.startswith(_PNG) else "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _scaled(content: bytes, width: int) -> bytes:
    """A PNG of `width` pixels at most, of 256 colours where that makes it smaller; itself where it is
    narrower, no PNG, damaged, or where there is no Pillow.
    """
    return next(_smaller(content, width), content) if content.startswith(_PNG) else content


def _smaller(content: bytes, width: int) -> Iterator[bytes]:
    try:
        from PIL import Image
    except ImportError:
        return
    try:
        opened = Image.open(io.BytesIO(content))
        if opened.width <= width or opened.width * opened.height > 40e6:
            return
        # half of it in whole steps, which is quick, then the rest
        image: Any = opened.convert("RGB")  # Any: Pillow comes without the types of its options
        image.thumbnail((width, width * 4), Image.Resampling.BICUBIC, reducing_gap=2.0)
        buffer = io.BytesIO()
        image.quantize(128, method=Image.Quantize.FASTOCTREE).save(buffer, "PNG", compress_level=6)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return
    if len(buffer.getvalue()) < len(content):
        yield buffer.getvalue()
