"""The command line: what can be written on it, and where the answer goes."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, final

from artifact_torch.cli import checkpoint, diff, new, replay, report, runs, sync
from artifact_torch.cli.check import answer
from artifact_torch.cli.reports.findings import CannotCheckError, Report, version_of
from artifact_torch.cli.reports.machines import as_github, as_json, as_sarif
from artifact_torch.cli.reports.text import as_text
from artifact_torch.cli.static.asking import INSTALL, default_cache
from artifact_torch.cli.static.checkers import CHECKERS, installed
from artifact_torch.cli.targets.question import Question, find_project
from artifact_torch.errors import CheckpointError

_FORMATS: Final[Mapping[str, Callable[[Report, Path], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}

_OTHERS: Final[Mapping[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]]] = {
    "new": ("make a project that trains, is checked and tested", new.ABOUT, new.add_options),
    "checkpoint": (
        "list, verify, show or export the checkpoints of a run",
        checkpoint.ABOUT,
        checkpoint.add_options,
    ),
    "sync": (
        "deliver to a tracking client what it missed of a run",
        sync.ABOUT,
        sync.add_options,
    ),
    "runs": ("list the runs of a folder, or follow one", runs.ABOUT, runs.add_options),
    "report": (
        "what a run came to as one HTML file, or several runs beside each other",
        report.ABOUT,
        report.add_options,
    ),
    "diff": ("find where two runs part, and in what", diff.ABOUT, diff.add_options),
    "replay": (
        "make a step of a run again, with its batch, weights and random numbers",
        replay.ABOUT,
        replay.add_options,
    ),
}
"""Each command that brings its own options: what the list says of it, what it says of itself."""

_ABOUT: Final = """\
Says before training whether research code fits the contracts of artifact_torch:
with the type checkers that are installed and with the run-time check, in one report.
"""

_COMMANDS: Final = """\
start here:
  artifact-torch check models/vae.py          everything in the file that is meant for a contract
  artifact-torch explain TableSynthesizer     what a contract asks for, with a class that fits
  artifact-torch contracts                    all contracts
  artifact-torch new NAME --domain tables     a project that trains, with its tests
"""

_CHECK: Final = """\
Checks targets against contracts. A target is

  models/vae.py  pkg.models.vae    a file or module: every class in it that looks as if it were
                                   meant for a contract; functions are left alone
  pkg.models.vae:VAE               a class (it stands for its instances) or an object
  pkg.train:make_trainer           a factory, a function that takes no arguments. IT IS EXECUTED.
                                   Building a Trainer checks all its parts; nothing is trained.
                                   What else the factory does (read data, open a run) happens too.

The module of a target is imported, in a process of its own. Modules are looked for in the
project's src folder and root (the nearest folder upward with a pyproject.toml), and in the
current folder. pyright and mypy are asked with settings of the command's own.
"""

_STATUS: Final = """\
exit status:
  0  everything fits        1  something does not fit        2  something could not be checked

examples:
  artifact-torch check shop.models.vae:VAE --contract TableSynthesizer
  artifact-torch check shop.stopping:Slow --args artifact_torch.contracts:RunState
  artifact-torch check src/shop/models.py --strict --format github
  artifact-torch check shop.train:make_trainer --checker none
  artifact-torch check shop.train:make_trainer --ranks 2
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status. The report goes to stdout, notes to stderr."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], tuple[str, int]] = options.run
    try:
        text, status = command(options)
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CannotCheckError as error:
        _say(error.finding.message)
        return 2
    except CheckpointError as error:
        _say(str(error))
        return 2
    except OSError as error:
        _say(f"{error}")
        return 2
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    return status


def _check(options: argparse.Namespace) -> tuple[str, int]:
    asked: list[str] = options.checker or [*installed()]
    if not asked:
        _say(f"no checker is installed, only the run-time check was made; {INSTALL}")
    project = find_project(Path.cwd())
    report = answer(
        Question(
            targets=tuple(options.targets),
            contract=options.contract,
            args=tuple(options.args),
            allow_none=options.allow_none,
            checkers=tuple(dict.fromkeys(name for name in asked if name != "none")),
            cache=Path(options.cache),
            timeout=options.timeout,
            strict=options.strict,
            ranks=options.ranks,
            project=project,
        )
    )
    return _FORMATS[options.format](report, project.folder), report.exit_status


def _contracts(_: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.cli.explain import listing  # loads torch

    return listing(), 0


def _explain(options: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.cli.explain import explanation

    return explanation(options.contract), 0


def _say(text: str) -> None:
    sys.stderr.write(f"artifact-torch: {text}\n")


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    whole = argparse.ArgumentParser(
        prog="artifact-torch", description=_ABOUT, epilog=_COMMANDS, formatter_class=raw
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check models, callbacks, stoppers, ... against their contracts",
        description=_CHECK,
        epilog=_STATUS,
        formatter_class=raw,
    )
    _add_checked(check)
    _add_answer(check)
    check.set_defaults(run=_check)
    contracts = commands.add_parser("contracts", help="list all contracts")
    contracts.set_defaults(run=_contracts)
    explain = commands.add_parser(
        "explain", help="show what a contract asks for, a class that fits, and common mistakes"
    )
    explain.add_argument("contract", metavar="CONTRACT", help="a name: artifact-torch contracts")
    explain.set_defaults(run=_explain)
    for name, (said, about, add_options) in _OTHERS.items():
        add_options(commands.add_parser(name, help=said, description=about, formatter_class=raw))
    return whole


@final
class _Version(argparse.Action):
    """Asks for the version only when it is wanted: that takes 0.02 s."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Prints it."""
        sys.stdout.write(f"artifact-torch {version_of('artifact-torch') or 'from a checkout'}\n")
        parser.exit()


def _add_checked(check: argparse.ArgumentParser) -> None:
    """What is checked, against what, by whom."""
    add = check.add_argument
    add("targets", nargs="+", metavar="TARGET", help="see above")
    add(
        "--contract",
        default="",
        metavar="NAME",
        help="a contract of artifact_torch, or pkg.mod:Contract; without it, the one whose members "
        "are nearest, and the report says which and why",
    )
    add(
        "--args",
        nargs="+",
        default=[],
        metavar="pkg.mod:Type",
        help="the type arguments of the contract, in its order; without them, those of the target",
    )
    add(
        "--checker",
        action="append",
        default=[],
        choices=(*CHECKERS, "none"),
        help="a type checker to ask, may be repeated; without it, those that are installed; "
        "none: the run-time check alone",
    )


def _n_ranks(text: str) -> int:
    """Raises `ArgumentTypeError` for what is no number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number of processes, 1 or more, got {text!r}")
    return int(text)


def _add_answer(check: argparse.ArgumentParser) -> None:
    """What counts as wrong, and how it is said and kept."""
    add = check.add_argument
    add("--strict", action="store_true", help="what nobody could verify is an error")
    add(
        "--allow-none",
        action="store_true",
        help="a file or module with nothing to check in it is well too; a file without any class "
        "is not even imported",
    )
    add(
        "--ranks",
        type=_n_ranks,
        default=1,
        metavar="N",
        help="rehearse each trainer on so many processes of this machine too, on the CPU: two steps, "
        "each routine once, a checkpoint; for programs that are started with torchrun",
    )
    add("--format", choices=tuple(_FORMATS), default="text", help="of the report")
    add(
        "--timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="for each target and each checker (%(default)g)",
    )
    add(
        "--cache",
        default=str(default_cache()),
        metavar="FOLDER",
        help="what mypy learnt about torch, and what was asked last: keep it between runs, the "
        "first one takes half a minute (%(default)s)",
    )
