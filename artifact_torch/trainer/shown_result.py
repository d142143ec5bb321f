"""A result as text: a few lines, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from artifact_torch.internal.disk import told_path

if TYPE_CHECKING:
    from artifact_torch.run_folder.recorded_run import RecordedRun
    from artifact_torch.trainer.result import TrainingResult

_MOST_SCORES = 6


def lines_of(result: TrainingResult, run: RecordedRun) -> Iterator[str]:
    """`run` is what `result` remembers."""
    spent = sum(run.seconds.values())
    yield f"TrainingResult: {run.epoch:,} epochs, {run.step:,} steps in {spent:.1f} s"
    yield f"  ended:    {_line(run.reason)}"
    if run.best is not None:
        curve = run.scores.get(run.judged_by)
        found: list[float] = (
            [] if curve is None else curve.values[curve.steps == run.best.step].tolist()
        )
        told = f", {run.judged_by} {found[0]:.4g}" if found else ""
        yield f"  best:     epoch {run.best.epoch}, step {run.best.step:,}{told}"
    if run.scores:
        last = [f"{name} {c.values[-1]:.4g}" for name, c in [*run.scores.items()][:_MOST_SCORES]]
        more = len(run.scores) - len(last)
        yield f"  scores:   {', '.join(last)}{f', and {more} more' if more else ''}"
    counts = {
        "plots": len(result.plots) + len(result.plot_collections),
        "arrays": len(result.arrays) + len(result.array_collections),
        "score collections": len(run.collections),
        "failures": len(result.failures),
        "warnings": len(result.warnings),
    }
    if held := [f"{n} {what}" for what, n in counts.items() if n]:
        yield f"  also:     {', '.join(held)}"
    if result.run_folder is not None:
        yield f"  folder:   {told_path(Path(result.run_folder))}"


def _line(text: str) -> str:
    return " ".join(text.split())
