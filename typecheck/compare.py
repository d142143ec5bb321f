"""`docs/checkers.md`: how basedpyright, ty and pyrefly judge the corpus. For information, no gate.

Run as `python typecheck/compare.py`. The checkers are installed from PyPI, in the versions below,
into an environment of their own in the temporary folder; they read the packages of this one.
A checker that cannot be installed or run has a row that says so.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypedDict, final

from typecheck.markers import CHECKERS, Marker, Place
from typecheck.run import CORPUS, markers_of

REPOSITORY: Final = CORPUS.parent
PAGE: Final = REPOSITORY / "docs" / "checkers.md"
VERSIONS: Final = {"basedpyright": "1.40.2", "ty": "0.0.104", "pyrefly": "1.4.1"}

_ENVIRONMENT: Final = Path(tempfile.gettempdir()) / "artifact_torch_other_checkers"
_SECONDS: Final = 900
_SHOWN: Final = 25

_HEAD: Final = """\
# Other type checkers

The gate of this repository is pyright (strict) and mypy (`--strict`): `python typecheck/run.py`
compares every line of `typecheck/pass` and `typecheck/reject` with what its comment says. This page
says how other checkers judge the same programs. It is no gate. It is written by
`python typecheck/compare.py`, which installs the pinned versions into an environment of their own.
"""

_FOOT: Final = """\
Wrong lines are those marked `E` or `HOLE`; accepted programs are those marked `OK` or `FALSE`;
further lines are all others, of definitions mostly. The
programs keep to one line each, because checkers report different lines within a call. basedpyright
reads `typecheck/pyrightconfig.json`, one process for each file of wrong programs, as pyright does;
ty and pyrefly run once, with their default rules. Only errors count, not warnings.
"""

Lines: TypeAlias = Mapping[Place, str]
"""Where a checker reports an error, and its first message there."""


class _PyrightDiagnostic(TypedDict):
    file: str
    severity: str
    message: str
    range: dict[str, dict[str, int]]


class _PyrightReport(TypedDict):
    generalDiagnostics: list[_PyrightDiagnostic]


class CompareError(Exception):
    """A checker that could not be installed or run."""


@final
@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one checker says about the corpus."""

    checker: str
    lines: Lines
    seconds: float


