"""`isinstance` for containers, with the items typed `object` instead of unknown."""

import collections.abc as cabc
import functools
from typing import TypeGuard


def is_mapping(value: object) -> TypeGuard[cabc.Mapping[object, object]]:
    return type(value) is dict or isinstance(value, cabc.Mapping)


def is_collection(value: object) -> TypeGuard[cabc.Collection[object]]:
    return isinstance(value, cabc.Collection)


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def is_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def is_namespace(value: object) -> TypeGuard[dict[str, object]]:
    """The `__dict__` of an instance, or what torch keeps in it."""
    return isinstance(value, dict)


def is_partial(value: object) -> TypeGuard[functools.partial[object]]:
    return isinstance(value, functools.partial)


def is_partial_method(value: object) -> TypeGuard[functools.partialmethod[object]]:
    return isinstance(value, functools.partialmethod)


def is_cached_property(value: object) -> TypeGuard[functools.cached_property[object]]:
    return isinstance(value, functools.cached_property)


def is_static(value: object) -> "TypeGuard[staticmethod[..., object]]":
    return isinstance(value, staticmethod)


def is_class_method(value: object) -> "TypeGuard[classmethod[object, ..., object]]":
    return isinstance(value, classmethod)
