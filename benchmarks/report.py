"""What was measured, as JSON and as a table."""

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from pathlib import Path
from typing import Self, final

from benchmarks.measuring import Row
from benchmarks.sections import Section

DISTRIBUTIONS = (
    "torch",
    "numpy",
    "pandas",
    "matplotlib",
    "artifact-core",
    "lightning",
    "accelerate",
    "pytorch-ignite",
    "skorch",
    "keras",
)


@final
@dataclass(frozen=True, kw_only=True)
class Report:
    """The rows of each section that was measured, and what with."""

    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    sections: Mapping[str, Sequence[Row]] = field(default_factory=dict[str, Sequence[Row]])

    @classmethod
    def read(cls, path: Path) -> Self:
        """That of the file; an empty one where there is none."""
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text(encoding="utf-8"))
        sections = {name: [Row(**row) for row in rows] for name, rows in kept["sections"].items()}
        return cls(versions=kept["versions"], sections=sections)

    def with_section(self, name: str, rows: Sequence[Row]) -> "Report":
        return replace(self, versions=versions(), sections={**self.sections, name: rows})

    def write(self, path: Path) -> None:
        text = json.dumps(asdict(self), indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Of what was measured with, and on what."""
    found = {"Python": platform.python_version(), "cores": str(os.cpu_count())}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def table(rows: Sequence[Row]) -> str:
    """In Markdown."""
    has_ratio = any(row.ratio is not None for row in rows)
    has_goal = any(row.goal is not None for row in rows)
    has_note = any(row.note for row in rows)
    lines = [["", "measured", *["ratio"] * has_ratio, *["goal"] * has_goal, *[""] * has_note]]
    lines.append(["---", *["---:"] * (1 + has_ratio + has_goal), *["---"] * has_note])
    for row in rows:
        line = [row.what, _value(row)]
        line += [_ratio(row)] * has_ratio + [_goal(row)] * has_goal + [row.note] * has_note
        lines.append(line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(section: Section, rows: Sequence[Row]) -> str:
    """For a terminal: the cells of the table under each other."""
    lines = [line.strip("| ").split(" | ") for line in table(rows).splitlines()]
    del lines[1]
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip()
        for line in lines
    )
    return f"{section.title} ({section.about})\n{text}\n"


def _value(row: Row) -> str:
    return "" if row.value is None else f"{figures(row.value)} {row.unit}".strip()


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    if row.spread is None:
        return f"{row.ratio:.3f}"
    low, high = row.spread
    return f"{row.ratio:.3f} ({low:.2f} to {high:.2f})"


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    met = {None: "", True: ", met", False: ", missed"}[row.meets]
    return f"{'least' if row.is_share else 'most'} {row.goal:g}{met}"


def figures(value: float) -> str:
    """Three of them, and all before the point."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"