def install(environment: Path) -> None:
    """Create `environment`, unless it already holds these versions. Raises `CompareError`."""
    python = environment / "bin" / "python"
    wanted = [f"{name}=={version}" for name, version in VERSIONS.items()]
    if not python.is_file():
        venv.create(environment, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _output([*pip, *wanted], expected=(0,))


def basedpyright(files: Sequence[Path], tool: str) -> Lines:
    """One process for all right programs, one for each file of wrong ones (see `run.py`)."""
    right = [file for file in files if file.parent.name != "reject"]
    groups = [right, *([file] for file in files if file not in right)]
    options = ["-p", str(CORPUS), "--pythonpath", sys.executable, "--outputjson"]
    found: dict[Place, str] = {}
    for group in groups:
        report: _PyrightReport = json.loads(_output([tool, *options, *map(str, group)]))
        for each in report["generalDiagnostics"]:
            if each["severity"] == "error":
                place = (_relative(each["file"]), each["range"]["start"]["line"] + 1)
                found.setdefault(place, each["message"].partition("\n")[0])
    return found


def ty(files: Sequence[Path], tool: str) -> Lines:
    """One process."""
    options = ["check", "--output-format", "concise", "--color", "never", "--python-version"]
    paths = ["--project", str(REPOSITORY), "--python", sys.prefix]
    return _text(_output([tool, *options, "3.11", *paths, *map(str, files)]))


def pyrefly(files: Sequence[Path], tool: str) -> Lines:
    """One process."""
    options = ["check", "--output-format", "min-text", "--python-version", "3.11"]
    paths = ["--python-interpreter-path", sys.executable, "--search-path", str(REPOSITORY)]
    paths += ["--search-path", str(REPOSITORY / "stubs")]
    return _text(_output([tool, *options, *paths, *map(str, files)]))


RUNNERS: Final[Mapping[str, Callable[[Sequence[Path], str], Lines]]] = {
    "basedpyright": basedpyright,
    "ty": ty,
    "pyrefly": pyrefly,
}


def _text(output: str) -> Lines:
    """Of lines like `ERROR path.py:3:1-4: message` and `path.py:3:1: error[rule] message`."""
    found: dict[Place, str] = {}
    for line in output.splitlines():
        match = re.match(r"(?:ERROR )?(\S+\.py):(\d+):[\d\-:]+ (.*)", line)
        if match is not None and not match[3].startswith(("warning", "info")):
            found.setdefault((_relative(match[1]), int(match[2])), match[3])
    return found


def _relative(file: str) -> str:
    path = (REPOSITORY / file).resolve()
    return str(path.relative_to(CORPUS)) if path.is_relative_to(CORPUS) else str(path)


def _output(command: Sequence[str], *, expected: Sequence[int] = (0, 1)) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompareError(str(error)) from error
    if done.returncode not in expected:
        raise CompareError((done.stderr or done.stdout).strip().partition("\n")[0])
    return done.stdout


def judge(checker: str, files: Sequence[Path], environment: Path) -> Verdict:
    """What `checker` says. Raises `CompareError`."""
    start = time.perf_counter()
    lines = RUNNERS[checker](files, str(environment / "bin" / checker))
    return Verdict(checker=checker, lines=lines, seconds=time.perf_counter() - start)


def by_markers(checker: str, markers: Mapping[Place, Marker]) -> Verdict:
    """What the markers say that `checker` says, which `run.py` proves."""
    lines = {
        place: ""
        for place, marker in markers.items()
        if marker.wrong is not (checker in marker.mistaken)
    }
    return Verdict(checker=checker, lines=lines, seconds=0.0)


def row(verdict: Verdict, markers: Mapping[Place, Marker], version: str) -> str:
    """One line of the table."""
    rejected = sum(marker.wrong and place in verdict.lines for place, marker in markers.items())
    refused = sum(not marker.wrong and place in verdict.lines for place, marker in markers.items())
    n_wrong = sum(marker.wrong for marker in markers.values())
    further = sum(place not in markers for place in verdict.lines)
    cells = [verdict.checker, version, f"{rejected} of {n_wrong}"]
    cells += [f"{refused} of {len(markers) - n_wrong}", str(further)]
    return f"| {' | '.join(cells)} |"


def details(verdict: Verdict, markers: Mapping[Place, Marker]) -> str:
    """The lines on which `verdict` is not the markers'."""
    missed = [p for p, marker in markers.items() if marker.wrong and p not in verdict.lines]
    refused = [p for p, marker in markers.items() if not marker.wrong and p in verdict.lines]
    further = [p for p in verdict.lines if p not in markers]
    parts = [
        f"## {verdict.checker}",
        _list("Wrong lines that it accepts", ((p, "") for p in sorted(missed))),
        _list("Right lines that it rejects", ((p, verdict.lines[p]) for p in sorted(refused))),
        _list("Further lines with an error", ((p, verdict.lines[p]) for p in sorted(further))),
    ]
    return "\n\n".join(parts)


def source_line(place: Place) -> str:
    """The program at `place`, without its comment."""
    text = (CORPUS / place[0]).read_text(encoding="utf-8").splitlines()[place[1] - 1]
    return text.partition("  #")[0].strip()


def _list(title: str, items: Iterable[tuple[Place, str]]) -> str:
    every = [
        f"- `{place[0]}` `` {source_line(place)[:150]} ``" + (f": {text}" if text else "")
        for place, text in items
    ]
    if not every:
        return f"{title}: none."
    left_out = len(every) - _SHOWN
    rest = [f"- and {left_out} more"] if left_out > 0 else []
    return "\n".join([f"{title}: {len(every)}.", "", *every[:_SHOWN], *rest])


def main() -> int:
    """Writes the page; returns the exit status, which is 0 whatever the checkers say."""
    right = sorted([*CORPUS.glob("common*.py"), *CORPUS.glob("pass/*.py")])
    files = [*right, *sorted(CORPUS.glob("reject/*.py"))]
    markers = markers_of(files, CORPUS)
    rows = [row(by_markers(name, markers), markers, "the gate") for name in CHECKERS]
    sections: list[str] = []
    try:
        install(_ENVIRONMENT)
    except CompareError as error:
        sys.stderr.write(f"installation: {error}\n")
    for name, version in VERSIONS.items():
        try:
            verdict = judge(name, files, _ENVIRONMENT)
        except CompareError as error:
            rows.append(f"| {name} | {version} | could not be run: {error} | | |")
            continue
        rows.append(row(verdict, markers, version))
        sections.append(details(verdict, markers))
        sys.stderr.write(f"{rows[-1]} {verdict.seconds:.1f} s\n")
    table = [
        "| checker | version | wrong lines rejected | accepted programs rejected | further lines |",
        "|---|---|---|---|---|",
        *rows,
    ]
    PAGE.parent.mkdir(exist_ok=True)
    text = "\n\n".join([_HEAD + "\n" + "\n".join(table), _FOOT.strip(), *sections])
    PAGE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
