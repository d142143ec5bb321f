"""What it costs, beside what others cost: `python -m benchmarks`, or some sections of it.

    make bench                                          # all: a table, and benchmarks/results.json
    python -m benchmarks loop data --rounds 15          # some, more often; the JSON keeps the rest
    python -m benchmarks --tiny --out /tmp/bench.json   # only whether all of it runs

Each section runs in a process of its own, on one thread; what is compared is run in turn, and a
ratio is the median of the rounds' ratios. Peers that are not installed are told and left out.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.children import ChildError, flags, last_line
from benchmarks.measuring import Effort, Row
from benchmarks.report import Report, shown
from benchmarks.sections import SECTIONS

RESULTS = Path(__file__).with_name("results.json")


def main(arguments: list[str] | None = None) -> int:
    """Prints the table as it grows; 1 where a section failed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], default=[])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    effort = Effort(n_rounds=2 if options.tiny else options.rounds, tiny=options.tiny)
    report = Report.read(options.out)
    has_failed = False
    for name in options.sections or SECTIONS:
        rows = _measured(name, effort)
        report = report.with_section(name, rows)
        report.write(options.out)
        print(shown(SECTIONS[name], rows), flush=True)
        has_failed |= any(row.note.startswith("failed:") for row in rows)
    return int(has_failed)


def _measured(name: str, effort: Effort) -> list[Row]:
    try:
        said = last_line(["-m", "benchmarks.sections", name, *flags(effort)])
    except ChildError as error:
        return [Row(what=SECTIONS[name].title, note=f"failed: {error}")]
    return [Row(**row) for row in json.loads(said)]


if __name__ == "__main__":
    sys.exit(main())
