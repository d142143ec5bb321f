"""What is wrong with an argument, as lines of one error; an empty list where nothing is.

And the answers of parts that are asked a question during the run.
"""

import math
import reprlib
from collections.abc import Sequence
from numbers import Integral
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypeIs

from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.narrowing import is_tuple
from artifact_torch.internal.signatures import signature_of

P = ParamSpec("P")
R = TypeVar("R")


def integer(name: str, value: object, *, least: int) -> list[str]:
    """Python's or numpy's."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        return [f"{name} must be an int of at least {least}, got {value!r}"]
    return [] if int(value) >= least else [f"{name} must be at least {least}, got {value}"]


def listed(name: str, value: object) -> list[str]:
    """Any sequence but a text, which is one of letters."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return []
    advice = "leave it out, or write []" if value is None else "write [...] around it"
    return [f"{name} must be a list, got {shown(value)}; {advice}"]


def boolean(name: str, value: object) -> list[str]:
    """Python's alone: an option is written, not computed."""
    return [] if isinstance(value, bool) else [f"{name} must be True or False, got {value!r}"]


def number(name: str, value: object, *, least: float) -> list[str]:
    """Finite: infinity as a tolerance is a mistake."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return [f"{name} must be a number of at least {least}, got {shown(value)}"]
    return [] if value >= least else [f"{name} must be at least {least}, got {value}"]


def text(name: str, value: object) -> list[str]:
    """Not empty: it names something."""
    fits = isinstance(value, str) and value
    return [] if fits else [f"{name} must be a non-empty str, got {shown(value)}"]


def function_of_one(name: str, value: object, example: str) -> list[str]:
    """Something that can be called with one argument, as far as it tells."""
    try:
        if callable(value):
            signature_of(value).bind(None)
            return []
    except TypeError as error:
        got = f"a function that cannot be called with one argument ({error})"
    except ValueError:  # written in C: it does not tell
        return []
    else:
        got = shown(value)
    return [f"{name} must be a function of one argument, such as {example}, got {got}"]


def answer(value: object, what: str) -> bool:
    """`value` as a bool, if it is Python's or numpy's. Raises `ValidationError` naming `what`.

    `what` is the method that was asked, such as `Patience.should_stop`.
    """
    if not _is_bool(value):
        raise ValidationError(
            f"{what}: got {shown(value)}, expected True or False; return one of them"
        )
    return bool(value)


def is_array(value: object) -> TypeIs[NDArray[np.generic]]:
    """Narrows to an array whose dtype is not known."""
    return isinstance(value, np.ndarray)


def shown(value: object) -> str:
    """A value for an error message: itself where it is short, else what it is."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if is_array(value):
        return f"an array of dtype {value.dtype}"
    if value is None or isinstance(value, (str, int, float)) or is_tuple(value):
        return reprlib.repr(value)
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _is_bool(value: object) -> bool:
    return isinstance(value, (bool, np.bool_))


def refuse(problems: Sequence[str]) -> None:
    """Raise one `ConfigurationError` with all `problems`, if there are any."""
    if problems:
        raise ConfigurationError("\n".join(problems))


def described(stopper: object) -> str:
    """Why it stopped: the stopper's own words, else its name."""
    has_words = type(stopper).__str__ is not object.__str__
    return str(stopper) if has_words else type(stopper).__name__
