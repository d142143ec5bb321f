"""Days and times as people write them, to times."""

import re
import shlex
from calendar import monthrange
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

Found: TypeAlias = tuple[Callable[[pd.Series], pd.Series], str]
"""How to read a column of words, and what is to be told of it."""

_TIME = (
    r"(?:(?:,? |T)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d{1,9})?))?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?")
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<sign>[/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})" + _TIME
)
_TWO_FIRST = (
    r"(?P<{}>\d{{1,2}})(?P<sign>[/.])(?P<{}>\d{{1,2}})(?P=sign)(?P<year>\d{{4}}|(?<=/)\d\d)"
)
_DAY_FIRST = re.compile(_TWO_FIRST.format("day", "month") + _TIME)
_MONTH_FIRST = re.compile(_TWO_FIRST.format("month", "day") + _TIME)
_NAMED: Final = (
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ /-](?P<day>\d{1,2}),?[ /-](?P<year>\d{4})" + _TIME),
    re.compile(r"(?P<day>\d{1,2})\.?[ /-](?P<name>[A-Za-z]{3,9})\.?,?[ /-](?P<year>\d{4})" + _TIME),
)
_DIGITS = re.compile(r"(?P<year>1[89]\d\d|20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)")
_ENOUGH = 5  # distinct numbers that are days of a month are no numbers by chance
_PATTERNS: Final = (_ISO, _YEAR_FIRST, _DAY_FIRST, *_NAMED)
_PIVOT = 30  # years of two digits are 1930 to 2029, as in spreadsheets
_SLIPS = 0.05
"""Of the distinct words of a column: so many that are no dates may be slips."""
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_LAST_MONTH = 12


def dates(words: list[str]) -> Found | None:
    """The way in which all the distinct `words` are dates, or the ways in which each is; None where
    some are not, some have a zone and others have none, or one is no day of any month.
    """
    found = _of_one_form(words)
    return _of_many_forms(words) if found is None else found


def nearly_dates(words: list[str]) -> str:
    """Why distinct words that look like dates are not read as such; empty where few look so."""
    found = [match for word in words if (match := _match(word))]
    n_most = max(1, int(_SLIPS * len(words)))
    if len(found) < max(_ENOUGH, len(words) - n_most):
        return ""
    if len({match.groupdict().get("zone") is None for match in found}) > 1:
        return "taken as text, for some of its times have a zone and others have none; give all one"
    known = {match.string for match in found if _is_day(match)}
    others = [word for word in words if word not in known]
    if not others or len(others) > n_most:
        return ""
    shown, named = ", ".join(map(repr, others[:3])), shlex.quote(others[0])
    return f"taken as text, for {shown} is no date; --na {named} makes it missing"


def dates_of_digits(words: list[str]) -> Found | None:
    """As `dates`, of days that are written as whole numbers: 20201231."""
    if len(words) < _ENOUGH or not _all(_DIGITS, words):
        return None
    return _if_all(words, partial(_read, _DIGITS), f"dates of 8 digits, {words[0]!r}")


def _of_one_form(words: list[str]) -> Found | None:
    if _all(_ISO, words):
        return _iso(words)
    if _all(_YEAR_FIRST, words):
        return _if_all(words, partial(_read, _YEAR_FIRST), "")
    if _all(_DAY_FIRST, words):
        return _day_or_month_first(words)
    named = next((pattern for pattern in _NAMED if _all(pattern, words)), None)
    return None if named is None else _if_all(words, partial(_read, named), "")


def _of_many_forms(words: list[str]) -> Found | None:
    """Each form by itself: what it takes to tell days from months is in the words that have it."""
    forms: dict[tuple[str, str], list[str]] = {}
    for word in words:
        match = _match(word)
        if match is None or match.groupdict().get("zone"):
            return None
        sign = match.groupdict().get("sign") or ""
        forms.setdefault((match.re.pattern, sign), []).append(word)
    times: dict[str, pd.Timestamp] = {}
    told: list[str] = []
    for alike in forms.values():
        found = _of_one_form(alike)
        if found is None:
            return None
        read, about = found
        times.update(zip(alike, read(pd.Series(alike)).tolist(), strict=True))
        told += [f"{alike[0]!r} ({about})" if about else repr(alike[0])]
    return _if_all(
        words,
        lambda column: pd.to_datetime(column.map(times, na_action="ignore")),
        f"dates of {len(forms)} forms, written as one: {', '.join(told)}",
    )


