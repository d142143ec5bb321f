"""A run without a folder as its folder would have it: what a report and a notebook show."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from artifact_torch.internal.pictures import draw
from artifact_torch.run_folder.recorded_lines import (
    Place,
    RecordedFailure,
    RecordedFile,
    RecordedWarning,
)
from artifact_torch.run_folder.recorded_run import RecordedBest, RecordedPart, RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve
from artifact_torch.run_folder.settings import Begun, versions
from artifact_torch.run_folder.status import Standing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from artifact_torch.trainer.history import History
    from artifact_torch.trainer.result import TrainingResult

INTERRUPTED = "interrupted by "
"""How the reason of a run that did not end by a stopper begins."""

_NOT_TRAINED = "not trained "
"""How the reason of one begins that has not ended."""

_BY_SOMEBODY = ("SIG", "KeyboardInterrupt", "SystemExit")


def remembered(
    result: TrainingResult,
    history: History,
    begun: Begun,
    *,
    name: str,
    pictures: Path | None,
    most: int | None,
) -> RecordedRun:
    """What `result` knows, called `name`; seconds of moments, earlier pictures and a summary of the
    model it does not. With `pictures`, its newest ones are drawn into that folder, `most` at most.
    """
    curves = _curves(history)
    place: Place = {
        "epoch": result.n_epochs_elapsed,
        "step": result.n_steps,
        "seconds": float("nan"),
    }
    scores = curves.pop("", {})
    best = None
    if result.best_epoch is not None and result.best_step is not None:
        best = RecordedBest(epoch=result.best_epoch, step=result.best_step, scores={})
    spent = result.seconds
    return RecordedRun(
        name=name,
        status=_standing(result.stop_reason),
        reason=result.stop_reason,
        epoch=result.n_epochs_elapsed,
        step=result.n_steps,
        seconds={
            "training": spent.training,
            "validation": spent.validation,
            "rest": spent.rest,
        },
        settings=result.settings,
        seeds=begun.seeds,
        device=begun.device,
        versions=versions(),
        program=sys.orig_argv[1:],
        parts={
            where: RecordedPart(type=kind, contract=begun.contracts.get(where, ""))
            for where, kind in begun.parts.items()
        },
        modes=begun.modes,
        judged_by=begun.judged_by,
        best=best,
        scores=scores,
        collections=curves,
        pictures={} if pictures is None else dict(_drawn(result, pictures, most)),
        failures=[
            RecordedFailure(kind="", name=failed, reason=reason, **place)
            for failed, reason in result.failures.items()
        ],
        warnings=[RecordedWarning(text=text, **place) for text in result.warnings],
        n_warnings=len(result.warnings),
    )


def _standing(reason: str) -> Standing:
    """As a folder has it, by why the run ended."""
    if reason.startswith(_NOT_TRAINED):  # or its first call of `train()` goes on
        return "running"
    if not reason.startswith(INTERRUPTED):
        return "finished"
    return "stopped" if reason.removeprefix(INTERRUPTED).startswith(_BY_SOMEBODY) else "failed"


def _curves(history: History) -> dict[str, dict[str, Curve]]:
    """By collection ("" for the scores themselves) and name; the newest of each step."""
    points: dict[str, dict[str, dict[int, tuple[int, float]]]] = {}
    for collection, epoch, step, _, scores in history.moments():
        for name, value in scores.items():
            points.setdefault(collection, {}).setdefault(name, {})[step] = epoch, value
    return {
        collection: {name: _curve(of) for name, of in names.items()}
        for collection, names in points.items()
    }


def _curve(points: Mapping[int, tuple[int, float]]) -> Curve:
    steps = sorted(points)
    return Curve(
        epochs=np.array([points[step][0] for step in steps], np.int64),
        steps=np.array(steps, np.int64),
        seconds=np.full(len(steps), np.nan),
        values=np.array([points[step][1] for step in steps], np.float64),
    )


def _drawn(
    result: TrainingResult, folder: Path, most: int | None
) -> Iterator[tuple[str, list[RecordedFile]]]:
    """A file of each, of those after the first `most` its name alone. One that cannot be drawn is left
    out.
    """
    for number, (name, figure) in enumerate(_figures(result)):
        path = folder / f"{number}.png"
        if most is not None and number >= most:
            yield name, []
            continue
        try:
            path.write_bytes(draw(figure))
        except Exception:  # noqa: BLE001, S112  (what a figure of the user's raises is theirs)
            continue
        epoch, step = result.n_epochs_elapsed, result.n_steps
        yield name, [RecordedFile(epoch=epoch, step=step, seconds=float("nan"), path=path)]


def _figures(result: TrainingResult) -> Iterator[tuple[str, Figure]]:
    yield from result.plots.items()
    for name, figures in result.plot_collections.items():
        yield from ((f"{name}/{key}", figure) for key, figure in figures.items())
