"""A result as a notebook shows it, and as text."""

import re
import struct
import zlib
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from IPython.core.formatters import HTMLFormatter
from torch import optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainingResult,
    TrainLoss,
)
from artifact_torch.report.notebook import COLOURS, fragment
from artifact_torch.run_folder.recorded_lines import RecordedFailure, RecordedFile
from artifact_torch.run_folder.recorded_run import RecordedBest, RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve
from tests.toys import Batches, points, seeded_regression

_EVIL = """<script>alert(1)</script>"'>&${x}{{ 7*7 }}\u202e😀"""
_WITHOUT_END = {"img", "path", "circle", "br"}


class Elements(HTMLParser):
    """What is in a piece of HTML; raises where it is not nested as it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _WITHOUT_END:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def curve(values: list[float]) -> Curve:
    at = np.arange(1, len(values) + 1)
    return Curve(epochs=at, steps=10 * at, seconds=at / 2, values=np.array(values))


def png(size: int, random: np.random.Generator) -> bytes:
    """Noise, which no packing makes smaller."""
    rows = b"".join(b"\0" + random.bytes(3 * size) for _ in range(size))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def shown(result: TrainingResult) -> str:
    """As a notebook asks for it."""
    html: object = HTMLFormatter()(result)
    assert isinstance(html, str)
    return html


def trained(folder: Path | None = None) -> TrainingResult:
    return Trainer(
        OptimizerStep(seeded_regression(), optimizer=lambda own: optim.Adam(own, lr=0.01)),
        train_loader=Batches(points(20), 4),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        best=BestScoreTracker("val_loss", mode="min"),
        callbacks=[TrainLoss()],
        routines=[DataLoaderRoutine(Batches(points(6), 6), scores=[LossCallback("val_loss")])],
        run_folder=folder,
        progress=False,
    ).train()


def test_a_result_shows_itself(tmp_path: Path) -> None:
    result = trained(tmp_path / "vae")
    found = Elements(shown(result))
    assert "vae: finished, 3 epochs completed\n" in found.text
    assert "3 epochs, 15 steps" in found.text
    assert str(tmp_path / "vae") in found.text
    [chart] = found.of("svg")[-1:]
    assert chart["role"] == "img"
    assert "val_loss: first " in chart["aria-label"]
    best = float(result.scores["val_loss"].min())
    assert f"{best:.4g}" in found.text


def test_as_text_it_is_a_few_lines(tmp_path: Path) -> None:
    result = trained(tmp_path / "vae")
    first, *lines = repr(result).splitlines()
    scores, best = result.scores.droplevel("epoch"), result.best_step
    of_best = scores["val_loss"].min()
    last = scores.iloc[-1]
    assert str(result) == repr(result)
    assert re.fullmatch(r"TrainingResult: 3 epochs, 15 steps in \d+\.\d s", first)
    assert [line.strip() for line in lines] == [
        "ended:    3 epochs completed",
        f"best:     epoch {result.best_epoch}, step {best}, val_loss {of_best:.4g}",
        f"scores:   train_loss {last['train_loss']:.4g}, val_loss {last['val_loss']:.4g}",
        f"folder:   {tmp_path / 'vae'}",
    ]


def test_a_result_without_a_folder_shows_the_same_curves(tmp_path: Path) -> None:
    paths = [
        [each["d"] for each in Elements(shown(result)).of("path")]
        for result in (trained(), trained(tmp_path))
    ]
    assert paths[0] == paths[1]


def test_what_users_wrote_stays_text(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(8, np.random.default_rng(0)))
    run = RecordedRun(
        name=_EVIL,
        reason=_EVIL,
        scores={_EVIL: curve([1.0, 0.5]), f"val_{_EVIL}": curve([1.0, 0.75])},
        judged_by=_EVIL,
        best=RecordedBest(epoch=2, step=20, scores={}),
        failures=[
            RecordedFailure(kind="score", name=_EVIL, reason=_EVIL, epoch=1, step=1, seconds=0.0)
        ],
        pictures={_EVIL: [RecordedFile(epoch=1, step=1, seconds=0.0, path=picture)]},
    )
    html = fragment(run)
    found = Elements(html)
    assert not {"script", "style", "link", "iframe"} & {tag for tag, _ in found.tags}
    assert found.text.count(_EVIL) >= 5
    assert not any(name.startswith("on") for _, given in found.tags for name in given)
    assert all(each["alt"] for each in found.of("img"))
    for attributes in (given for _, given in found.tags):
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")


def test_a_large_run_is_a_small_piece(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures: dict[str, list[RecordedFile]] = {}
    for number in range(12):
        path = tmp_path / f"{number}.png"
        path.write_bytes(png(800 if number > 1 else 80, random))
        pictures[f"p{number}"] = [RecordedFile(epoch=1, step=1, seconds=0.0, path=path)]
    run = RecordedRun(
        name="large",
        scores={f"score_{n}": curve(random.normal(size=50_000).tolist()) for n in range(40)},
        pictures=pictures,
    )
    html = fragment(run)
    assert len(html.encode()) < 300_000
    found = Elements(html)
    assert "and 28 scores more" in found.text
    assert "and 6 pictures more" in found.text
    lowest = min(run.scores["score_0"].values)
    assert f"lowest {lowest:.4g}" in found.of("svg")[0]["aria-label"]


def test_a_folder_is_told_as_it_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    run = RecordedRun(name="vae", folder=tmp_path / "runs" / "vae")
    assert f"All of it: {Path('..', 'runs', 'vae')}" in Elements(fragment(run)).text


def test_nothing_recorded_is_nothing_shown() -> None:
    found = Elements(fragment(RecordedRun(name="none")))
    assert found.of("svg") == found.of("table") == found.of("img") == []


def luminance(colour: str) -> float:
    """Of WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("colour", [*COLOURS, "#d9363e"])
def test_a_line_can_be_seen_on_white_and_in_a_dark_notebook(colour: str) -> None:
    for paper in ("#ffffff", "#1e1e1e"):
        low, high = sorted([luminance(colour), luminance(paper)])
        assert (high + 0.05) / (low + 0.05) >= 3  # WCAG 2.1, 1.4.11: graphics


def test_the_points_of_a_chart_are_in_order() -> None:
    run = RecordedRun(name="one", scores={"loss": curve([3.0, 2.0, 1.0])})
    path = Elements(fragment(run)).of("path")[-1]["d"]
    across = [float(each) for each in re.findall(r"[ML]([\d.]+) ", path)]
    assert all(a < b for a, b in pairwise(across))
