"""The cells of a column, as they are written, to values of the type that all of them have."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import pandas as pd

from demo.data.dates import Found, dates, dates_of_digits

MISSING_WORDS = frozenset(
    ["na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "--", ".", "<na>", "nat", "missing"]
)
"""In small letters: what stands for no value where all others are numbers or dates."""

_WHOLE = re.compile(r"[+-]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?inf")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(0|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d*),\d+")
_NOTHING = re.compile(r"(?!)")
_FEW = 0.05
"""Of the distinct values of a column: so many that are no numbers may be slips."""
_SOME = 5


@final
@dataclass(frozen=True, kw_only=True)
class TypedColumn:
    """A column of values; `told` says what was decided about them, if anything was."""

    data: pd.Series
    told: str = ""


def typed(cells: pd.Series, *, na: Sequence[str], comma_may_be_decimal: bool) -> TypedColumn:
    """The column `cells` of text: whole numbers, numbers, booleans, dates, or the text itself.

    Numbers and dates must all be such; where all others are, words such as `NA` are missing ones.
    """
    words = cells.str.strip()
    missing = (words == "") | words.isin(list(na))
    distinct = words[~missing].drop_duplicates().tolist()
    aside = [word for word in distinct if word.lower() in MISSING_WORDS]
    present = [word for word in distinct if word.lower() not in MISSING_WORDS]
    if not present:
        aside = []
    found = _found(present, comma_may_be_decimal=comma_may_be_decimal) if present else None
    if found is None:
        told = _nearly(present) or _words(aside)
        return TypedColumn(data=cells.mask(missing, None).astype(object), told=told)
    read, told = found
    values = read(words.mask(missing | words.isin(aside), None))
    if aside:
        shown = ", ".join(map(repr, aside))
        told = "; ".join(filter(None, [told, f"{shown} is taken as missing"]))
    return TypedColumn(data=values, told=told)


def is_number(word: str) -> bool:
    """Whether it is written like one."""
    return _NUMBER.fullmatch(word) is not None


def _found(words: list[str], *, comma_may_be_decimal: bool) -> Found | None:
    """How to read a column of these distinct words, and what is to be told; None: as text."""
    if (found := _number_of(words, comma_may_be_decimal=comma_may_be_decimal)) is not None:
        return found
    if {word.lower() for word in words} == {"true", "false"}:
        return _booleans, ""
    return dates(words)


def _number_of(words: list[str], *, comma_may_be_decimal: bool) -> Found | None:
    if _all(_WHOLE, words):
        return dates_of_digits(words) or (_whole, "")
    if _all(_NUMBER, words):
        return _numbers, ""
    example = next((word for word in words if "," in word), "")
    if comma_may_be_decimal and _all(_DECIMAL_COMMA, words, or_all=_WHOLE):
        return _decimal_comma, f"numbers with a decimal comma, {example!r}"
    if _all(_THOUSANDS, words, or_all=_NUMBER):
        return _thousands, f"numbers with commas between thousands, {example!r}"
    return None


def _all(pattern: re.Pattern[str], words: list[str], *, or_all: re.Pattern[str] = _NOTHING) -> bool:
    return all(pattern.fullmatch(word) or or_all.fullmatch(word) for word in words)


def _whole(words: pd.Series) -> pd.Series:
    """int64, Int64 where some are missing; beyond 64 bits the numbers stay text."""
    present = words.dropna()
    try:
        numbers = np.array([int(word) for word in present.tolist()], dtype=np.int64)
    except OverflowError:
        return words.astype(object)
    if len(present) == len(words):
        return pd.Series(numbers, index=words.index, name=words.name)
    column = pd.Series(pd.NA, index=words.index, name=words.name, dtype="Int64")
    column[words.notna().to_numpy()] = numbers
    return column


def _numbers(words: pd.Series) -> pd.Series:
    return words.astype(float)


def _thousands(words: pd.Series) -> pd.Series:
    plain = words.str.replace(",", "", regex=False)
    is_whole = not plain.str.contains(".", regex=False).any()
    return _whole(plain) if is_whole else _numbers(plain)


def _decimal_comma(words: pd.Series) -> pd.Series:
    return _numbers(words.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))


def _booleans(words: pd.Series) -> pd.Series:
    values = words.str.lower().map({"true": True, "false": False})
    return values.astype("boolean" if words.isna().any() else bool)


def _words(aside: list[str]) -> str:
    """Told of a text column in which some are what elsewhere stands for no value."""
    if not aside:
        return ""
    shown, named = ", ".join(map(repr, aside)), " ".join(map(shlex.quote, aside))
    return f"{shown} is a word there, as any other; --na {named} makes it missing"


def _nearly(words: list[str]) -> str:
    """Told of a text column of which nearly all are numbers: the others may be meant as missing."""
    others = [word for word in words if not _NUMBER.fullmatch(word)]
    if not others or len(others) > max(1, _FEW * len(words)) or len(words) - len(others) < _SOME:
        return ""
    shown = ", ".join(map(repr, others[:3]))
    return f"taken as text, for {shown} is no number; --na {others[0]} makes it missing"
