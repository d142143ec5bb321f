"""The loops: each against the hand-written one, in processes of its own, in turn."""

import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from subprocess import TimeoutExpired

from benchmarks.children import ChildError, flags, last_line, last_line_elsewhere
from benchmarks.loop.contest import ENTRIES, Entry, Outcome
from benchmarks.measuring import Effort, Row, quartiles

PUBLISHED = "PUBLISHED_PYTHON"
"""Names the Python of an environment that has the published package; it cannot be in ours."""
TOLERANCES = {"Keras on torch": 1e-3}
"""How far the final weights may be apart; where none is said, not at all."""
GOALS = {
    ("tiny step", "ours"): 1.05,
    ("usual step", "ours"): 1.01,
    ("tiny step", "ours, everything attached"): 1.08,
    ("usual step", "ours, everything attached"): 1.02,
}


def measure(effort: Effort) -> Sequence[Row]:
    found: dict[str, Sequence[Outcome] | str] = {
        name: _outcomes(name, entry, effort) for name, entry in ENTRIES.items()
    }
    of_ours = found["ours"]
    if isinstance(of_ours, str):
        return [Row(what="ours", note=of_ours)]
    return [row for each in of_ours for row in _rows(each, found)]


def _outcomes(name: str, entry: Entry, effort: Effort) -> Sequence[Outcome] | str:
    """In words why there is none."""
    arguments = ["-m", "benchmarks.loop.contest", name, *flags(effort)]
    try:
        if name == "published artifact-torch":
            python = os.environ.get(PUBLISHED)
            if not python:
                return f"not measured: {PUBLISHED} names no Python that has it"
            said = last_line_elsewhere(arguments, python=python)
        elif entry.distribution and not _is_installed(entry.distribution):
            return f"not installed: pip install -c constraints.txt {entry.distribution}"
        else:
            return _joined(
                [
                    _read(last_line(arguments, python=sys.executable))
                    for _ in range(1 if effort.tiny else entry.n_processes)
                ]
            )
    except (ChildError, TimeoutExpired) as error:
        return f"failed: {error}"
    return _read(said)


def _read(said: str) -> Sequence[Outcome]:
    return [Outcome(**each) for each in json.loads(said)]


def _joined(processes: Sequence[Sequence[Outcome]]) -> Sequence[Outcome]:
    """The rounds of all processes as one outcome of each size."""
    return [
        replace(
            sizes[0],
            hand=[time for each in sizes for time in each.hand],
            theirs=[time for each in sizes for time in each.theirs],
            apart=max(each.apart for each in sizes),
        )
        for sizes in zip(*processes, strict=True)
    ]


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _rows(of_ours: Outcome, found: dict[str, Sequence[Outcome] | str]) -> Iterator[Row]:
    """Of one size, by hand first."""
    size = of_ours.size
    yield Row(
        what=f"{size}, by hand", value=_microseconds(of_ours.hand, of_ours), unit="us", ratio=1.0
    )
    for name, outcomes in found.items():
        if isinstance(outcomes, str):
            yield Row(what=f"{size}, {name}", note=outcomes)
            continue
        outcome = next(each for each in outcomes if each.size == size)
        ratios = [a / b for a, b in zip(outcome.theirs, outcome.hand, strict=True)]
        yield Row(
            what=f"{size}, {name}",
            value=_microseconds(outcome.theirs, outcome),
            unit="us",
            ratio=statistics.median(ratios),
            spread=quartiles(ratios),
            goal=GOALS.get((size, name)),
            note=_weights(name, outcome),
        )


def _microseconds(times: Sequence[float], outcome: Outcome) -> float:
    """Of one step."""
    return statistics.median(times) / outcome.n_steps * 1e6


def _weights(name: str, outcome: Outcome) -> str:
    allowed = TOLERANCES.get(name, 0.0)
    if outcome.apart > allowed:
        return f"final weights differ by {outcome.apart:.1e}"
    return "the same weights" if not outcome.apart else f"weights within {allowed:.0e}"
