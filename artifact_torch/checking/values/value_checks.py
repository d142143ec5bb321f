"""One check for each kind of type, built once and run on many values."""

import collections.abc as cabc
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, get_args, get_origin

from artifact_torch.checking.annotations.forms import (
    array_type,
    class_of,
    is_callable_form,
    is_new_type,
    is_typed_dict,
    is_union,
    is_variable,
    plain,
    subscripted,
)
from artifact_torch.checking.annotations.spelling import show, show_value, with_article
from artifact_torch.checking.assignability.rules_variables import bound_of
from artifact_torch.checking.values.dimensions import Dimensions, Shape
from artifact_torch.checking.violation import Code, Violation
from artifact_torch.internal.narrowing import is_collection, is_mapping, is_tuple

Check: TypeAlias = Callable[[object, str, Dimensions, list[Violation]], None]
"""value, where it is, sizes known so far, and the list that takes what is wrong."""

NestedCheck: TypeAlias = Callable[[object], Check]
"""Typed dict to its check; the caller remembers them, so that one may contain itself."""


def build_check(hint: object, nested: NestedCheck) -> Check | None:
    """None where any value will do, or where a value cannot tell (what a callable takes)."""
    if array_type(hint) is not None:
        return _array_check(hint)
    hint = _concrete(hint)
    if is_typed_dict(hint):
        return nested(hint)
    if is_union(hint):
        return _union_check(hint, nested)
    if get_origin(hint) is Literal:
        return _test(hint, lambda value: value in get_args(hint))
    if is_callable_form(hint):
        return _test(hint, callable)
    return _class_check(hint, nested)


def _concrete(hint: object) -> object:
    """What a value of a new type or of a type variable is at run time."""
    hint = plain(hint)
    while is_variable(hint) or is_new_type(hint):
        made_of: object = getattr(hint, "__supertype__", object)
        hint = plain(bound_of(hint) if is_variable(hint) else made_of)
    return hint


def accepted_classes(hint: object) -> tuple[type, ...] | None:
    """The classes whose instances need no further look; None when a look is needed."""
    hint = plain(hint) if array_type(hint) is None else hint
    if not isinstance(hint, type) or is_typed_dict(hint) or array_type(hint) is not None:
        return None
    if hint is float or hint is complex:  # the typing specification: an int is a float
        return (hint, int) if hint is float else (complex, float, int)
    try:
        isinstance(None, hint)
    except TypeError:  # a protocol that is not runtime_checkable
        return (object,)
    return (hint,)


def _test(hint: object, fits: Callable[[object], bool]) -> Check:
    def check(value: object, where: str, _sizes: Dimensions, found: list[Violation]) -> None:
        if not fits(value):
            found.append(wrong_type(where, value, show(hint)))

    return check


def wrong_type(where: str, value: object, needed: str, code: Code = "value-type") -> Violation:
    message = f"is {with_article(show_value(value))}, must be {with_article(needed)}"
    return Violation(member=where, code=code, message=message)


def _union_check(hint: object, nested: NestedCheck) -> Check | None:
    parts = [build_check(part, nested) for part in get_args(hint)]
    checks = [part for part in parts if part is not None]
    if len(checks) < len(parts):
        return None
    # of `VAEInput | None`, a value that is not None can only be meant as the first
    only = next(iter(checks)) if get_args(hint)[1:] == (type(None),) else None

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        for part in checks:
            wrong: list[Violation] = []
            part(value, where, sizes, wrong)
            if not wrong:
                return
        if only is not None and (is_mapping(value) or getattr(value, "shape", None) is not None):
            only(value, where, sizes, found)
        else:
            found.append(wrong_type(where, value, show(hint)))

    return check


def _class_check(hint: object, nested: NestedCheck) -> Check | None:
    form = class_of(hint)
    classes = None if form is None else accepted_classes(form)
    if form is None or classes is None or object in classes:
        return None
    items = _items_check(form, get_args(hint), nested)

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        if not isinstance(value, classes):
            found.append(wrong_type(where, value, show(hint)))
        elif items is not None:
            items(value, where, sizes, found)

    return check


def _items_check(form: type, args: tuple[object, ...], nested: NestedCheck) -> Check | None:
    if not args or not issubclass(form, cabc.Collection):  # an iterator would be used up
        return None
    if issubclass(form, tuple):
        return _tuple_check(args, nested)
    item = build_check(args[-1], nested)
    if item is None:
        return None

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        for place, part in _parts(value):
            name = f'"{place}"' if isinstance(place, str) else repr(place)
            item(part, f"{where}[{name}]", sizes, found)

    return check


def _parts(value: object) -> Iterable[tuple[object, object]]:
    if is_mapping(value):
        return value.items()
    return enumerate(value if is_collection(value) else ())


def _tuple_check(args: tuple[object, ...], nested: NestedCheck) -> Check:
    repeated = args[-1] is Ellipsis
    checks = [build_check(arg, nested) for arg in args if arg is not Ellipsis]

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        items = value if is_tuple(value) else ()
        if not repeated and len(items) != len(checks):
            message = f"has {len(items)} items, must have {len(checks)}"
            found.append(Violation(member=where, code="shape", message=message))
            return
        for index, item in enumerate(items):
            part = checks[0 if repeated else index]
            if part is not None:
                part(item, f"{where}[{index}]", sizes, found)

    return check


def _array_check(hint: object) -> Check:
    """An array annotated with jaxtyping: its class, dtype and shape."""
    shape = Shape(str(getattr(hint, "dim_str", "")))
    array, kind = getattr(hint, "array_type", object), getattr(hint, "dtype", None)
    of_any_shape = class_of(subscripted(kind, (array, "..."))) or object
    known: dict[object, bool] = {}  # asking jaxtyping costs 1 us, there are few dtypes

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        dtype: object = getattr(value, "dtype", None)
        place = (type(value), dtype)
        if place not in known:
            known[place] = isinstance(value, of_any_shape)
        size: tuple[int, ...] = getattr(value, "shape", ())
        if not known[place]:
            wrong: Code = "dtype" if isinstance(value, array) else "value-type"
            found.append(wrong_type(where, value, show(hint), wrong))
        elif (problem := shape.problem(size, where, sizes)) is not None:
            message = f"has the shape {list(size)}, but {problem}"
            found.append(Violation(member=where, code="shape", message=message))

    return check
