"""Runs, pages and what is read of a page, for the tests of reports."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import final

import numpy as np

from artifact_torch.run_folder.recorded_lines import RecordedFile
from artifact_torch.run_folder.recorded_run import RecordedBest, RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

_VOID = {"meta", "link", "input", "img", "br", "hr"}


def curve(values: Sequence[float], *, every: int = 10) -> Curve:
    """One value at each end of an epoch of `every` steps, of half a second each."""
    epochs = np.arange(1, len(values) + 1)
    return Curve(
        epochs=epochs,
        steps=epochs * every,
        seconds=(epochs * every * 0.5).astype(np.float64),
        values=np.array(values, np.float64),
    )


def run(
    name: str = "vae",
    scores: Mapping[str, Sequence[float]] | None = None,
    *,
    settings: Mapping[str, object] | None = None,
) -> RecordedRun:
    """A run of three epochs that is judged by `val_loss`."""
    given = {"train_loss": [3.0, 2.0, 1.0], "val_loss": [4.0, 2.0, 2.5]}
    curves = {key: curve(values) for key, values in (given if scores is None else scores).items()}
    return RecordedRun(
        name=name,
        status="finished",
        reason="reached 3 epochs",
        epoch=3,
        step=30,
        seconds={"training": 6.0, "validation": 3.0, "rest": 1.0},
        settings={"lr": 0.1} if settings is None else settings,
        modes={"val_loss": "min"},
        judged_by="val_loss",
        best=RecordedBest(epoch=2, step=20, scores={"val_loss": 2.0}),
        scores=curves,
    )


def png(width: int, height: int, *, seed: int = 0, is_noise: bool = False) -> bytes:
    """A picture, written by hand; noise cannot be compressed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), seed * 20 % 256, np.uint8)
    if is_noise:
        pixels = rng.integers(0, 256, pixels.shape, dtype=np.uint8)
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, pieces))


def _chunk(piece: tuple[bytes, bytes]) -> bytes:
    kind, content = piece
    checked = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checked)


def files(folder: Path, contents: Sequence[bytes], suffix: str = ".png") -> list[RecordedFile]:
    """One an epoch."""
    made: list[RecordedFile] = []
    folder.mkdir(parents=True, exist_ok=True)
    for epoch, content in enumerate(contents, start=1):
        path = folder / f"{epoch}{suffix}"
        path.write_bytes(content)
        made.append(RecordedFile(epoch=epoch, step=epoch * 10, seconds=epoch * 5.0, path=path))
    return made


@final
@dataclass(kw_only=True)
class Element:
    """A tag of a page, with all text in it, a space for each tag."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""
    inside: Sequence[str] = field(default_factory=list[str])
    """The tags around it."""

    @property
    def words(self) -> str:
        """The text, on one line."""
        return " ".join(self.text.split())


@final
class Page(HTMLParser):
    """A page that was read; raises `AssertionError` where a tag is not closed as it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), f"<{tag}> has an attribute twice"
        inside = [each.tag for each in self._open]
        element = Element(tag=tag, attributes=given, inside=inside)
        self.elements.append(element)
        self.handle_data(" ")
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()
        self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data

    def all(self, *tags: str) -> list[Element]:
        return [each for each in self.elements if each.tag in tags]

    def text_of(self, identity: str) -> str:
        """Of the element with that id."""
        (found,) = [each for each in self.elements if each.attributes.get("id") == identity]
        return found.words
