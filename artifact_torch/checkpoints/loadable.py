"""What `torch.load(weights_only=True)` gives back, and what to save instead of the rest."""

import io
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from enum import Enum
from numbers import Integral, Number
from pathlib import PurePath
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from artifact_torch.internal.narrowing import is_collection, is_mapping

# classes themselves: an object of a subclass is saved by the name of its class; that and all else is
# tried out, which takes up to a millisecond for a small one
_LEAVES: Final = frozenset(
    {Tensor, Parameter, int, float, complex, bool, str, bytes, bytearray, type(None)}
    | {torch.dtype, torch.layout, torch.device, torch.Size}
)
_CONTAINERS: Final = frozenset({dict, OrderedDict, Counter, list, tuple, set})  # MultiStepLR counts

_CONVERSIONS: Final[tuple[tuple[type, str], ...]] = (
    (Enum, "its .value"),
    (np.ndarray, "torch.as_tensor(...)"),
    (Tensor, "a plain tensor: .as_subclass(torch.Tensor)"),
    (np.bool_, "bool(...)"),
    (Integral, "int(...)"),
    (Number, "float(...)"),
    (str, "str(...)"),
    (PurePath, "str(...)"),
    (Mapping, "dict(...)"),
    (Iterable, "list(...)"),
)


def unloadable(state: Mapping[str, object]) -> list[str]:
    """What in `state` cannot be loaded back, each with the keys that lead to it and what to save
    instead. 3 milliseconds for 10,000 items.
    """
    return list(_problems((), state, set()))


def _problems(path: tuple[str, ...], value: object, seen: set[int]) -> Iterator[str]:
    kind = type(value)
    if kind not in _CONTAINERS:
        if kind in _LEAVES or _comes_back(value):
            return
        where = " -> ".join(path) or "the state"
        yield f"{where}: got {kind.__module__}.{kind.__qualname__}, {_instead(value)}"
    elif id(value) not in seen:  # a list may hold itself
        seen.add(id(value))
        for name, item in _items(value):
            if type(item) not in _LEAVES:  # most are, and a call each takes seven times longer
                yield from _problems((*path, str(name)), item, seen)


def _comes_back(value: object) -> bool:
    """Saves and loads it, in memory: what torch allows grows with its versions, and with
    `torch.serialization.add_safe_globals`.
    """
    file = io.BytesIO()
    try:
        torch.save(value, file)
        file.seek(0)
        torch.load(file, map_location="cpu", weights_only=True)
    except Exception:  # noqa: BLE001  (pickle and torch raise a dozen kinds)
        return False
    return True


def _items(value: object) -> Iterator[tuple[object, object]]:
    if is_mapping(value):
        yield from ((f"key {key!r}", key) for key in value if type(key) is not str)
        yield from value.items()
    elif is_collection(value):
        yield from enumerate(value)


def _instead(value: object) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return "save dataclasses.asdict(...)"
    for kind, conversion in _CONVERSIONS:
        if isinstance(value, kind):
            return f"save {conversion}"
    return "save the numbers, texts and tensors that it is made from"
