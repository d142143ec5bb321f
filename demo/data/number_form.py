"""Numbers as people write them: with a unit, commas between thousands, or a decimal comma."""

import re
from dataclasses import dataclass
from typing import Final, final

import pandas as pd
from pandas.api.types import is_numeric_dtype

_CURRENCY = (
    r"(?:US\$|[$€£¥₹₩₺₽]|AUD|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HUF|INR|JPY|KRW|NOK|NZD|PLN|SEK|USD)"
)
_WORD: Final = re.compile(
    rf"(?P<sign>[+-]?)(?P<before>(?:{_CURRENCY}\s?)?)(?P<inner>[+-]?)(?P<number>[\d.,]+)"
    rf"(?P<after>(?:\s?(?:{_CURRENCY}|%|‰))?)"
)
_PLAIN: Final = re.compile(r"(0|[1-9]\d*)(\.\d*)?|\.\d+")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_COMMA: Final = re.compile(r"(0|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d*),\d+")
_WHOLE: Final = re.compile(r"0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+")


@final
@dataclass(frozen=True, kw_only=True)
class NumberForm:
    """How all numbers of a column are written, so that others can be written like them."""

    before: str
    """A currency, or nothing."""
    after: str
    """A currency, a percent sign, or nothing."""
    has_thousands: bool
    has_decimal_comma: bool
    n_decimals: int
    """The most that a number has."""
    is_padded: bool
    """Whether every number has so many."""
    sign_is_inside: bool
    """`$-5`, not `-$5`."""

    @property
    def about(self) -> str:
        """In words, for whoever wonders what became of the column."""
        unit = (self.before + self.after).strip()
        parts = [f"in {unit}"] if unit else []
        if self.has_decimal_comma:
            parts.append("with a decimal comma")
        elif self.has_thousands:
            parts.append("with commas between thousands")
        return f"numbers {' '.join(parts)}"

    def plain(self, word: str) -> str:
        """The number as Python reads it."""
        found = _WORD.fullmatch(word)
        if found is None:
            return word
        number = found["number"].replace("." if self.has_decimal_comma else ",", "")
        return found["sign"] + found["inner"] + number.replace(",", ".")

    def written(self, values: pd.Series) -> pd.Series:
        """The numbers as texts, missing ones missing; anything but numbers as it is."""
        if not is_numeric_dtype(values):
            return values
        return values.astype(object).map(self._word, na_action="ignore")

    def _word(self, value: float) -> str:
        digits = f"{abs(value):{',' * self.has_thousands}.{self.n_decimals}f}"
        if not self.is_padded and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        sign = "-" if value < 0 and digits.strip("0.,") else ""
        if self.has_decimal_comma:
            digits = digits.translate(str.maketrans(",.", ".,"))
        outside, inside = ("", sign) if self.sign_is_inside else (sign, "")
        return f"{outside}{self.before}{inside}{digits}{self.after}"


def form_of(words: list[str], *, comma_may_be_decimal: bool) -> NumberForm | None:
    """The form that all the distinct `words` have; None where they have none in common, or are plain
    numbers.
    """
    found = [match for word in words if (match := _WORD.fullmatch(word))]
    if not found or len(found) < len(words):
        return None
    units = {(match["before"], match["after"]) for match in found}
    if len(units) > 1 or any(match["sign"] and match["inner"] for match in found):
        return None
    [(before, after)] = units
    numbers = [match["number"] for match in found]
    is_plain = _all_one_of(numbers, _PLAIN, _THOUSANDS)
    # 1,133 may be either: $1,133 is written where commas stand between thousands
    prefers_comma = comma_may_be_decimal and not before
    has_comma = _all_one_of(numbers, _COMMA, _WHOLE) and (prefers_comma or not is_plain)
    has_comma = has_comma and any("," in each for each in numbers)
    if not (has_comma or is_plain):
        return None
    mark, between = (",", ".") if has_comma else (".", ",")
    has_thousands = any(between in each for each in numbers)
    if not (before or after or has_comma or has_thousands):
        return None
    decimals = {len(each.partition(mark)[2]) for each in numbers}
    return NumberForm(
        before=before,
        after=after,
        has_thousands=has_thousands,
        has_decimal_comma=has_comma,
        n_decimals=max(decimals),
        is_padded=len(decimals) == 1,
        sign_is_inside=bool(before) and any(match["inner"] for match in found),
    )


def units_of(words: list[str]) -> list[str]:
    """The different units of `words` that are all numbers, as they stand; "none" of one without."""
    found = [match for word in words if (match := _WORD.fullmatch(word))]
    if len(found) < len(words):
        return []
    units = {(match["before"] + match["after"]).strip() or "none" for match in found}
    return sorted(units)


def _all_one_of(numbers: list[str], *patterns: re.Pattern[str]) -> bool:
    return all(any(pattern.fullmatch(each) for pattern in patterns) for each in numbers)
