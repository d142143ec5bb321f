"""New values that look like those of a column: texts of the same pattern, whole numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.internal.arguments import refuse

_N_TEMPLATES = 10_000  # texts whose patterns are kept, fewer of long ones
_N_CHARACTERS = 2_000_000
_DRAWN_ROWS = 8192  # at once: a text of any length is drawn as a row of characters
_SPARSE = 4  # a range so many times larger than what is in it is drawn from, else continued
_ALL = (digits, ascii_lowercase, ascii_uppercase)


@final
@dataclass(frozen=True, kw_only=True)
class TextPattern:
    """Texts in which digits stay digits, letters letters, and any other character itself.

    Texts of one length have the characters that the column has at that place, so that a prefix, the
    dashes and the version of a UUID stay; others have the characters of their kind that the column
    has. Where that gives too few texts, places of digits take every digit, then those of letters
    every letter; then the texts grow by digits.
    """

    alphabets: tuple[str, ...]
    """Which characters a place can have; one, if it stays. The first is of no character."""
    templates: NDArray[np.int32]
    """`[templates, characters]`: the alphabet of each place, 0 beyond the end."""

    @classmethod
    def fit(cls, values: Sequence[str]) -> Self:
        """Of the distinct `values`; at least one."""
        length = max(map(len, values))
        n_kept = max(100, min(_N_TEMPLATES, _N_CHARACTERS // max(length, 1)))
        some = values[:: 1 + (len(values) - 1) // n_kept]
        if len(set(map(len, values))) == 1:
            places = ["".join(sorted(set(place))) for place in zip(*some, strict=True)]
            return cls(alphabets=("\0", *places), templates=_row(range(1, len(places) + 1) or [0]))
        seen = sorted(set("".join(some)))
        groups: dict[str, str] = {}
        for character in seen:
            group = _group(character)
            groups[group] = groups.get(group, "") + character
        number = {group: place for place, group in enumerate(groups, start=1)}
        of = {character: number[_group(character)] for character in seen}
        templates = np.zeros((len(some), length), np.int32)
        for row, text in zip(templates, some, strict=True):
            row[: len(text)] = [of[character] for character in text]
        return cls(alphabets=("\0", *groups.values()), templates=templates)

    def draw(self, rng: np.random.Generator, n_rows: int, *, widening: int) -> NDArray[np.object_]:
        """Texts, some of them maybe the same; more of them are possible the larger `widening`."""
        more = _ALL[: (0, 1, 3)[min(widening, 2)]]
        alphabets = [_widened(each, more) for each in self.alphabets]
        templates = self.templates
        if widening > 2:
            alphabets = [*alphabets, digits]
            templates = np.array(
                [_longer(row, len(self.alphabets), widening - 2) for row in templates]
            )
        sizes = np.array([len(each) for each in alphabets])
        starts = np.cumsum(sizes) - sizes
        characters = np.array([ord(each) for each in "".join(alphabets)], np.uint32)
        width = templates.shape[1]
        drawn = np.empty(n_rows, object)
        for start in range(0, n_rows, _DRAWN_ROWS):
            stop = min(start + _DRAWN_ROWS, n_rows)
            of = templates[rng.integers(len(templates), size=stop - start)]
            places = starts[of] + (rng.random(of.shape) * sizes[of]).astype(np.int64)
            drawn[start:stop] = characters[places].view(f"U{width}")[:, 0]
        return drawn


@final
@dataclass(frozen=True, kw_only=True)
class NumberPattern:
    """Whole numbers from the range of the column, where most of it is free; else those after it."""

    least: int
    most: int
    n_known: int
    lowest: int
    """What the dtype can hold."""
    highest: int

    def draw(self, rng: np.random.Generator, n_rows: int, *, widening: int) -> NDArray[np.object_]:
        """Numbers, some of them maybe the same or known, unless `widening`.

        Raises ConfigurationError where the dtype has too few.
        """
        n_all = self.most - self.least + 1
        if not widening and n_all >= _SPARSE * (self.n_known + n_rows):
            return rng.integers(
                self.least, self.most, n_rows, endpoint=True, dtype=self._dtype
            ).astype(object)
        start = self.most + 1 if self.most + n_rows <= self.highest else self.least - n_rows
        if start < self.lowest:
            refuse(
                [
                    (
                        f"the dtype has fewer than {n_rows:,} numbers besides those of the training "
                        "table; generate fewer rows, or train with a wider dtype: .astype('int64')"
                    )
                ]
            )
        return np.arange(start, start + n_rows, dtype=self._dtype).astype(object)

    @property
    def _dtype(self) -> type[np.int64] | type[np.uint64]:
        return np.uint64 if self.highest >= 2**63 else np.int64


def fresh(
    pattern: TextPattern | NumberPattern,
    known: Collection[object],
    rng: np.random.Generator,
    n_rows: int,
) -> list[object]:
    """`n_rows` different values of the pattern, none of which is in `known`."""
    made: dict[object, None] = {}
    widening = 0
    while len(made) < n_rows:
        n_asked = n_rows - len(made)
        drawn: list[object] = pattern.draw(rng, n_asked, widening=widening).tolist()
        made.update(dict.fromkeys(each for each in drawn if each not in known))
        widening += 2 * (n_rows - len(made)) > n_asked  # more than half of them were in vain
    return [*made]


def _group(character: str) -> str:
    """Characters of one group take each other's place."""
    if character.isdigit():
        return "digit"
    if character.isalpha():
        return "lower" if character.islower() else "upper" if character.isupper() else "letter"
    return character


def _widened(alphabet: str, to: Sequence[str]) -> str:
    more = "".join(each for each in to if not set(each).isdisjoint(alphabet))
    return "".join(sorted({*alphabet, *more}))


def _row(alphabets: Sequence[int]) -> NDArray[np.int32]:
    return np.array([list(alphabets)], np.int32)


def _longer(row: NDArray[np.int32], alphabet: int, by: int) -> NDArray[np.int32]:
    length = int((row > 0).sum())
    longer = np.append(row, np.zeros(by, np.int32))
    longer[length : length + by] = alphabet
    return longer
