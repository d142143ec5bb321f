"""What a run was set to, as plain data that a file and a tracker can take."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
import torch

from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

Scalar: TypeAlias = str | int | float | bool | None
Plain: TypeAlias = Scalar | list[Scalar]

_EXPECTED = (
    "expected a number, str, bool, None, path, enum, torch.dtype or torch.device, or a dataclass, "
    "dict or list of them; write it in words"
)


class Dataclass(Protocol):
    """An object of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]  # Any: as Python's own declarations have it


Settings: TypeAlias = Mapping[str, object] | Dataclass
"""What a run is set to: hyper-parameters, names, seeds."""


def plain_settings(settings: object, /) -> dict[str, Plain]:
    """`settings`, a dataclass or dict, as values under dotted keys: `{"optimizer.lr": 0.001}`.

    A list of values stays one, a list of dicts gets numbers: `layers.0.width`. An enum becomes its
    name, or its text where it is a str. Paths, dtypes and devices become text, and so do NaN and
    infinity, which JSON has not. Raises one `ConfigurationError` naming all that cannot be kept.
    """
    if is_list(settings) or is_tuple(settings) or _parts(settings) is None:
        advice = "call it" if isinstance(settings, type) else "write a dict"
        raise ConfigurationError(
            f"settings must be a dataclass or a dict, got {shown(settings)}; {advice}"
        )
    plain: dict[str, Plain] = {}
    problems: list[str] = []
    for key, value in _leaves("", settings, within=()):
        if key in plain:
            problems.append(f'settings: two values have the key "{key}"; name them apart')
        try:
            plain[key] = _kept(value)
        except TypeError as error:
            problems.append(f'settings: "{key}" is {error}, {_EXPECTED}')
    if problems:
        raise ConfigurationError("\n".join(problems))
    return plain


def _leaves(key: str, value: object, *, within: tuple[int, ...]) -> Iterator[tuple[str, object]]:
    """What has no parts, under its dotted key."""
    if id(value) in within:
        raise ConfigurationError(f'settings: "{key}" holds itself; leave that out')
    parts = _parts(value)
    if not parts:
        yield from [(key, value)] if key else []
        return
    for name, part in parts.items():
        if not isinstance(name, str | int) or name == "":
            where = f'"{key}"' if key else "the dict"
            raise ConfigurationError(
                f"settings: {where} has the key {shown(name)}, expected a str; name it in words"
            )
        yield from _leaves(f"{key}.{name}" if key else str(name), part, within=(*within, id(value)))


def _parts(value: object) -> dict[object, object] | None:
    """What is in a value that is kept part by part."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if is_mapping(value):
        return dict(value)
    if (is_list(value) or is_tuple(value)) and any(map(_is_made_of_parts, value)):
        return dict(enumerate(value))
    return None


def _is_made_of_parts(value: object) -> bool:
    if is_mapping(value) or is_list(value) or is_tuple(value):
        return True
    return is_dataclass(value) and not isinstance(value, type)


def _kept(value: object) -> Plain:
    """Raises `TypeError`, whose words are what it got."""
    if is_list(value) or is_tuple(value):
        return [_scalar(each) for each in value]
    return "{}" if _parts(value) is not None else _scalar(value)  # what had parts is not here


def _scalar(value: object) -> Scalar:
    if value is None or type(value) in (bool, np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, Enum):
        return str(value.value) if isinstance(value, str) else value.name
    if isinstance(value, str | PurePath | torch.dtype | torch.device):
        return str(value)
    if isinstance(value, Integral):  # numpy's too
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    raise TypeError(shown(value))
