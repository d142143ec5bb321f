"""The cells of a column, as they are written, to values of the type that all of them have."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
import pandas as pd

from demo.data.clock_form import ClockForm, clock_form_of
from demo.data.dates import Found, dates, dates_of_digits, nearly_dates
from demo.data.number_form import NumberForm, form_of, units_of

Form: TypeAlias = NumberForm | ClockForm

MISSING_WORDS = frozenset(
    ["na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "--", ".", "<na>", "nat", "missing"]
)
"""In small letters: what stands for no value where all others are numbers or dates."""

_WHOLE = re.compile(r"[+-]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?inf")
_FEW = 0.05
"""Of the distinct values of a column: so many that are no numbers may be slips."""
_SOME = 5


@final
@dataclass(frozen=True, kw_only=True)
class TypedColumn:
    """A column of values; `told` says what was decided about them, if anything was, and `form` how
    numbers are written that are not plain ones.
    """

    data: pd.Series
    told: str = ""
    form: Form | None = None


def typed(cells: pd.Series, *, na: Sequence[str], comma_may_be_decimal: bool) -> TypedColumn:
    """The column `cells` of text: whole numbers, numbers, booleans, dates, or the text itself.

    Numbers and dates must all be such, and numbers all of one unit; where all others are, words such
    as `NA` are missing ones.
    """
    words = cells.str.strip()
    missing = (words == "") | words.isin(list(na))
    distinct = words[~missing].drop_duplicates().tolist()
    aside = [word for word in distinct if word.lower() in MISSING_WORDS]
    present = [word for word in distinct if word.lower() not in MISSING_WORDS]
    if not present:
        aside = []
    form = form_of(present, comma_may_be_decimal=comma_may_be_decimal) or clock_form_of(present)
    found = _found(present) if form is None else _in_form(form, present)
    if found is None:
        told = _nearly(present) or nearly_dates(present) or _units(present) or _words(aside)
        return TypedColumn(data=cells.mask(missing, None).astype(object), told=told)
    read, told = found
    values = read(words.mask(missing | words.isin(aside), None))
    if aside:
        shown = ", ".join(map(repr, aside))
        told = "; ".join(filter(None, [told, f"{shown} is taken as missing"]))
    return TypedColumn(data=values, told=told, form=form)


def is_number(word: str) -> bool:
    """Whether it is written like one."""
    return _NUMBER.fullmatch(word) is not None


def _found(words: list[str]) -> Found | None:
    """How to read a column of these distinct words, and what is to be told; None: as text."""
    if not words:
        return None
    if _all(_WHOLE, words):
        return dates_of_digits(words) or (_whole, "")
    if _all(_NUMBER, words):
        return _numbers, ""
    if {word.lower() for word in words} == {"true", "false"}:
        return _booleans, ""
    return dates(words)


def _in_form(form: Form, words: list[str]) -> Found:
    plain = [form.plain(word) for word in words]
    is_whole = _all(_WHOLE, plain) and all(abs(int(word)) < 2**63 for word in plain)
    read = _whole if is_whole else _numbers
    example = max(words, key=len)
    return lambda column: read(
        column.map(form.plain, na_action="ignore")
    ), f"{form.about}, {example!r}"


def _all(pattern: re.Pattern[str], words: list[str]) -> bool:
    return all(pattern.fullmatch(word) for word in words)


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


def _booleans(words: pd.Series) -> pd.Series:
    values = words.str.lower().map({"true": True, "false": False})
    return values.astype("boolean" if words.isna().any() else bool)


def _words(aside: list[str]) -> str:
    """Told of a text column in which some are what elsewhere stands for no value."""
    if not aside:
        return ""
    shown, named = ", ".join(map(repr, aside)), " ".join(map(shlex.quote, aside))
    return f"{shown} is a word there, as any other; --na {named} makes it missing"


def _units(words: list[str]) -> str:
    """Told of a text column of numbers of which some have another unit, or none."""
    units = units_of(words)
    if len(units) < 2:
        return ""
    shown = ", ".join(map(repr, units))
    return f"taken as text, for its numbers have different units: {shown}; write all in one"


def _nearly(words: list[str]) -> str:
    """Told of a text column of which nearly all are numbers: the others may be meant as missing."""
    others = [word for word in words if not _NUMBER.fullmatch(word)]
    if not others or len(others) > max(1, _FEW * len(words)) or len(words) - len(others) < _SOME:
        return ""
    shown = ", ".join(map(repr, others[:3]))
    named = shlex.quote(others[0])
    return f"taken as text, for {shown} is no number; --na {named} makes it missing"
