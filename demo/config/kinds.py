"""The kinds of values a configuration can hold, and what fits each."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeGuard, TypeVar, final

T = TypeVar("T")


class Misfit(Exception):  # noqa: N818 (never leaves demo.config: `Section` turns it into a problem)
    """A value that is not of the kind asked for."""


@final
@dataclass(frozen=True, kw_only=True)
class Kind(Generic[T]):
    """What a key's value must be: in words, and as a function that raises `Misfit`."""

    expected: str
    convert: Callable[[object], T]
    stand_in: T  # taken in place of a misfit, so that all problems are found before the error


def integer(*, least: int) -> Kind[int]:
    """A whole number of at least `least`."""

    def convert(value: object) -> int:
        if not _is_integer(value) or value < least:
            raise Misfit
        return value

    return Kind(expected=f"an integer of at least {least}", convert=convert, stand_in=least)


def optional_integer(*, least: int) -> Kind[int | None]:
    """A whole number of at least `least`, or null."""
    one = integer(least=least)

    def convert(value: object) -> int | None:
        return None if value is None else one.convert(value)

    return Kind(expected=f"{one.expected}, or null", convert=convert, stand_in=least)


def number(expected: str, fits: Callable[[float], bool]) -> Kind[float]:
    """A finite number that `fits`; `expected` says so in words."""

    def convert(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise Misfit
        if not math.isfinite(value) or not fits(value):
            raise Misfit
        return float(value)

    return Kind(expected=expected, convert=convert, stand_in=math.nan)


def flag() -> Kind[bool]:
    """True or false."""

    def convert(value: object) -> bool:
        if not isinstance(value, bool):
            raise Misfit
        return value

    return Kind(expected="true or false", convert=convert, stand_in=False)


def names() -> Kind[tuple[str, ...]]:
    """A list of different texts, none of them empty."""

    def convert(value: object) -> tuple[str, ...]:
        if not _is_list(value):
            raise Misfit
        found = tuple(item for item in value if isinstance(item, str) and item)
        if len(set(found)) != len(value):
            raise Misfit
        return found

    return Kind(expected="a list of different names", convert=convert, stand_in=())


def sizes() -> Kind[tuple[int, ...]]:
    """A list of one or more whole numbers of at least 1."""

    def convert(value: object) -> tuple[int, ...]:
        if not _is_list(value) or not value:
            raise Misfit
        return tuple(size.convert(item) for item in value)

    size = integer(least=1)
    expected = "a list of one or more integers of at least 1"
    return Kind(expected=expected, convert=convert, stand_in=())


def optional_path() -> Kind[Path | None]:
    """A path, or null."""

    def convert(value: object) -> Path | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise Misfit
        return Path(value)

    return Kind(expected="a path, or null", convert=convert, stand_in=None)


def one_of(names: Mapping[str, T]) -> Kind[T]:
    """One of `names`; the first stands in."""

    def convert(value: object) -> T:
        if not isinstance(value, str) or value not in names:
            raise Misfit
        return names[value]

    *others, last = (f'"{name}"' for name in names)
    expected = f"{', '.join(others)} or {last}"
    return Kind(expected=expected, convert=convert, stand_in=next(iter(names.values())))


def is_json_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value read from JSON is an object; its keys are always texts."""
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
