"""Which programs each type checker accepts, compared with what the programs say (`markers.py`).

Right programs lie in `pass/`, wrong ones in `reject/`, what they share in `common.py`.
Run as `python typecheck/run.py [pyright] [mypy]`; the exit status is 1 if anything differs, 2 if a marker cannot be read.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NotRequired, TypeAlias, TypedDict

from typecheck.markers import (
    CHECKERS,
    Diagnostic,
    Marker,
    MarkerError,
    Place,
    differences,
    marker_of,
)

CORPUS = Path(__file__).resolve().parent
_MAX_PROCESSES = 4  # each pyright holds about 600 MB


class _Position(TypedDict):
    line: int


class _Range(TypedDict):
    start: _Position


class _PyrightDiagnostic(TypedDict):
    file: str
    severity: str
    message: str
    range: _Range
    rule: NotRequired[str]


class _PyrightSummary(TypedDict):
    filesAnalyzed: int


class _PyrightReport(TypedDict):
    generalDiagnostics: list[_PyrightDiagnostic]
    summary: _PyrightSummary


class _MypyDiagnostic(TypedDict):
    file: str
    line: int
    message: str
    hint: str | None
    code: str | None
    severity: str


Found: TypeAlias = list[tuple[Place, Diagnostic]]


def pyright(files: Sequence[Path], corpus: Path) -> Found:
    """The errors of one pyright process."""
    tool = str(Path(sys.executable).with_name("pyright"))
    options = ["-p", str(corpus), "--pythonpath", sys.executable, "--outputjson"]
    output = _output([tool, *options, *map(str, files)], corpus)
    report: _PyrightReport = json.loads(output)
    if report["summary"]["filesAnalyzed"] < len(files):
        raise RuntimeError(f"pyright did not read all of {[file.name for file in files]}: {output}")
    return [
        (
            (_relative(each["file"], corpus), each["range"]["start"]["line"] + 1),
            Diagnostic(rule=each.get("rule", "syntax"), message=each["message"]),
        )
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    ]


def mypy(files: Sequence[Path], corpus: Path) -> Found:
    """The errors of one mypy process, which shares its options and cache with the repository's."""
    tool = str(Path(sys.executable).with_name("mypy"))
    options = ["--config-file", "pyproject.toml", "--python-executable", sys.executable]
    command = [tool, *options, "--output", "json", *map(str, files)]
    found: Found = []
    for line in _output(command, corpus).splitlines():
        each: _MypyDiagnostic = json.loads(line)
        if each["severity"] == "error" and corpus.parent / each["file"] in files:
            message = "\n".join(filter(None, (each["message"], each["hint"])))
            place = (_relative(each["file"], corpus), each["line"])
            found.append((place, Diagnostic(rule=each["code"] or "syntax", message=message)))
    return found


def _output(command: Sequence[str], corpus: Path) -> str:
    done = subprocess.run(command, cwd=corpus.parent, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _relative(file: str, corpus: Path) -> str:
    return str((corpus.parent / file).relative_to(corpus))


def _tasks(
    checkers: Iterable[str], right: Sequence[Path], wrong: Sequence[Path], corpus: Path
) -> list[tuple[str, Callable[[], Found]]]:
    """One mypy process for everything, one pyright process per file of wrong programs.

    A failed protocol match can change pyright's later verdicts in the same process
    (microsoft/pyright#11644), so right programs never share one with wrong ones.
    """
    tasks: list[tuple[str, Callable[[], Found]]] = []
    if "mypy" in checkers:
        tasks.append(("mypy", partial(mypy, [*right, *wrong], corpus)))
    if "pyright" in checkers:
        groups = [right, *([file] for file in wrong)]
        tasks += [("pyright", partial(pyright, group, corpus)) for group in groups if group]
    return tasks


def check(corpus: Path, checkers: Sequence[str]) -> list[str]:
    """Run the checkers over `corpus`; print a summary; return all differences."""
    right = sorted([*corpus.glob("common*.py"), *corpus.glob("pass/*.py")])
    wrong = sorted(corpus.glob("reject/*.py"))
    markers = markers_of([*right, *wrong], corpus)
    found: dict[str, dict[Place, list[Diagnostic]]] = {name: defaultdict(list) for name in checkers}
    seconds = dict.fromkeys(checkers, 0.0)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MAX_PROCESSES)) as pool:
        tasks = _tasks(checkers, right, wrong, corpus)
        running: list[tuple[str, Future[tuple[Found, float]]]] = [
            (name, pool.submit(_timed, task)) for name, task in tasks
        ]
        for name, future in running:
            errors, took = future.result()
            seconds[name] += took
            for place, diagnostic in errors:
                found[name][place].append(diagnostic)
    lines = [line for name in checkers for line in differences(name, found[name], markers)]
    n_wrong = sum(marker.wrong for marker in markers.values())
    print(f"{len(right)} files with {len(markers) - n_wrong} accepted programs, ", end="")
    print(f"{len(wrong)} files with {n_wrong} rejected lines")
    for name in checkers:
        mistaken = sum(name in marker.mistaken for marker in markers.values())
        print(f"{name}: {mistaken} known mistakes, {seconds[name]:.0f} s of process time")
    return lines


def _timed(task: Callable[[], Found]) -> tuple[Found, float]:
    start = time.perf_counter()
    return task(), time.perf_counter() - start


def markers_of(files: Iterable[Path], corpus: Path) -> dict[Place, Marker]:
    """Every marker in `files`. Raises `MarkerError` naming the line."""
    markers: dict[Place, Marker] = {}
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                marker = marker_of(line)
            except MarkerError as error:
                raise MarkerError(f"{file}:{number}: {error}") from error
            if marker is not None:
                markers[str(file.relative_to(corpus)), number] = marker
    return markers


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkers", nargs="*", metavar="checker", help=" or ".join(CHECKERS))
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    options = parser.parse_args(arguments)
    checkers: list[str] = options.checkers or list(CHECKERS)
    if unknown := set(checkers) - set(CHECKERS):
        parser.error(f"unknown checker {sorted(unknown)}; known are {list(CHECKERS)}")
    corpus: Path = options.corpus
    start = time.perf_counter()
    try:
        lines = check(corpus.resolve(), checkers)
    except MarkerError as error:
        print(error)
        return 2
    print(f"{len(lines)} differences, {time.perf_counter() - start:.0f} s")
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
