"""Times of day and durations as people write them, as numbers."""

import re
from dataclasses import dataclass
from typing import Final, final

import pandas as pd
from pandas.api.types import is_numeric_dtype

_WORD: Final = re.compile(r"(?P<first>\d{1,3}):(?P<second>[0-5]\d)(?P<third>:[0-5]\d)?")


@final
@dataclass(frozen=True, kw_only=True)
class ClockForm:
    """How all times of a column are written: `14:05`, `7:05`, `14:05:59`. The number is how many there
    are of the last part.
    """

    has_three: bool
    """Hours, minutes and seconds."""
    is_padded: bool
    """Whether hours, or minutes, below 10 begin with a zero."""

    @property
    def about(self) -> str:
        """In words, for whoever wonders what became of the column."""
        return f"times, as numbers of {'seconds' if self.has_three else 'the last part'}"

    def plain(self, word: str) -> str:
        """The number as Python reads it."""
        if _WORD.fullmatch(word) is None:
            return word
        number = 0
        for part in word.split(":"):
            number = 60 * number + int(part)
        return str(number)

    def written(self, values: pd.Series) -> pd.Series:
        """The numbers as times, missing ones missing; anything but numbers as it is."""
        if not is_numeric_dtype(values):
            return values
        return values.astype(object).map(self._word, na_action="ignore")

    def _word(self, value: float) -> str:
        number, last = divmod(round(value), 60)
        rest = f":{last:02}"
        if self.has_three:
            number, middle = divmod(number, 60)
            rest = f":{middle:02}{rest}"
        return f"{number:02}{rest}" if self.is_padded else f"{number}{rest}"


def clock_form_of(words: list[str]) -> ClockForm | None:
    """The form that all the distinct `words` have; None where they have none in common."""
    found = [match for word in words if (match := _WORD.fullmatch(word))]
    if not found or len(found) < len(words):
        return None
    has_three = all(match["third"] for match in found)
    is_padded = all(len(match["first"]) > 1 for match in found)
    form = ClockForm(has_three=has_three, is_padded=is_padded)
    values = pd.Series([int(form.plain(word)) for word in words])
    return form if form.written(values).tolist() == words else None  # some are padded, some not
