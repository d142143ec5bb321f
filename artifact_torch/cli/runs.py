"""`artifact-torch runs`: the runs in a folder as a table, or one that goes on as it grows."""

import argparse
import json
import math
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import CannotCheckError

ABOUT: Final = """\
Lists the runs in a folder, oldest first: how each stands, what it came to, and the settings in which
they differ. FOLDER may also be one run. Nothing is run or changed.

examples:
  artifact-torch runs                                    those in runs/
  artifact-torch runs sweeps --sort score                the best first
  artifact-torch runs sweeps --where status=failed --where "lr>0.01"
  artifact-torch runs sweeps --score val_accuracy        another score than the one of each run
  artifact-torch runs runs/vae --watch                   follows it with small curves, until it ends

A column is run, status, epochs, steps, score, time (seconds), or a setting: by its name, or the end
of it after a dot; one that has the name of a column is settings.NAME. Without --score, score is the
one by which a run chose its best moment; with it the lowest, where no part of the run said that the
highest is better.

exit status:
  0  listed, or followed to its end        2  no such folder, column or score
"""


def add_options(runs: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch runs`."""
    add = runs.add_argument
    add("folder", nargs="?", default="runs", metavar="FOLDER", help="(%(default)s)")
    add(
        "--score",
        default="",
        metavar="NAME",
        help="the best value of this score; reads each record",
    )
    add("--sort", default="", metavar="COLUMN", help="a score by its better way, all else growing")
    add("--reverse", action="store_true", help="the other way round")
    add(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="COLUMN=VALUE, or with !=, <, <=, >, >=; repeated: all of them",
    )
    add("--format", choices=("text", "json"), default="text", help="of the table")
    add("--watch", action="store_true", help="follow the run in FOLDER that goes on")
    runs.set_defaults(run=_runs)


def _runs(options: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.cli.runs_table import Table, rows_of
    from artifact_torch.errors import RunFolderError
    from artifact_torch.internal.disk import absolute
    from artifact_torch.run_folder.overview import runs_in  # loads numpy

    folder = absolute(options.folder) or Path(options.folder)
    try:
        found = runs_in(folder)
        if options.watch:
            from artifact_torch.cli.watching import followed

            return followed(folder, found)
        table = Table(rows_of(found, options.score))
        for condition in options.where:
            table = table.where(condition)
        if options.sort:
            table = table.sorted_by(options.sort)
    except RunFolderError as error:
        raise CannotCheckError(str(error)) from error
    rows = table.rows[::-1] if options.reverse else table.rows
    if options.format == "json":
        return json.dumps([_plain(row.cells) for row in rows], indent=2) + "\n", 0
    if not rows:
        return f"{options.folder}: {'no such runs' if found else 'no runs'}\n", 0
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return Table(rows).text(width), 0


def _plain(cells: Mapping[str, object]) -> Mapping[str, object]:
    """As JSON has them: what is not known is null."""
    return {
        name: None if isinstance(each, float) and not math.isfinite(each) else each
        for name, each in cells.items()
    }
