"""How types and names are written in messages."""

import difflib
import inspect
import types
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar, Union, final, get_args, get_origin

import numpy as np
import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    Unresolved,
    is_callable_form,
    is_union,
    is_variable,
)
from artifact_torch.internal.narrowing import is_list, is_tuple

_WORDS: Final[tuple[tuple[object, str], ...]] = (
    (NO_ANNOTATION, "an unannotated value"),
    (None, "None"),
    (type(None), "None"),
    (Ellipsis, "..."),
    (Any, "Any"),
)
_QUALIFIERS: Final = (Annotated, te.Required, te.NotRequired, te.ReadOnly)


def show(hint: object) -> str:
    """The type as its user wrote it, without module names: `Iterator[VAEInput]`, `Tensor | None`."""
    for form, word in _WORDS:
        if hint is form:
            return word
    if isinstance(hint, Unresolved):
        return hint.text
    if is_variable(hint):
        return variable_name(hint)
    if is_list(hint) or is_tuple(hint):  # the types that a ParamSpec stands for
        return f"[{', '.join(show(part) for part in hint)}]"
    return _show_form(hint)


def _show_form(hint: object) -> str:
    origin: object = get_origin(hint)
    args: tuple[object, ...] = get_args(hint)
    if not args:
        return _name(hint if origin is None else origin)
    if origin in _QUALIFIERS:
        return show(args[0])
    if is_union(hint):
        return " | ".join(show(arg) for arg in args)
    if origin is Literal:
        return f"Literal[{', '.join(repr(arg) for arg in args)}]"
    if is_callable_form(hint) and args:
        return f"Callable[{show(args[0])}, {show(args[1])}]"
    return f"{_name(origin)}[{', '.join(show(arg) for arg in args)}]"


def _name(hint: object) -> str:
    if hint is Union or hint is types.UnionType:
        return "Union"
    name: object = getattr(hint, "__name__", None)
    return name if isinstance(name, str) else str(hint).rpartition(".")[2]


def variable_name(variable: object) -> str:
    """`In` for `In_contra`, `Out` for `Out_co`, `Out` for `OutT`."""
    name = _name(variable).removesuffix("_contra").removesuffix("_co")
    return name.removesuffix("T") or name


def show_call(
    name: str, parameters: Sequence[inspect.Parameter], hints: Mapping[str, object]
) -> str:
    """A method's first line: `forward(self, model_input: In, /) -> Out`."""
    self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    if all(parameter.kind is not self.kind for parameter in parameters):
        self = self.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
    shown = [p.replace(annotation=_Shown(show(hints[p.name]))) for p in parameters]
    signature = inspect.Signature([self, *shown], return_annotation=_Shown(show(hints["return"])))
    return f"{name}{signature}"


@final
class _Shown:
    """A type that `inspect` prints as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def show_pair(one: object, other: object) -> tuple[str, str]:
    """Both types; with their modules where the names alone would be the same."""
    first, second = show(one), show(other)
    return (first, second) if first != second else (_full_name(one), _full_name(other))


def _full_name(hint: object) -> str:
    if isinstance(hint, type):
        return f"{hint.__module__}.{hint.__qualname__}"
    return variable_name(hint) if isinstance(hint, TypeVar) else str(hint)


def show_value(value: object) -> str:
    """What a value is, never what is in it: `list`, `None`, `float32 tensor of shape [4, 3]`."""
    if value is None:
        return "None"
    name = type(value).__name__
    if isinstance(value, np.generic):  # a number, though it has a shape
        return name
    shape: object = getattr(value, "shape", None)
    dtype: object = getattr(value, "dtype", None)
    if is_tuple(shape) and dtype is not None:
        kind = "tensor" if name in {"Tensor", "Parameter"} else name
        return f"{dtype_name(dtype)} {kind} of shape {[*shape]}"
    return name


def dtype_name(dtype: object) -> str:
    """`float32`, for the dtypes of torch and of numpy."""
    return str(dtype).rpartition(".")[2]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` is probably a misspelling of, or the other way round."""
    by_letters: dict[str, str] = {}
    for candidate in names:
        by_letters.setdefault(candidate.lower().replace("_", ""), candidate)
    close = difflib.get_close_matches(name.lower().replace("_", ""), by_letters, n=1, cutoff=0.8)
    return by_letters[close[0]] if close else None


_ABBREVIATIONS: Final = {"val": "validation", "valid": "validation", "ckpt": "checkpointer"}
_LEADING: Final = ("get", "lr")


def meant_by(name: str, members: Collection[str]) -> str | None:
    """The member that a name probably stands for: `_get_scheduler`, `val_loader_routine`, `tracker`
    for `model_tracker`. Word by word, so that `checkpoint_dir` is not taken for `checkpointer`; None
    where it may stand for two.
    """
    words = name.lower().strip("_").split("_")
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    words = [_ABBREVIATIONS.get(word, word) for word in words]
    found = [member for member in members if _stand_for(words, member.split("_"))]
    complete = [member for member in found if member.count("_") == len(words) - 1]
    best = complete or found
    return best[0] if len(best) == 1 else None


def _stand_for(words: Sequence[str], member: Sequence[str]) -> bool:
    """Whether the words are those of the member, in order, the last one among them."""
    if "".join(words) == "".join(member):
        return True
    rest = iter(member)
    in_order = all(any(nearest(word, [other]) for other in rest) for word in words)
    return in_order and nearest(words[-1], member[-1:]) is not None


def quoted(names: Iterable[str]) -> str:
    """`"loss", "mu"`."""
    return ", ".join(f'"{name}"' for name in names)


def with_article(name: str) -> str:
    """`a Tensor`, `an int`; `None`, `Tensor | None` and `Float[Tensor, ...]` stay as they are."""
    if (not name.replace(" ", "").isalnum() and " of shape " not in name) or name == "None":
        return name
    return f"{article(name)} {name}"


def article(name: str) -> str:
    """`an` before a vowel, as it is written."""
    return "an" if name[:1] in "AEIOUaeiou" else "a"
