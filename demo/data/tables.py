"""A table of the user's own."""

import math
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import pandas as pd


class FeatureTable(NamedTuple):
    """A table with the names of its continuous and of its categorical columns."""

    table: pd.DataFrame
    cts_features: tuple[str, ...]
    cat_features: tuple[str, ...]


class TableError(ValueError):
    """A table that cannot be used as it is; the message names every problem."""


def load_csv(path: Path, cts_features: Sequence[str], cat_features: Sequence[str]) -> pd.DataFrame:
    """The named columns of a CSV file with a header line, in the file's order.

    Raises TableError when the file is missing or empty, or a named column is not in it, has
    missing values or, if continuous, values that are no numbers.
    """
    if not path.is_file():
        raise TableError(
            f"the table must be a CSV file, got {path}, which is no file; check the path"
        )
    try:
        table = pd.read_csv(path)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise TableError(f"{path} must be a CSV file with a header line: {error}") from error
    problems = _column_problems(table, cts_features, cat_features)
    if not len(table):
        problems.append("it must have at least 1 row, got 0")
    if problems:
        raise TableError(f"{path} cannot be used: " + "; ".join(problems))
    used = {*cts_features, *cat_features}
    return table[[column for column in table.columns if column in used]]


def _column_problems(
    table: pd.DataFrame, cts_features: Sequence[str], cat_features: Sequence[str]
) -> list[str]:
    problems: list[str] = []
    for feature in (*cts_features, *cat_features):
        if feature not in table.columns:
            nearest = get_close_matches(feature, table.columns, n=1, cutoff=0.0)
            hint = f"; the nearest name is {nearest[0]!r}" if nearest else ""
            problems.append(f"it must have a column {feature!r}, got none{hint}")
            continue
        column = table[feature]
        missing = int((column.isna() | column.isin([math.inf, -math.inf])).sum())
        if missing:
            problems.append(
                f"column {feature!r} must have no missing or infinite values, got {missing} of {len(table)}, "
                "fill them or drop their rows"
            )
        if feature in cts_features:
            values = table[feature].dropna().tolist()
            words = [value for value in values if isinstance(value, str) and not _is_number(value)]
            problems.extend(
                f"column {feature!r} must have numbers, got {word!r}, "
                "correct it or make the column categorical"
                for word in words[:1]
            )
    return problems


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
