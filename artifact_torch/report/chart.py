"""A panel as a picture: paths, ticks, and a text that says what the curves do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from artifact_torch.report.axes import Axis, axis_of
from artifact_torch.report.panels import Line, Panel
from artifact_torch.report.thinning import Floats, breaks, kept
from artifact_torch.report.words import count, number, ticks
from artifact_torch.run_folder.recorded_run import Curve, RecordedRun

Unit: TypeAlias = Literal["epoch", "step"]

WIDTH, HEIGHT = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 36
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

N_COLOURS = 8
"""Of runs, or of lines where there is one run; then they are used again."""


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
    is_dashed: bool
    run: int
    best: tuple[float, float] | None
    """Where the best weights come from."""


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
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    unit: Unit
    horizontal: Axis
    vertical: Axis


def unit_of(runs: Sequence[RecordedRun]) -> Unit:
    """Epochs, unless scores were recorded within them."""
    curves = [curve for run in runs for curve in run.scores.values()]
    within = any(len(curve.epochs) and (np.diff(curve.epochs) == 0).any() for curve in curves)
    return "step" if within else "epoch"


def places_of(curve: Curve, unit: Unit) -> Floats:
    """Of its points on the axis."""
    return (curve.epochs if unit == "epoch" else curve.steps).astype(np.float64)


def horizontal_axis(runs: Sequence[RecordedRun], unit: Unit) -> Axis:
    """One for all charts of a page, so that they can be compared."""
    curves = [
        curve
        for run in runs
        for curve in (*run.scores.values(), *(c for k in run.collections.values() for c in k.values()))
        if len(curve.steps)
    ]
    if not curves:
        return Axis(low=0.0, high=1.0)
    low = min(float(places_of(curve, unit)[0]) for curve in curves)
    high = max(float(places_of(curve, unit)[-1]) for curve in curves)
    return Axis(low=low, high=high) if high > low else Axis(low=low - 0.5, high=high + 0.5)


def chart(
    panel: Panel, runs: Sequence[RecordedRun], unit: Unit, horizontal: Axis, n_buckets: int
) -> Chart:
    """`panel` drawn; each line by at most `n_buckets` times four points (see `kept`)."""
    vertical = axis_of(np.concatenate([line.curve.values for line in panel.lines]))
    notes = [each for each in (panel.note, "log axis" if vertical.is_log else "") if each]
    keys = list(dict.fromkeys(line.score for line in panel.lines))
    y_values = [y for y in vertical.ticks(5) if vertical.low <= y <= vertical.high]
    x_values = [x for x in horizontal.ticks(6) if x == round(x)]
    return Chart(
        title=panel.quantity,
        note=", ".join(notes),
        text="; ".join(told(line, runs, unit) for line in panel.lines[:12]),
        lines=[
            _drawn(line, runs, unit, (horizontal, vertical), n_buckets, keys)
            for line in panel.lines
        ],
        x_ticks=_ticks(x_values, LEFT + horizontal.places(np.array(x_values)) * _INNER_WIDTH),
        y_ticks=_ticks(y_values, TOP + (1 - vertical.places(np.array(y_values))) * _INNER_HEIGHT),
        unit=unit,
        horizontal=horizontal,
        vertical=vertical,
    )


def told(line: Line, runs: Sequence[RecordedRun], unit: Unit) -> str:
    """What a curve does: `val_loss: first 0.9 (epoch 1), lowest 0.2 (epoch 7), ...`."""
    label = _label(line, runs)
    values = line.curve.values
    finite = np.flatnonzero(np.isfinite(values))
    n_lost = len(values) - len(finite)
    lost = f", {number_lost(n_lost)}" if n_lost else ""
    if not len(finite):
        return f"{label}: nothing to draw{lost}"
    of = values[finite]
    spots = [
        ("first", finite[0]),
        ("lowest", finite[np.argmin(of)]),
        ("highest", finite[np.argmax(of)]),
        ("last", finite[-1]),
    ]
    at = places_of(line.curve, unit)
    words = [f"{word} {number(float(values[i]))} ({unit} {at[i]:.0f})" for word, i in spots]
    return f"{label}: {', '.join(words)}{lost}"


def number_lost(n: int) -> str:
    """`3 values are NaN or infinite`."""
    return f"{count(n, 'value is', 'values are')} NaN or infinite"


def spark(curve: Curve) -> str:
    """The path of a small curve, 100 wide and 24 high."""
    indices = kept(curve.steps.astype(np.float64), curve.values, 40)
    if not len(indices):
        return ""
    across, up = axis_of(curve.steps.astype(np.float64), may_be_log=False), axis_of(curve.values)
    x = 2 + across.places(curve.steps[indices].astype(np.float64)) * 96
    y = 22 - up.places(curve.values[indices]) * 20
    return _path(x, y, breaks(curve.values, indices))


def _drawn(
    line: Line,
    runs: Sequence[RecordedRun],
    unit: Unit,
    axes: tuple[Axis, Axis],
    n_buckets: int,
    keys: Sequence[str],
) -> Drawn:
    horizontal, vertical = axes
    at, values = places_of(line.curve, unit), line.curve.values
    indices = kept(at, values, n_buckets)
    x = LEFT + horizontal.places(at) * _INNER_WIDTH
    y = TOP + (1 - vertical.places(values[indices])) * _INNER_HEIGHT
    lost = x[~np.isfinite(values)]
    shown = np.unique(np.round(lost))
    roles = {"validation": 0, "": 0, "training": 1, "test": 2}
    colour = line.run if len(runs) > 1 else keys.index(line.score)
    return Drawn(
        label=_label(line, runs),
        path=_path(x[indices], y, breaks(values, indices)),
        places=" ".join(f"{each:.0f}" for each in at[indices].tolist()),
        values=" ".join(f"{each:.5g}" for each in values[indices].tolist()),
        gaps="".join(f"M{each:.0f} {HEIGHT - BOTTOM - 7}v7" for each in shown.tolist()),
        colour=colour % N_COLOURS,
        is_dashed=bool(roles[line.role]) or (len(runs) > 1 and keys.index(line.score) > 0),
        run=line.run,
        best=_best(line, runs[line.run], x, vertical),
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


def _label(line: Line, runs: Sequence[RecordedRun]) -> str:
    return f"{runs[line.run].name}: {line.score}" if len(runs) > 1 else line.score


def _path(x: Floats, y: Floats, gaps: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> str:
    """A point between two gaps is a dot."""
    starts = gaps.copy()
    starts[:1] = True
    alone = starts & np.r_[starts[1:], True]
    return "".join(
        f"{'M' if start else 'L'}{a:.1f} {b:.1f}{'h0' if dot else ''}"
        for a, b, start, dot in zip(
            x.tolist(), y.tolist(), starts.tolist(), alone.tolist(), strict=True
        )
    )


def _ticks(values: Sequence[float], at: Floats) -> list[Tick]:
    labels = ticks(values)
    return [
        Tick(at=round(place, 1), label=label)
        for place, label in zip(at.tolist(), labels, strict=True)
    ]
