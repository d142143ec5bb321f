"""How good the generated tables are, beside a ceiling, a floor and other packages.

    python -m demo.benchmark                                       # all that is installed
    python -m demo.benchmark --tables diabetes --methods ceiling floor vae --seeds 1
    python -m demo.benchmark --data heart.csv --target HeartDisease
    python -m demo.benchmark.page                                  # docs/quality.md from the JSON

Each contender has a process of its own, on one thread. What was measured is kept after each, in
demo/benchmark/results.json, where it takes the place of older figures of the same contender, table
and seed. Packages that are not installed are told and left out.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.children import ChildError, said_by
from demo.benchmark.contenders import CONTENDERS, missing
from demo.benchmark.one import Question
from demo.benchmark.results import Answer, Results, TableFacts
from demo.benchmark.tables import BUNDLED
from demo.data.reading import TableError

RESULTS = Path(__file__).with_name("results.json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and keeps; 1 where one failed, 2 for a table that cannot be used."""
    options = _parsed(arguments)
    methods = options.methods or [name for name in CONTENDERS if not missing(name)]
    for name in CONTENDERS:
        if (package := missing(name)) and (not options.methods or name in methods):
            print(f"{name} is left out: it needs {package}: pip install {package}")
    if find_spec("sdmetrics") is None:
        print("SDMetrics' quality is left out: pip install sdmetrics")
    methods = [name for name in methods if not missing(name)]
    tables = [Path(options.data).stem] if options.data else options.tables or _there()
    has_failed = False
    for table in tables:
        try:
            facts = _facts(_question(options, table, "floor", 0))
        except TableError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        for seed in range(options.seeds):
            for method in methods:
                answer = _answer(_question(options, table, method, seed), options.limit)
                Results.read(options.out).with_answer(answer, facts).write(options.out)
                print(_line(answer), flush=True)
                has_failed |= bool(answer.note)
    return int(has_failed)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo.benchmark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tables", nargs="+", choices=[*BUNDLED])
    parser.add_argument("--data", type=Path, help="a CSV file instead")
    parser.add_argument("--target", help="its column to predict; the last by default")
    parser.add_argument("--methods", nargs="+", choices=[*CONTENDERS])
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0 on")
    parser.add_argument(
        "--draws",
        type=int,
        choices=range(1, 101),
        metavar="DRAWS",
        help="tables that each generates, 1 to 100; of 30,000 rows by default, at least 5",
    )
    parser.add_argument("--rows", type=int, help="at most so many of a table")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds for one of them")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def _there() -> list[str]:
    absent = {name: package for name, (package, _) in BUNDLED.items() if not find_spec(package)}
    for name, package in absent.items():
        print(f"the table {name} is left out: pip install {package}")
    return [name for name in BUNDLED if name not in absent]


def _question(options: argparse.Namespace, table: str, method: str, seed: int) -> Question:
    return Question(
        table=table,
        method=method,
        seed=seed,
        file=str(options.data.resolve()) if options.data else None,
        target=options.target,
        n_rows=options.rows,
        n_draws=options.draws,
    )


def _facts(question: Question) -> TableFacts:
    data = question.found()
    rows = min(len(data.table), question.n_rows or len(data.table))
    return TableFacts(
        rows=rows, columns=len(data.table.columns), target=data.target, source=data.source
    )


def _answer(question: Question, limit_s: float) -> Answer:
    place = (question.table, question.method, question.seed)
    table, method, seed = place
    try:
        said = said_by(["-m", "demo.benchmark.one", question.words], limit_s=limit_s)
    except (ChildError, subprocess.TimeoutExpired) as error:
        note = str(error) if isinstance(error, ChildError) else f"more than {limit_s:g} seconds"
        return Answer(table=table, method=method, seed=seed, note=f"failed: {note}")
    figures: dict[str, float] = json.loads(said.rstrip().rpartition("\n")[2])
    return Answer(table=table, method=method, seed=seed, figures=figures)


def _line(answer: Answer) -> str:
    shown = ("js", "correlation", "sdmetrics", "c2st", "tstr", "membership", "fit_s")
    figures = ", ".join(
        f"{name} {answer.figures[name]:.3f}" for name in shown if name in answer.figures
    )
    return f"{answer.table}, {answer.method}, seed {answer.seed}: {figures or answer.note}"


if __name__ == "__main__":
    sys.exit(main())
