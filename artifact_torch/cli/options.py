"""What can be written on the command line, and its help."""

import argparse
from typing import Final, final

from artifact_torch.cli.reports.written import version_of
from artifact_torch.cli.static.checkers import CHECKERS, default_cache

_ABOUT: Final = """\
Says before training whether research code fits the contracts of artifact_torch:
with the type checkers that are installed and with the run-time check, in one report.
"""

_COMMANDS: Final = """\
start here:
  artifact-torch check models/vae.py          everything in the file that is meant for a contract
  artifact-torch explain TableSynthesizer     what a contract asks for, with a class that fits
  artifact-torch contracts                    all contracts
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
"""


@final
class Options(argparse.Namespace):
    """What was written, with its types."""

    command: str
    targets: list[str]
    contract: str
    args: list[str]
    checker: list[str]
    format: str
    strict: bool
    allow_none: bool
    timeout: float
    cache: str


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    whole = argparse.ArgumentParser(
        prog="artifact-torch",
        description=_ABOUT,
        epilog=_COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=_version())
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(
        commands.add_parser(
            "check",
            help="check models, callbacks, stoppers, ... against their contracts",
            description=_CHECK,
            epilog=_STATUS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    commands.add_parser("contracts", help="list all contracts")
    explained = commands.add_parser(
        "explain", help="show what a contract asks for, a class that fits, and common mistakes"
    )
    explained.add_argument("contract", metavar="CONTRACT", help="a name: artifact-torch contracts")
    return whole


def _version() -> str:
    return f"artifact-torch {version_of('artifact-torch') or 'from a checkout'}"


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument("targets", nargs="+", metavar="TARGET", help="see above")
    check.add_argument(
        "--contract",
        default="",
        metavar="NAME",
        help="a contract of artifact_torch, or pkg.mod:Contract; without it, the one whose members "
        "are nearest, and the report says which and why",
    )
    check.add_argument(
        "--args",
        nargs="+",
        default=[],
        metavar="pkg.mod:Type",
        help="the type arguments of the contract, in its order; without them, those of the target",
    )
    check.add_argument(
        "--checker",
        action="append",
        default=[],
        choices=(*CHECKERS, "none"),
        help="a type checker to ask, may be repeated; without it, those that are installed; "
        "none: the run-time check alone",
    )
    check.add_argument("--strict", action="store_true", help="what nobody could verify is an error")
    check.add_argument(
        "--allow-none",
        action="store_true",
        help="a file or module with nothing to check in it is well too; a file without any class "
        "is not even imported",
    )
    check.add_argument(
        "--format",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="of the report",
    )
    check.add_argument(
        "--timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="for each target and each checker (%(default)g)",
    )
    check.add_argument(
        "--cache",
        default=str(default_cache()),
        metavar="FOLDER",
        help="what mypy learnt about torch, and what was asked last: keep it between runs, the "
        "first one takes half a minute (%(default)s)",
    )
