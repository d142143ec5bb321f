"""`isinstance` for containers, with the items typed `object` instead of unknown."""

import os
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from types import MappingProxyType
from typing import TypeGuard

from typing_extensions import TypeIs


def is_mapping(value: object) -> TypeIs[Mapping[object, object]]:
    return type(value) is dict or isinstance(value, Mapping)  # the first answer is the fast one


def is_mutable_mapping(value: object) -> TypeIs[MutableMapping[object, object]]:
    return isinstance(value, MutableMapping)


def is_mapping_proxy(value: object) -> TypeIs[MappingProxyType[object, object]]:
    return isinstance(value, MappingProxyType)


def is_plain_dict(value: object) -> TypeGuard[dict[object, object]]:
    return type(value) is dict


def is_state_dict(value: object) -> TypeGuard[dict[str, object]]:
    """A dict with strings for keys: a state, or the `__dict__` of an instance."""
    return isinstance(value, dict)


def is_collection(value: object) -> TypeIs[Collection[object]]:
    return isinstance(value, Collection)


def is_sequence(value: object) -> TypeIs[Sequence[object]]:
    """Texts too, which are sequences of texts."""
    return isinstance(value, Sequence)


def is_list(value: object) -> TypeIs[list[object]]:
    return isinstance(value, list)


def is_tuple(value: object) -> TypeIs[tuple[object, ...]]:
    return isinstance(value, tuple)


def is_path(value: object) -> TypeIs[str | os.PathLike[str]]:
    """Narrows to what names a file or folder."""
    return isinstance(value, str | os.PathLike)
