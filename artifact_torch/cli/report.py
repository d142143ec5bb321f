"""`artifact-torch report`: a run as one HTML file, or several beside each other."""

import argparse
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import CannotCheckError

ABOUT: Final = """\
Writes what a run came to as one HTML file that opens anywhere: scores, curves, pictures, failures,
settings. It asks no network for anything. Of several runs, their curves are laid over each other and
what differs between them is listed. The run may still go on: the page is as it stands now.

examples:
  artifact-torch report runs/vae                       writes runs/vae/report.html
  artifact-torch report runs/vae runs/gan --out both.html

exit status:
  0  it is written        2  no run is there, or it cannot be written
"""


def add_options(report: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch report`."""
    report.add_argument("runs", nargs="+", metavar="RUN", help="the folder of a run")
    report.add_argument(
        "--out",
        metavar="FILE",
        help="where it goes; without it, report.html in the folder of one run, or of several "
        "comparison.html in the current folder",
    )
    report.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.errors import ConfigurationError, RunFolderError
    from artifact_torch.internal.disk import absolute
    from artifact_torch.report.writing import REPORT, report  # loads numpy and Jinja2

    runs: list[str] = options.runs
    alone = Path("comparison.html")
    if len(runs) == 1:
        alone = (absolute(runs[0]) or Path(runs[0]).absolute()) / REPORT
    try:
        written = report(runs, alone if options.out is None else options.out)
    except (ConfigurationError, RunFolderError) as error:
        raise CannotCheckError(str(error)) from error
    return f"{written}\n", 0
