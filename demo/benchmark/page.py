"""Writes what was measured into `docs/quality.md`, so that the page cannot drift from it.

    python -m demo.benchmark.page            # the tables between the marks, and the picture
    python -m demo.benchmark.page --check    # 1 where they are not what the JSON says

Tables stand between `<!-- tables -->` and `<!-- end of tables -->`, versions between their own.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from demo.benchmark import picture
from demo.benchmark.contenders import in_order
from demo.benchmark.marks import between_marks
from demo.benchmark.one import WITH_ERRORS
from demo.benchmark.results import Results, Spread

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "quality.md"
PICTURE = ROOT / "docs" / "images" / "quality.svg"

COLUMNS = {
    "js": "JS",
    "correlation": "correlation",
    "sdmetrics": "SDMetrics",
    "c2st": "C2ST",
    "tstr": "TSTR",
    "membership": "membership",
    "copies": "copies",
    "fit_s": "fit, s",
    "memory_mb": "MB",
}
_WHOLE = {"fit_s", "memory_mb"}
_COMPARED = ("ceiling", "autoregressive")  # the default, and what it should reach


def written(page: str, results: Results) -> str:
    """The page with the tables of `results`. Raises ValueError where it lacks a mark."""
    said = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    sections = [section(results, name) for name in results.tables]
    texts = {"versions": f"Measured with {said}.", "tables": "\n\n".join(sections)}
    return between_marks(page, texts, where="docs/quality.md")


def section(results: Results, table: str) -> str:
    """The heading of one table, what it is, and a line a contender."""
    facts = results.tables[table]
    real = results.spread(table, "ceiling", "trtr")
    about = (
        f"{facts.rows:,} rows, {facts.columns} columns, from {facts.source}; the target is "
        f"`{facts.target}`, which real rows of training predict with {_shown('trtr', real)}."
    )
    methods = in_order(results.methods(table))
    n_most = max(results.n_seeds(table, method) for method in methods)
    lines = [["", *COLUMNS.values()], ["---", *["---:"] * len(COLUMNS)]]
    for method in methods:
        spreads = {name: results.spread(table, method, name) for name in COLUMNS}
        n_seeds = results.n_seeds(table, method)
        fewer = f" ({n_seeds} of {n_most} seeds)" if n_seeds < n_most else ""
        lines.append([f"{method}{fewer}", *[_shown(name, each) for name, each in spreads.items()]])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "".join(f"\n\n{note}." for note in (*_errors(results, table), *results.notes(table)))
    return f"### {table}\n\n{about}\n\n{rows}{notes}"


def _errors(results: Results, table: str) -> list[str]:
    """A sentence on what the draws of one fitted model leave open, where there are several."""
    said: list[str] = []
    for method in _COMPARED:
        spreads = [results.spread(table, method, f"{name}_error") for name in WITH_ERRORS]
        if errors := [f"{each.most:.3f}" for each in spreads if each is not None]:
            said.append(f"{method} {', '.join(errors)}")
    names = " and ".join(COLUMNS[name] for name in WITH_ERRORS)
    told = f"Largest standard error of a seed's mean, of {names}: {'; '.join(said)}"
    return [told] if said else []


def _shown(name: str, found: Spread | None) -> str:
    """The median, and the range where there is one."""
    if found is None:
        return ""
    digits = 0 if name in _WHOLE and found.median >= 10 else 1 if name in _WHOLE else 3
    median, least, most = (
        f"{value:,.{digits}f}" for value in (found.median, found.least, found.most)
    )
    return median if least == most else f"{median} ({least} to {most})"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.benchmark.page", description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    options = parser.parse_args(arguments)
    results = Results.read(options.results)
    old = options.page.read_text(encoding="utf-8")
    new = written(old, results)
    if options.check:
        if new != old:
            print(f"{options.page.name} is out of date: run python -m demo.benchmark.page")
        return int(new != old)
    options.page.write_text(new, encoding="utf-8")
    options.picture.write_text(picture.drawn(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
