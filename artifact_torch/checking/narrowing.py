"""`isinstance` for what a class may store under a name."""

import functools
from typing import TypeGuard


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
