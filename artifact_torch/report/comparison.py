"""Several runs beside each other: what they were set to, and what came of it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from artifact_torch.report.words import number, shortened
from artifact_torch.run_folder.recorded_run import RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

Mode: TypeAlias = Literal["min", "max", ""]

_NOTHING = "-"


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Of one run."""

    text: str
    is_better: bool = False
    detail: str = ""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One score or setting of all runs."""

    name: str
    cells: Sequence[Cell]
    mode: Mode = ""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A value, and where it was."""

    value: str = _NOTHING
    at: str = _NOTHING
    """`epoch 3, step 150`."""
    short: str = ""
    """`epoch 3`."""
    step: int | None = None


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreSummary:
    """A score of one run. `best` is that by its direction; without one there are two extremes."""

    name: str
    mode: Mode
    first: str
    last: str
    best: Spot
    lowest: Spot
    highest: Spot
    n_points: int
    n_lost: int


def summaries(run: RecordedRun) -> list[ScoreSummary]:
    """A line each: first that by which the best moment was chosen, the others as they appeared."""
    names = sorted(run.scores, key=lambda name: name != run.judged_by)
    return [_summary(name, run.scores[name], _mode_of(name, [run])) for name in names]


def _summary(name: str, curve: Curve, mode: Mode) -> ScoreSummary:
    values = curve.values
    finite = np.flatnonzero(np.isfinite(values))
    lowest = highest = Spot()
    if len(finite):
        lowest = _spot(curve, int(finite[values[finite].argmin()]))
        highest = _spot(curve, int(finite[values[finite].argmax()]))
    return ScoreSummary(
        name=name,
        mode=mode,
        first=number(float(values[0])),
        last=number(float(values[-1])),
        best={"min": lowest, "max": highest, "": Spot()}[mode],
        lowest=lowest,
        highest=highest,
        n_points=len(values),
        n_lost=len(values) - len(finite),
    )


def _spot(curve: Curve, index: int) -> Spot:
    epoch = f"epoch {curve.epochs[index]}"
    at = f"{epoch}, step {curve.steps[index]:,}"
    return Spot(
        value=number(float(curve.values[index])), at=at, short=epoch, step=int(curve.steps[index])
    )


def _mode_of(score: str, runs: Sequence[RecordedRun]) -> Mode:
    """Which of its values are better; "" where nobody said, or two runs say different things."""
    found = {run.modes.get(score) for run in runs if score in run.scores}
    return "min" if found == {"min"} else "max" if found == {"max"} else ""


def final_scores(runs: Sequence[RecordedRun]) -> list[Row]:
    """The last value of each score that any of them has, the better ones marked where it is known
    which those are.
    """
    names = dict.fromkeys(name for run in runs for name in run.scores)
    return [_final(name, runs) for name in names]


def _final(name: str, runs: Sequence[RecordedRun]) -> Row:
    mode = _mode_of(name, runs)
    curves = [run.scores.get(name) for run in runs]
    lasts = [
        float(curve.values[-1]) if curve is not None and len(curve.values) else math.nan
        for curve in curves
    ]
    comparable = [value for value in lasts if not math.isnan(value)]
    better = (min if mode == "min" else max)(comparable) if mode and comparable else math.nan
    is_any = len({*comparable}) > 1
    return Row(
        name=name,
        mode=mode,
        cells=[
            Cell(
                text=number(last) if curve is not None and len(curve.values) else _NOTHING,
                is_better=is_any and last == better,
                detail=_detail(curve, mode),
            )
            for curve, last in zip(curves, lasts, strict=True)
        ],
    )


def _detail(curve: Curve | None, mode: Mode) -> str:
    """The best of the whole run, where that is known."""
    if curve is None or not mode:
        return ""
    finite = np.flatnonzero(np.isfinite(curve.values))
    if not len(finite):
        return ""
    of = curve.values[finite]
    index = int(finite[of.argmin() if mode == "min" else of.argmax()])
    return f"best {number(float(curve.values[index]))} at epoch {curve.epochs[index]}"


def differing_rows(runs: Sequence[RecordedRun]) -> list[Row]:
    """What of settings, seeds, parts, versions, device and source is not the same for all."""
    kinds: Mapping[str, Callable[[RecordedRun], Mapping[str, object]]] = {
        "": lambda run: run.settings,
        "seed: ": lambda run: run.seeds,
        "part: ": lambda run: {name: part.type for name, part in run.parts.items()},
        "version: ": lambda run: run.versions,
    }
    return [row for prefix, of in kinds.items() for row in _different(prefix, [*map(of, runs)])] + [
        *_different("", [_about(run) for run in runs])
    ]


def _about(run: RecordedRun) -> dict[str, object]:
    return {"device": run.device, "source": run.revision, "program": " ".join(run.program)}


def _different(prefix: str, of: Sequence[Mapping[str, object]]) -> Iterator[Row]:
    for name in dict.fromkeys(name for each in of for name in each):
        texts = [str(each[name]) if name in each else _NOTHING for each in of]
        if len({*texts}) > 1:
            cells = [Cell(text=shortened(text, 200)) for text in texts]
            yield Row(name=f"{prefix}{name}", cells=cells)
