"""A panel as a picture: paths, ticks, keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from artifact_torch.report.axes import Axis, axis_of
from artifact_torch.report.frame import Frame, Unit, path_of, told
from artifact_torch.report.panels import Line, Panel, Role
from artifact_torch.report.thinning import Floats, breaks, kept
from artifact_torch.report.words import ticks
from artifact_torch.run_folder.recorded_run import RecordedRun

WIDTH, HEIGHT = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 36
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

N_COLOURS = 8
"""Of runs, or of lines where there is one run; then they are used again."""

_DASHES: Mapping[Role, int] = {"training": 1, "test": 2}
_MOST_TOLD = 12  # lines in the text of a chart


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A line of a chart."""

    label: str
    path: str
    """Of an SVG."""
    places: str
    """Epochs or steps of its points, and below their values, for hovering."""
    values: str
    gaps: str
    """A path of short strokes where values are NaN or infinite."""
    colour: int
    dash: int
    """0: none, 1: of training, 2: of a test."""
    run: int
    key: int
    """Which of the chart's keys."""
    best: tuple[float, float] | None
    """Where the best weights come from."""
    n_drawn: int
    n_finite: int
    """Of which so many are drawn."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """What a kind of line is."""

    label: str
    colour: int | None
    """None where the colour is that of a run."""
    dash: int


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A number beside an axis."""

    at: float
    label: str


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """What the page draws."""

    title: str
    note: str
    text: str
    """For who cannot see it."""
    lines: Sequence[Drawn]
    keys: Sequence[Key]
    """One a score; none where the title says all."""
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    unit: Unit
    horizontal: Axis


def chart(panel: Panel, frame: Frame, /) -> Chart:
    """`panel` drawn in `frame`."""
    vertical = axis_of(np.concatenate([line.curve.values for line in panel.lines]))
    scores = list(dict.fromkeys(line.score for line in panel.lines))
    lines = [_drawn(line, frame, vertical, scores) for line in panel.lines]
    return Chart(
        title=panel.quantity,
        note=", ".join(
            each for each in (panel.note, "log axis" if vertical.is_log else "") if each
        ),
        text="; ".join(
            told(line, frame, is_alone=len(panel.lines) == 1) for line in panel.lines[:_MOST_TOLD]
        ),
        lines=lines,
        keys=[] if scores == [panel.quantity] else _keys(lines, scores, frame),
        x_ticks=_ticks(
            [x for x in frame.horizontal.ticks(6) if x == round(x)],
            *(frame.horizontal, LEFT, _INNER_WIDTH),
        ),
        y_ticks=_ticks(vertical.ticks(5), vertical, TOP + _INNER_HEIGHT, -_INNER_HEIGHT),
        unit=frame.unit,
        horizontal=frame.horizontal,
    )


def _drawn(line: Line, frame: Frame, vertical: Axis, scores: Sequence[str]) -> Drawn:
    at, values = frame.places(line.curve), line.curve.values
    indices = kept(at, values, frame.n_buckets)
    x = LEFT + frame.horizontal.places(at) * _INNER_WIDTH
    y = TOP + (1 - vertical.places(values[indices])) * _INNER_HEIGHT
    lost = np.unique(np.round(x[~np.isfinite(values)])).tolist()
    key = scores.index(line.score)
    return Drawn(
        label=frame.label(line),
        path=path_of(x[indices], y, breaks(values, indices)),
        places=" ".join(f"{each:.0f}" for each in at[indices].tolist()),
        values=" ".join(f"{each:.5g}" for each in values[indices].tolist()),
        gaps="".join(f"M{each:.0f} {HEIGHT - BOTTOM - 7}v7" for each in lost),
        colour=(line.run if len(frame.runs) > 1 else key) % N_COLOURS,
        dash=_DASHES.get(line.role, 0) if len(scores) > 1 else 0,
        run=line.run,
        key=key,
        best=_best(line, frame.runs[line.run], x, vertical),
        n_drawn=len(indices),
        n_finite=int(np.isfinite(values).sum()),
    )


def _best(line: Line, run: RecordedRun, x: Floats, vertical: Axis) -> tuple[float, float] | None:
    """Where the best moment is, on the score by which it was chosen."""
    if run.best is None or line.score != run.judged_by:
        return None
    found = np.flatnonzero(line.curve.steps == run.best.step)[:1]
    if not np.isfinite(line.curve.values[found]).any():
        return None
    up = vertical.places(line.curve.values[found])
    return round(float(x[found[0]]), 1), round(TOP + (1 - float(up[0])) * _INNER_HEIGHT, 1)


def _keys(lines: Sequence[Drawn], scores: Sequence[str], frame: Frame) -> list[Key]:
    looks = {line.key: line for line in lines}
    return [
        Key(
            label=scores[number],
            colour=look.colour if len(frame.runs) == 1 else None,
            dash=look.dash,
        )
        for number, look in sorted(looks.items())
    ]


def _ticks(values: Sequence[float], axis: Axis, start: float, length: float) -> list[Tick]:
    at = start + axis.places(np.array(values)) * length
    labels = ticks(values, is_log=axis.is_log)
    return [
        Tick(at=round(place, 1), label=label)
        for place, label in zip(at.tolist(), labels, strict=True)
    ]
