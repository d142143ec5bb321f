"""A run that goes on, in a terminal: how it stands, and a small curve of each score."""

import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite, nan
from pathlib import Path
from time import sleep
from typing import Final

from artifact_torch.cli.reports.findings import CannotCheckError
from artifact_torch.cli.runs_table import safe
from artifact_torch.internal.sparkline import sparkline
from artifact_torch.report.words import duration, number
from artifact_torch.run_folder.overview import RunOverview, overview
from artifact_torch.run_folder.reading import RECORD
from artifact_torch.run_folder.recorded_scores import RecordedScores

_SECONDS: Final = 1.0
_WIDE: Final = 10_000  # where nobody has a window
_CURVE: Final = 30  # characters
_CLEAR: Final = "\x1b[H\x1b[J"  # from the upper left corner, and what was there goes


def followed(folder: Path, runs: Sequence[RunOverview]) -> tuple[str, int]:
    """Writes how the run stands once a second until it ends or Ctrl-C; on what is no terminal a line
    for each change. What it came to is the answer. Raises `CannotCheckError` where none goes on.
    """
    run, found = _chosen(folder, runs), RecordedScores()
    on_terminal = sys.stdout.isatty()
    told: tuple[int, int] | None = None
    with suppress(KeyboardInterrupt):
        while True:
            found.read_more(run.folder / RECORD)
            if run.status != "running":
                break
            if on_terminal:
                sys.stdout.write(_CLEAR + view(run, found, *shutil.get_terminal_size()))
            elif told != (told := (run.step, found.n_results)):
                sys.stdout.write(_line(run, found))
            sys.stdout.flush()
            sleep(_SECONDS)
            run = overview(run.folder, run.name)
    if not on_terminal:
        return view(run, found, _WIDE, _WIDE), 0
    return _CLEAR + view(run, found, *shutil.get_terminal_size()), 0


def view(run: RunOverview, found: RecordedScores, width: int, height: int) -> str:
    """At most so many lines, of at most so many characters."""
    curves = {name: curve for (name, key), curve in found.curves().items() if key is None}
    names = sorted(curves, key=lambda name: name != run.judged_by)
    shown = names[: max(1, height - 4)]
    rows = [["", "", "now", "lowest", "highest"]]
    for name in shown:
        values: list[float] = curves[name].values.tolist()
        known = [each for each in values if isfinite(each)]
        ends = values[-1], min(known, default=nan), max(known, default=nan)
        rows.append([safe(name), sparkline(values, _CURVE), *map(number, ends)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(run, found, with_scores=False).rstrip()]
    for name, curve, *numbers in rows if shown else ():
        told = [each.rjust(w) for each, w in zip(numbers, widths[2:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), curve.ljust(widths[1]), *told]))
    if more := len(names) - len(shown):
        lines.append(f"and {more} more scores")
    return "".join(f"{each[:width].rstrip()}\n" for each in lines)


def _line(run: RunOverview, found: RecordedScores, *, with_scores: bool = True) -> str:
    epoch, step = max((run.epoch, run.step), found.last_place)  # the status comes once a second
    words = [safe(run.name), run.status, f"epoch {epoch}", f"step {step}"]
    words += [duration(run.seconds)] if isfinite(run.seconds) else []
    words += [safe(run.reason)] if run.reason else []
    if isfinite(run.best):
        words.append(f"best {safe(run.judged_by)} {number(run.best)}")
    if with_scores:
        curves = found.curves()
        words += [
            f"{safe(name)} {number(float(curve.values[-1]))}"
            for (name, key), curve in curves.items()
            if key is None
        ]
    return "  ".join(words) + "\n"


def _chosen(folder: Path, runs: Sequence[RunOverview]) -> RunOverview:
    """The one that it is, or of those in it the newest that goes on."""
    if len(runs) == 1 and runs[0].folder == folder:
        return runs[0]
    running = [run for run in runs if run.status == "running"]
    if not runs:
        raise CannotCheckError(f"--watch: there are no runs in {folder}; give the folder of one")
    if not running:
        raise CannotCheckError(
            f"--watch: none of the {len(runs)} runs in {folder} goes on; give one of them"
        )
    return running[-1]
