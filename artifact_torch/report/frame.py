"""What all charts of a page share, and the words for their curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.report.axes import Axis, axis_of
from artifact_torch.report.panels import Line
from artifact_torch.report.thinning import Floats, breaks, kept
from artifact_torch.report.words import count, number
from artifact_torch.run_folder.recorded_run import RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

Unit: TypeAlias = Literal["epoch", "step"]


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One horizontal axis for all charts, so that they can be compared."""

    runs: Sequence[RecordedRun]
    unit: Unit
    horizontal: Axis
    n_buckets: int
    """Parts of that axis, of each of which four points of a line are drawn at most."""

    def places(self, curve: Curve) -> Floats:
        """Epochs or steps of its points."""
        return _places(curve, self.unit)

    def label(self, line: Line) -> str:
        """Which of the lines of its chart it is."""
        return f"{self.runs[line.run].name}: {line.score}" if len(self.runs) > 1 else line.score


def frame_of(runs: Sequence[RecordedRun], n_buckets: int) -> Frame:
    """From the first moment of any run to the last: in epochs, unless scores were recorded within
    them.
    """
    curves = [
        curve
        for run in runs
        for of in (run.scores, *run.collections.values())
        for curve in of.values()
        if len(curve.steps)
    ]
    unit: Unit = "step" if any((np.diff(curve.epochs) == 0).any() for curve in curves) else "epoch"
    low = min((float(_places(curve, unit)[0]) for curve in curves), default=0.0)
    high = max((float(_places(curve, unit)[-1]) for curve in curves), default=1.0)
    room = 0.5 if low == high else 0.0
    horizontal = Axis(low=low - room, high=high + room)
    return Frame(runs=runs, unit=unit, horizontal=horizontal, n_buckets=n_buckets)


def _places(curve: Curve, unit: Unit) -> Floats:
    return (curve.epochs if unit == "epoch" else curve.steps).astype(np.float64)


def told(line: Line, frame: Frame, *, is_alone: bool = False) -> str:
    """What a curve does: `val_loss: first 0.9 (epoch 1), lowest 0.2 (epoch 7), ...`; without the name
    where it is alone.
    """
    label, values = "" if is_alone else f"{frame.label(line)}: ", line.curve.values
    finite = np.flatnonzero(np.isfinite(values))
    n_lost = len(values) - len(finite)
    lost = f", {told_lost(n_lost)}" if n_lost else ""
    if not len(finite):
        return f"{label}nothing to draw{lost}"
    of = values[finite]
    spots = [
        ("first", finite[0]),
        ("lowest", finite[np.argmin(of)]),
        ("highest", finite[np.argmax(of)]),
        ("last", finite[-1]),
    ]
    at = frame.places(line.curve)
    words = [f"{word} {number(float(values[i]))} ({frame.unit} {at[i]:.0f})" for word, i in spots]
    return f"{label}{', '.join(words)}{lost}"


def told_lost(n: int) -> str:
    """`3 values are NaN or infinite`."""
    return f"{count(n, 'value is', 'values are')} NaN or infinite"


def spark(curve: Curve) -> str:
    """The path of a small curve, 100 wide and 24 high."""
    steps = curve.steps.astype(np.float64)
    indices = kept(steps, curve.values, 40)
    if not len(indices):
        return ""
    across, up = axis_of(steps, may_be_log=False), axis_of(curve.values)
    x = 2 + across.places(steps[indices]) * 96
    y = 22 - up.places(curve.values[indices]) * 20
    return path_of(x, y, breaks(curve.values, indices))


def path_of(x: Floats, y: Floats, gaps: NDArray[np.bool_]) -> str:
    """Of an SVG, through `[points]`, without a line to those of `gaps`; one between two is a dot."""
    starts = gaps.copy()
    starts[:1] = True
    alone = starts & np.append(starts[1:], True)
    points = zip(x.tolist(), y.tolist(), starts.tolist(), alone.tolist(), strict=True)
    return "".join(
        f"{'M' if start else 'L'}{a:.1f} {b:.1f}{'h0' if dot else ''}"
        for a, b, start, dot in points
    )