def _match(word: str) -> re.Match[str] | None:
    return next((found for each in _PATTERNS if (found := each.fullmatch(word))), None)


def _is_day(match: re.Match[str]) -> bool:
    """Of some month, read in some way."""
    if match.re is _ISO:
        parts = match.string[:10].split("-")
        return _is_of_month(parts[0], int(parts[1]), int(parts[2]))
    found = match.groupdict()
    year, day = _year(found["year"]), int(found["day"])
    month = int(found["month"]) if "month" in found else _month(found["name"])
    return _is_of_month(year, month, day) or (
        match.re is _DAY_FIRST and _is_of_month(year, day, month)
    )


def _is_of_month(year: str, month: int, day: int) -> bool:
    return 1 <= month <= _LAST_MONTH and 1 <= day <= monthrange(max(1, int(year)), month)[1]


def _all(pattern: re.Pattern[str], words: list[str]) -> bool:
    return all(pattern.fullmatch(word) for word in words)


def _iso(words: list[str]) -> Found | None:
    zones = {match["zone"] for word in words if (match := _ISO.fullmatch(word))}
    if len(zones) > 1 and None in zones:
        return None
    is_mixed = len(zones) > 1
    return _if_all(
        words,
        partial(_times, utc=is_mixed) if None not in zones else _times,
        "times of several zones, as UTC" if is_mixed else "",
    )


def _day_or_month_first(words: list[str]) -> Found | None:
    """Days and months in the order in which all are possible; where both are, with `/` the month
    comes first, with `.` the day.
    """
    matches = [match for word in words if (match := _DAY_FIRST.fullmatch(word))]
    signs = {match["sign"] for match in matches}
    if len(signs) > 1:
        return None
    first = max(int(match["day"]) for match in matches)
    second = max(int(match["month"]) for match in matches)
    is_open = max(first, second) <= _LAST_MONTH
    day_first = signs == {"."} if is_open else first > _LAST_MONTH
    told = f"dates, {'day' if day_first else 'month'} first" + (
        ", though the other way is possible too" if is_open else ""
    )
    if any(len(match["year"]) == 2 for match in matches):
        told += f", years of two digits from 19{_PIVOT} to 20{_PIVOT - 1}"
    return _if_all(words, partial(_read, _DAY_FIRST if day_first else _MONTH_FIRST), told)


def _if_all(words: list[str], read: Callable[[pd.Series], pd.Series], told: str) -> Found | None:
    try:
        read(pd.Series(words))
    except ValueError:
        return None
    return read, told


def _read(pattern: re.Pattern[str], words: pd.Series) -> pd.Series:
    as_iso = words.map(partial(_as_iso, pattern), na_action="ignore")
    return _times(as_iso)


def _times(words: pd.Series, *, utc: bool | None = None) -> pd.Series:
    """In nanoseconds; where a year is beyond those, as 9999 for never, in microseconds. `utc` is None
    where there are no zones.
    """
    try:
        return pd.to_datetime(words, format="ISO8601", utc=bool(utc))
    except pd.errors.OutOfBoundsDatetime:
        if utc is not None:
            raise
        times = np.array(words.fillna("NaT").tolist(), dtype="M8[us]")
        return pd.Series(times, index=words.index, name=words.name)


def _as_iso(pattern: re.Pattern[str], word: str) -> str:
    """What no pattern is of stays, and is no date."""
    match = pattern.fullmatch(word)
    if match is None:
        return word
    found = match.groupdict()
    month = found["month"] if "month" in found else _month(str(found["name"]))
    day = f"{_year(str(found['year']))}-{int(month or 0):02}-{int(found['day'] or 0):02}"
    if found.get("hour") is None:
        return day
    hour, half = int(found["hour"] or 0), found["half"]
    if half is not None:
        hour = (hour % 12 + 12 * (half in "Pp")) if 1 <= hour <= 12 else 99  # which is no hour
    return f"{day}T{hour:02}:{found['minute']}:{found['second'] or '00'}"


def _year(digits: str) -> str:
    return digits if len(digits) > 2 else f"{19 + (int(digits) < _PIVOT)}{digits}"


def _month(name: str) -> int:
    """0 for what is no name of a month."""
    return next(
        (at for at, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower())), 0
    )
