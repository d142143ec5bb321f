"""Runs beside each other: which columns they have, which rows are wanted, how they are printed."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Final, final

from artifact_torch.cli.reports.findings import CannotCheckError
from artifact_torch.report.words import duration, number

if TYPE_CHECKING:
    from artifact_torch.run_folder.overview import RunOverview
    from artifact_torch.run_folder.recorded_scores import Curve

_FIXED: Final = ("run", "status", "epochs", "steps", "score", "of", "time")
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_CONDITION: Final = re.compile(r"\s*(.+?)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(\d|$|∞)")
_GAP: Final = 2
_LONGEST: Final = 27  # a digest, a path: both ends of it tell more than the first
_MOST_NAMES: Final = 20
_END: Final = (_LONGEST - 3) // 2


@final
@dataclass(frozen=True, kw_only=True)
class Row:
    """A run: its cells by column."""

    cells: Mapping[str, object]
    is_higher_better: bool
    """Of its score."""


@final
@dataclass(frozen=True)
class Table:
    """Rows, and what can be asked of them. Raises `CannotCheckError` for a column that none has."""

    rows: Sequence[Row]

    def where(self, condition: str) -> "Table":
        """Those that fulfil `condition`; one that has not the setting does not."""
        found = _CONDITION.fullmatch(condition)
        if found is None:
            raise CannotCheckError(
                f"--where: got {condition!r}, expected COLUMN, one of = != < <= > >=, and a value; "
                'write --where "lr>0.01"'
            )
        column, sign, value = found.groups()
        column = self.column(column)
        return Table([row for row in self.rows if _fulfils(row.cells.get(column), sign, value)])

    def sorted_by(self, column: str) -> "Table":
        """Growing, a score from the better to the worse; what is not known comes last."""
        column = self.column(column)

        def place(row: Row) -> tuple[bool, bool, float, str]:
            value = row.cells.get(column)
            if isinstance(value, int | float):
                is_turned = column == "score" and row.is_higher_better
                return math.isnan(value), False, -value if is_turned else value, ""
            return value is None, True, 0.0, str(value)

        return Table(sorted(self.rows, key=place))

    def column(self, asked: str) -> str:
        """The one that is meant."""
        names = dict.fromkeys(name for row in self.rows for name in row.cells)
        ends = [name for name in names if name.endswith(f".{asked}")]
        if asked in names or not names:
            return asked
        if len(ends) == 1:
            return ends[0]
        what = f"{asked} is the end of {', '.join(ends)}" if ends else f"there is no column {asked}"
        raise CannotCheckError(f"{what}; write one of {', '.join(ends or names)}")

    def text(self, width: int | None) -> str:
        """With the settings that differ, as many as fit; without a width all of them."""
        scores = {row.cells["of"] for row in self.rows if row.cells["of"]}
        heads = {name: name for name in _FIXED if name != "of" or len(scores) > 1}
        if len(scores) == 1:
            heads["score"] = str(*scores)
        columns = {name: self._printed(name, head) for name, head in heads.items()}
        differing = self._differing()
        left_out: list[str] = []
        for name in differing:
            cells = self._printed(name, _short(name, differing))
            there = sum(_wide(each) + _GAP for each in columns.values())
            if width is not None and there + _wide(cells) > width:
                left_out.append(safe(name))
            else:
                columns[name] = cells
        lines = [*zip(*(_aligned(each) for each in columns.values()), strict=True)]
        text = "".join((" " * _GAP).join(line).rstrip() + "\n" for line in lines)
        return text + (f"not shown, for want of room: {', '.join(left_out)}\n" if left_out else "")

    def _printed(self, column: str, head: str) -> list[str]:
        return [safe(head), *(_cell(column, row.cells.get(column)) for row in self.rows)]

    def _differing(self) -> list[str]:
        """Settings that are not the same in all of them."""
        names = dict.fromkeys(name for row in self.rows for name in row.cells)
        settings = [name for name in names if name not in _FIXED]
        return [name for name in settings if len({repr(r.cells.get(name)) for r in self.rows}) > 1]


def rows_of(runs: "Sequence[RunOverview]", score: str) -> list[Row]:
    """In their order; with the best value of `score`, where it is not that of the run itself.

    Raises `CannotCheckError` where no run has it.
    """
    rows = [_row(run, score) for run in runs]
    if score and rows and not any(row.cells["of"] for row in rows):
        names = dict.fromkeys(name for run in runs for name in _scores_of(run))
        if score not in names:
            told = ", ".join([*names][:_MOST_NAMES]) or "none of any"
            told += f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            raise CannotCheckError(
                f"--score {score}: no run has recorded a score of this name; there are {told}"
            )
    return rows


def _row(run: "RunOverview", score: str) -> Row:
    name, value = score or run.judged_by, run.best
    if name != run.judged_by:
        value = _best(run, name)
    cells: dict[str, object] = {
        "run": run.name,
        "status": run.status,
        "epochs": run.epoch,
        "steps": run.step,
        "score": value,
        "of": "" if math.isnan(value) else name,
        "time": run.seconds,
    }
    settings = {_column(name): each for name, each in run.settings.items()}
    return Row(cells={**cells, **settings}, is_higher_better=run.modes.get(name) == "max")


def _column(setting: str) -> str:
    """Its name, unless a column is called so."""
    return f"settings.{setting}" if setting in _FIXED else setting


def _best(run: "RunOverview", name: str) -> float:
    """By its better way; the lowest where no part says which that is."""
    curve = _scores_of(run).get(name)
    found: list[float] = [] if curve is None else curve.values.tolist()
    values = [each for each in found if not math.isnan(each)]
    return (max if run.modes.get(name) == "max" else min)(values, default=math.nan)


def _scores_of(run: "RunOverview") -> Mapping[str, "Curve"]:
    """None where its record cannot be read: the others are listed all the same."""
    from artifact_torch.run_folder.recorded_scores import read_scores

    try:
        curves = read_scores(run.folder).curves()
    except OSError:
        return {}
    return {name: curve for (name, key), curve in curves.items() if key is None}


def _fulfils(cell: object, sign: str, value: str) -> bool:
    if cell is None and value.lower() not in ("none", "null"):
        return False
    told = _as_number(value)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and told is not None:
        return _COMPARISONS[sign](float(cell), told)
    if sign not in ("=", "!="):
        raise CannotCheckError(
            f"--where: {sign} compares numbers, got {value!r} and {str(cell)!r}; write = or !="
        )
    return (str(cell).lower() == value.lower()) == (sign == "=")


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _cell(column: str, value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if column == "time" and isinstance(value, float):
        return duration(value)
    if column == "score" and isinstance(value, float):
        return number(value)
    told = safe(str(value))
    is_long = len(told) > _LONGEST and column not in _FIXED
    return f"{told[:_END]}...{told[-_END:]}" if is_long else told


def _short(name: str, among: Sequence[str]) -> str:
    """The end of a setting's name, where that is no other's and no column's."""
    end = name.rpartition(".")[2]
    return (
        end
        if end not in _FIXED and sum(each.rpartition(".")[2] == end for each in among) == 1
        else name
    )


def safe(text: str) -> str:
    """On one line, and nothing that a terminal obeys."""
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()


def _columns_of(text: str) -> int:
    """In a terminal, where some characters take two and some none."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def _wide(cells: Sequence[str]) -> int:
    return max(map(_columns_of, cells))


def _aligned(cells: Sequence[str]) -> list[str]:
    """Numbers to the right, words to the left."""
    width = _wide(cells)
    is_numbers = cells[0] != "run" and all(_NUMBER.match(each) for each in cells[1:])
    space = [" " * (width - _columns_of(each)) for each in cells]
    return [
        f"{gap}{each}" if is_numbers else f"{each}{gap}"
        for gap, each in zip(space, cells, strict=True)
    ]
