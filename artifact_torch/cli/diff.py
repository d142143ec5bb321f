"""`artifact-torch diff`: where two runs part, and in what."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artifact_torch.cli import replay
from artifact_torch.cli.reports.findings import CannotCheckError
from artifact_torch.errors import RunFolderError
from artifact_torch.internal.disk import absolute

if TYPE_CHECKING:
    from artifact_torch.run_folder.differing import Difference
    from artifact_torch.trainer.replay import Replayed

ABOUT: Final = """\
Compares two run folders: settings, seeds, parts, versions, device and source that differ, and, where
both were trained with ledger=True, the first update that is not the same: in its data, its loss,
its gradient or the parameters after it.

With --replay that update of both is made again, each from the newest checkpoint before it, and the
first tensor that differs is named: of the batch, the module whose output it is, a gradient, a
parameter. TARGET is a function without arguments that builds the Trainer as the run did; where the
two runs were built otherwise, give two of them, in the order of the runs. THEY ARE EXECUTED. Nothing
in the run folders is changed.

examples:
  artifact-torch diff runs/a runs/b
  artifact-torch diff runs/a runs/b --replay shop.train:make_trainer
  artifact-torch diff runs/a runs/b --replay shop.train:make_a shop.train:make_b

exit status:
  0  every update of both is the same      1  they differ, or nothing is known of single updates
  2  they could not be compared
"""


def add_options(diff: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch diff`."""
    diff.add_argument("one", metavar="A", help="the folder of a run")
    diff.add_argument("other", metavar="B", help="the folder of another")
    diff.add_argument(
        "--replay",
        nargs="+",
        metavar="TARGET",
        default=[],
        help="pkg.train:make_trainer, see above",
    )
    diff.set_defaults(run=_diff)


def _diff(options: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.cli.runs_table import safe
    from artifact_torch.run_folder.apart import difference  # loads numpy

    targets: list[str] = options.replay
    folders = [_folder(each) for each in (options.one, options.other)]
    if len(targets) > 2:
        raise CannotCheckError("diff: --replay takes one function for both runs, or one for each")
    try:
        found = difference(*folders)
    except RunFolderError as error:
        raise CannotCheckError(str(error)) from error
    told = "\n".join(map(safe, str(found).split("\n")))
    if targets:
        told += _again(found, targets)
    return told, int(not found.is_equal)


def _folder(given: str) -> Path:
    """Told as it was given; `~` is the home folder."""
    return (absolute(given) if given.startswith("~") else None) or Path(given)


def _again(found: "Difference", targets: list[str]) -> str:
    """The update at which they part, made again of both."""
    if found.parting is None:
        return "no update differs: nothing is made again\n"
    if found.parting.step == 0:
        return "what makes the first weights is in the program, before the first update\n"
    from artifact_torch.trainer.trace import traces_part  # torch

    made = [replay.replayed_by(each, "diff") for each in targets]
    one, other = (
        made[n % len(made)](folder.resolve(), found.parting.step)
        for n, folder in enumerate(found.folders)
    )
    lines = [f"step {found.parting.step} made again of both"]
    for each, folder in zip((one, other), found.folders, strict=True):
        lines += [f"  {folder}: {_told(each)}", *(f"  doubt: {doubt}" for doubt in each.doubts)]
    parts = traces_part(one.trace, other.trace)
    if parts is None:
        lines.append(
            "  it is the same for both: what made them part is not in what is given to --replay; a "
            "program that was changed since, an operation that is not deterministic, or the machine"
        )
    else:
        lines.append(f"  {parts}")
    return "\n".join(lines) + "\n"


def _told(made: "Replayed") -> str:
    came = "the start of the run" if made.restored_from is None else f"step {made.restored_from}"
    if made.parted is None:
        return f"from {came}, as its ledger has it"
    from artifact_torch.run_folder.ledger import other  # numpy

    step, what = made.parted
    return f"from {came}, NOT as its ledger has it: step {step} has {other(what)}"
