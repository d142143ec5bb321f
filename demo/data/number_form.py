"""Numbers as people write them: with a unit, signs between thousands, or a decimal comma."""

import re
from dataclasses import dataclass
from typing import Final, final

import pandas as pd
from pandas.api.types import is_numeric_dtype

_CURRENCY = (
    r"(?:US\$|[$€£¥₹₩₺₽]|AUD|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HUF|INR|JPY|KRW|NOK|NZD|PLN|SEK|USD)"
)
_MEASURE = (
    r"(?:%|‰|°[CF]?|k?g|mg|lbs?|oz|[kcm]?m|ft|mi|km/h|mph|m?l|m?s|min|h|[kM]?Wh?|[kMGT]B|[kM]?Hz)"
)
_MINUS: Final = "\u2212"
"""The sign that is longer than a hyphen."""
_SPACES: Final = " \u00a0\u202f'\u2019"
"""What stands between thousands in some countries; a comma or a dot in others."""
_WORD: Final = re.compile(
    rf"(?P<open>\(?)(?P<sign>[+{_MINUS}-]?)(?P<before>(?:{_CURRENCY}\s?)?)(?P<inner>[+{_MINUS}-]?)"
    rf"(?P<number>[\d.,](?:[\d.,{_SPACES}]*[\d.,])?)"
    rf"(?P<after>(?:\s?(?:{_CURRENCY}|{_MEASURE}))?)(?P<close>\)?)"
)
_BRACKETS: Final = "()"
_ENOUGH = 5


@final
@dataclass(frozen=True, kw_only=True)
class NumberForm:
    """How all numbers of a column are written, so that others can be written like them."""

    before: str
    """A currency, or nothing."""
    after: str
    """A currency, a percent sign or another measure, or nothing."""
    between: str
    """The sign between thousands, or nothing."""
    mark: str
    """Before the decimals: a dot, or a comma."""
    n_decimals: int
    """The most that a number has."""
    is_padded: bool
    """Whether every number has so many."""
    minus: str
    """Of numbers below 0: one of two signs, or `()` around them, as accountants write."""
    sign_is_inside: bool
    """`$-5`, not `-$5`."""

    @property
    def about(self) -> str:
        """In words, for whoever wonders what became of the column."""
        unit = (self.before + self.after).strip()
        parts = [f"in {unit}"] if unit else []
        if self.mark == "," and self.n_decimals:
            parts.append("with a decimal comma")
        elif self.between:
            signs = {",": "commas", ".": "dots", "'": "apostrophes", "\u2019": "apostrophes"}
            parts.append(f"with {signs.get(self.between, 'spaces')} between thousands")
        if self.minus == _BRACKETS:
            parts.append("in brackets where they are below 0")
        return " ".join(["numbers", *parts])

    def plain(self, word: str) -> str:
        """The number as Python reads it."""
        found = _WORD.fullmatch(word)
        if found is None:
            return word
        number = found["number"].replace(self.between, "") if self.between else found["number"]
        sign = "-" if found["open"] else (found["sign"] + found["inner"]).replace(_MINUS, "-")
        return sign + number.replace(self.mark, ".")

    def written(self, values: pd.Series) -> pd.Series:
        """The numbers as texts, missing ones missing; anything but numbers as it is."""
        if not is_numeric_dtype(values):
            return values
        return values.astype(object).map(self._word, na_action="ignore")

    def _word(self, value: float) -> str:
        digits = f"{abs(value):{',' * bool(self.between)}.{self.n_decimals}f}"
        if not self.is_padded and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
        is_below = value < 0 and bool(digits.strip("0.,"))
        whole, dot, decimals = digits.partition(".")
        digits = whole.replace(",", self.between) + dot.replace(".", self.mark) + decimals
        if is_below and self.minus == _BRACKETS:
            return f"({self.before}{digits}{self.after})"
        sign = self.minus if is_below else ""
        outside, inside = ("", sign) if self.sign_is_inside else (sign, "")
        return f"{outside}{self.before}{inside}{digits}{self.after}"


