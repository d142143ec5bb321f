"""The shape language of jaxtyping (`"batch features"`), with names that several arrays share.

Read here and not by jaxtyping, which answers yes or no: a message has to say which dimension
differs and where its size came from.
Source of the grammar: https://docs.kidger.site/jaxtyping/api/array/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

from artifact_torch.internal.narrowing import is_tuple

Dimensions: TypeAlias = dict[str, tuple[object, str]]
"""What each name stands for, and where it was seen first. One dict shared by the checks of a
model's input and output makes `batch` mean the same in both."""


@final
@dataclass(frozen=True)
class Dimension:
    """One word of a shape. Without size, name and expression it may be anything."""

    size: int | None = None
    name: str = ""
    expression: str = ""
    variadic: bool = False
    broadcast: bool = False
    """Size 1 fits always."""

    def problem(self, size: object, where: str, known: Dimensions) -> str | None:
        """Why the size does not fit; a new name is entered in `known`."""
        if self.broadcast and size == 1:
            return None
        if self.name:
            expected, seen = known.setdefault(self.name, (size, where))
            if expected == size:
                return None
            return f"{self.name} is {_show(size)} here and {_show(expected)} in {seen}"
        if self.size is not None:
            return None if size == self.size else f"{_show(size)} instead of {self.size}"
        expected = _evaluate(self.expression, known) if self.expression else None
        if expected is None or expected == size:
            return None
        return f"{_show(size)} instead of {self.expression} = {expected}"


@final
class Shape:
    """A whole shape, read once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._dimensions = [_read(word) for word in text.split()]
        places = [i for i, dimension in enumerate(self._dimensions) if dimension.variadic]
        self._variadic = places[0] if places else None

    def problem(self, shape: Sequence[int], where: str, known: Dimensions) -> str | None:
        """Why `shape` does not fit, the first reason; `known` only learns from shapes that fit."""
        sizes = self._assign(shape)
        if sizes is None:
            least = len(self._dimensions) - (self._variadic is not None)
            more = "" if self._variadic is None else " or more"
            return f'"{self.text}" has {least}{more} dimensions, not {len(shape)}'
        before = len(known)
        for dimension, size in zip(self._dimensions, sizes, strict=True):
            problem = dimension.problem(size, where, known)
            if problem is not None:
                for name in [*known][before:]:
                    del known[name]
                return f'"{self.text}" is asked for: {problem}'
        return None

    def _assign(self, shape: Sequence[int]) -> Sequence[object] | None:
        """One size for each dimension; the sizes of a variadic one together."""
        free = len(shape) - len(self._dimensions)
        if self._variadic is None:
            return shape if free == 0 else None
        start, end = self._variadic, self._variadic + free + 1
        return [*shape[:start], tuple(shape[start:end]), *shape[end:]] if free >= -1 else None


def _read(word: str) -> Dimension:
    name = word.lstrip("*#?_")
    modifiers = word[: len(word) - len(name)]
    variadic = "*" in modifiers or name == "..."
    anonymous = "_" in modifiers or "?" in modifiers or name == "..." or {"*", "#"} <= {*modifiers}
    text = "" if anonymous else name.rpartition("=")[2]
    broadcast = "#" in modifiers
    if text.isdigit():
        return Dimension(size=int(text), broadcast=broadcast)
    if text.isidentifier():
        return Dimension(name=text, variadic=variadic, broadcast=broadcast)
    return Dimension(expression=text, variadic=variadic, broadcast=broadcast)


def _show(size: object) -> str:
    return str([*size]) if is_tuple(size) else str(size)


def _evaluate(text: str, known: Dimensions) -> object:
    """The value of `n + 1`, as jaxtyping finds it; None where a name is not known yet."""
    try:
        return eval(text, {name: size for name, (size, _) in known.items()})  # noqa: S307
    except (NameError, SyntaxError, TypeError, ZeroDivisionError):
        return None
