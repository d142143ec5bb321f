"""Programs of their own: each section and each contender has a process, so that none sees another."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Effort

ROOT = Path(__file__).parents[1]
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMEXPR")}


class ChildError(Exception):
    """A program that ended otherwise than it should; its last words."""


def said_by(
    arguments: Sequence[str],
    *,
    python: str = sys.executable,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    limit_s: float = 600.0,
) -> str:
    """All that `python *arguments` prints, one thread each. Raises `ChildError`."""
    done = subprocess.run(  # noqa: S603  (our own programs)
        [python, *arguments],
        cwd=folder,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(folder), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=limit_s,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise ChildError(last)
    return done.stdout


def last_line(arguments: Sequence[str], *, python: str = sys.executable) -> str:
    """The last line that it prints."""
    return said_by(arguments, python=python).rstrip().rpartition("\n")[2]


def last_line_elsewhere(arguments: Sequence[str], *, python: str) -> str:
    """As `last_line`, by another Python that must not see our package, only `benchmarks`."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "benchmarks").symlink_to(ROOT / "benchmarks")
        said = said_by(arguments, python=python, folder=Path(folder))
    return said.rstrip().rpartition("\n")[2]


def flags(effort: Effort) -> list[str]:
    """The effort as arguments."""
    return ["--rounds", str(effort.n_rounds), *(["--tiny"] if effort.tiny else [])]