def form_of(words: list[str], *, comma_may_be_decimal: bool) -> NumberForm | None:
    """The form that all the distinct `words` have; None where they have none in common, or are plain
    numbers.
    """
    found = _matches(words)
    units = {(match["before"], match["after"]) for match in found}
    minus = _minus(found)
    if len(units) != 1 or minus is None:
        return None
    [(before, after)] = units
    numbers = [match["number"] for match in found]
    # 1,133 may be either: $1,133 is written where commas stand between thousands
    style = _style(numbers, prefers_comma=comma_may_be_decimal and not before)
    if style is None:
        return None
    between, mark = style
    between = between if any(between in each for each in numbers) else ""
    if not (before or after or mark == "," or between or minus != "-"):
        return None
    decimals = {len(each.partition(mark)[2]) for each in numbers}
    return NumberForm(
        before=before,
        after=after,
        between=between,
        mark=mark,
        n_decimals=max(decimals),
        is_padded=len(decimals) == 1,
        minus=minus,
        sign_is_inside=bool(before) and any(match["inner"] for match in found),
    )


def units_of(words: list[str]) -> list[str]:
    """The different units of `words` that are all numbers, as they stand; "none" of one without."""
    units = {(match["before"] + match["after"]).strip() or "none" for match in _matches(words)}
    return sorted(units)


def _matches(words: list[str]) -> list[re.Match[str]]:
    """Of all `words`; none where one is no number."""
    found = [match for word in words if (match := _WORD.fullmatch(word))]
    return found if len(found) == len(words) else []


def _minus(found: list[re.Match[str]]) -> str | None:
    """How all numbers below 0 are written; None where they differ, or one has two signs."""
    if any(
        (match["open"] != "") != (match["close"] != "")
        or len(match["open"] + match["sign"] + match["inner"]) > 1
        for match in found
    ):
        return None
    signs = {match["sign"] + match["inner"] or match["open"] for match in found} - {"", "+"}
    if signs == {"("} and not all(match["open"] for match in found):
        return _BRACKETS
    return {"": "-", "-": "-", _MINUS: _MINUS}.get("".join(signs))


def _style(numbers: list[str], *, prefers_comma: bool) -> tuple[str, str] | None:
    """What stands between thousands and before decimals in all `numbers`."""
    spaces = {sign for each in numbers for sign in each if sign in _SPACES}
    marks = {sign for sign in ",." if any(sign in each for each in numbers)}
    if spaces:
        styles = [(sign, "," if "," in marks else ".") for sign in spaces]
    elif marks == {"."} and prefers_comma and _are_apart(numbers, "."):
        styles = [(".", ",")]
    elif prefers_comma and "," in marks and not (marks == {","} and _are_apart(numbers, ",")):
        styles = [(".", ","), (",", ".")]
    else:
        styles = [(",", "."), (".", ",")] if "," in marks else [(",", ".")]
    return next((style for style in styles if _are_all(numbers, *style)), None)


def _are_apart(numbers: list[str], sign: str) -> bool:
    """Whether `sign` can be between thousands alone: 1,133 beside 531 and never 1,1. Before decimals
    it would not always have three digits after it, or none; so would a dot by chance, in few numbers.
    """
    n_with = sum(sign in each for each in numbers)
    most = "," if sign == "." else "."
    return (_ENOUGH if sign == "." else 1) <= n_with < len(numbers) and _are_all(
        numbers, sign, most
    )


def _are_all(numbers: list[str], between: str, mark: str) -> bool:
    between, mark = re.escape(between), re.escape(mark)
    pattern = re.compile(rf"(0|[1-9]\d*|[1-9]\d{{0,2}}({between}\d{{3}})+)({mark}\d*)?|{mark}\d+")
    return all(pattern.fullmatch(each) for each in numbers)
