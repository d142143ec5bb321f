"""Writes what was measured into `docs/performance.md`, so that the page cannot drift from it.

    python -m benchmarks.page            # the tables between the marks, and the picture
    python -m benchmarks.page --check    # 1 where they are not what benchmarks/results.json says

A section's table stands between `<!-- loop -->` and `<!-- end of loop -->`.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import picture
from benchmarks.children import ROOT
from benchmarks.report import Report, table
from benchmarks.sections import SECTIONS
from demo.benchmark.marks import between_marks

RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "loops.svg"


def written(page: str, report: Report) -> str:
    """The page with the tables of `report`. Raises ValueError for a section without its marks."""
    texts = {"versions": _versions(report)} | {
        name: f"{section.about[0].upper()}{section.about[1:]}.\n\n{table(report.sections[name])}"
        for name, section in SECTIONS.items()
        if name in report.sections
    }
    return between_marks(page, texts, where="docs/performance.md")


def _versions(report: Report) -> str:
    said = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return f"Measured with {said}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    options = parser.parse_args(arguments)
    report = Report.read(options.results)
    old = options.page.read_text(encoding="utf-8")
    new = written(old, report)
    if options.check:
        if new != old:
            print(f"{options.page.name} is out of date: run python -m benchmarks.page")
        return int(new != old)
    options.page.write_text(new, encoding="utf-8")
    if "loop" in report.sections:
        options.picture.write_text(picture.loops(report.sections["loop"]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
