"""What was measured, as JSON, and the medians of the seeds."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self, final

_PACKAGES = ("torch", "numpy", "pandas", "scikit-learn", "artifact-core")
_PEERS = ("ctgan", "copulas", "rdt", "sdmetrics", "plotnine", "vega-datasets", "statsmodels")


@final
@dataclass(frozen=True, kw_only=True)
class Answer:
    """The figures of one contender on one table with one seed; none where it failed, and why."""

    table: str
    method: str
    seed: int
    figures: Mapping[str, float] = field(default_factory=dict[str, float])
    note: str = ""


@final
@dataclass(frozen=True, kw_only=True)
class Spread:
    """Of several seeds."""

    median: float
    least: float
    most: float


@final
@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What was measured on."""

    rows: int
    columns: int
    target: str
    source: str


@final
@dataclass(frozen=True, kw_only=True)
class Results:
    """All answers, in the order in which they were first asked for, and what gave them."""

    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    tables: Mapping[str, TableFacts] = field(default_factory=dict[str, TableFacts])
    answers: Sequence[Answer] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Those of the file; none where there is no file."""
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            versions=kept["versions"],
            tables={name: TableFacts(**facts) for name, facts in kept["tables"].items()},
            answers=[Answer(**answer) for answer in kept["answers"]],
        )

    def write(self, path: Path) -> None:
        """An answer a line."""
        kept = asdict(self)
        answers = ",\n  ".join(json.dumps(answer) for answer in kept.pop("answers"))
        head = json.dumps(kept, indent=1).removesuffix("\n}")
        path.write_text(f'{head},\n "answers": [\n  {answers}\n ]\n}}\n', encoding="utf-8")

    def with_answer(self, answer: Answer, facts: TableFacts) -> "Results":
        """In the place of an older one to the same question."""
        place = (answer.table, answer.method, answer.seed)
        answers = {(each.table, each.method, each.seed): each for each in self.answers}
        answers[place] = answer
        return Results(
            versions={**self.versions, **versions()},  # peers may be missing in a later run
            tables={**self.tables, answer.table: facts},
            answers=[*answers.values()],
        )

    def methods(self, table: str) -> list[str]:
        """Those that were asked about it."""
        return list(dict.fromkeys(each.method for each in self.answers if each.table == table))

    def spread(self, table: str, method: str, figure: str) -> Spread | None:
        """Over the seeds; None where no seed has the figure."""
        values = [
            each.figures[figure]
            for each in self.answers
            if (each.table, each.method) == (table, method) and figure in each.figures
        ]
        if not values:
            return None
        return Spread(median=statistics.median(values), least=min(values), most=max(values))

    def n_seeds(self, table: str, method: str) -> int:
        """That have figures."""
        return sum(
            (each.table, each.method) == (table, method) and bool(each.figures)
            for each in self.answers
        )

    def notes(self, table: str) -> list[str]:
        """Why figures are missing, once each."""
        said = [
            f"{each.method}: {each.note}"
            for each in self.answers
            if each.table == table and each.note
        ]
        return list(dict.fromkeys(said))


def versions() -> dict[str, str]:
    """Of what is installed of it."""
    found = {"Python": platform.python_version(), "cores": str(os.cpu_count())}
    for name in (*_PACKAGES, *_PEERS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
