"""One check for each kind of type, built once and run on many values.

Beartype judges whatever has no keys: generic classes, NumPy's arrays. Not what lies in
a list, tuple or dict: beartype looks at one item of it, and a message has to name the item.
"""

import collections.abc as cabc
import random
import warnings
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

import numpy as np
from torch import Tensor

from artifact_torch.checking.annotations.forms import (
    array_type,
    class_of,
    is_protocol,
    is_typed_dict,
    is_union,
    is_unknown,
    plain,
    subscripted,
)
from artifact_torch.checking.annotations.generics import as_tuple
from artifact_torch.checking.annotations.spelling import show, show_value, with_article
from artifact_torch.checking.values.dimensions import Dimensions, Shape
from artifact_torch.checking.violation import refusal
from artifact_torch.errors import Code, Violation
from artifact_torch.internal.arguments import is_array
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

Check: TypeAlias = Callable[[object, str, Dimensions, list[Violation]], None]
"""value, where it is, sizes known so far, and the list that takes what is wrong."""

NestedCheck: TypeAlias = Callable[[object], Check]
"""Typed dict to its check; the caller remembers them, so that one may contain itself."""

_WALKED: Final = (list, tuple, dict, cabc.Sequence, cabc.Mapping)


def build_check(hint: object, nested: NestedCheck) -> Check | None:
    """None where any value will do, or where a value cannot tell."""
    if array_type(hint) is not None:
        return _array_check(hint)
    hint = plain(hint)
    if is_typed_dict(hint):
        return nested(hint)
    if is_union(hint):
        return _union_check(hint, nested)
    fits = _test_of(hint)
    if fits is None:
        return None
    unpacks = "*" in str(hint) or "Unpack[" in str(hint)  # tuple[str, *tuple[int, ...]]
    has_names = hasattr(class_of(hint), "_fields")
    if has_names or (get_args(hint) and class_of(hint) in _WALKED and not unpacks):
        return _items_check(hint, fits, nested)

    def check(value: object, where: str, _sizes: Dimensions, found: list[Violation]) -> None:
        if not fits(value):
            found += _wrong_type(where, value, hint)

    return check


def _test_of(hint: object) -> Callable[[object], bool] | None:
    """Whether a value is of a type, seen from outside; None where nothing can be said."""
    if hint is Any or hint is object or is_unknown(hint):
        return None
    if get_origin(hint) is Literal:
        return lambda value: any(_is_literally(value, one) for one in get_args(hint))
    if (array := _plain_array(hint)) is not None:
        return array
    if get_args(hint) or not isinstance(hint, type):
        return lambda value: _beartype_accepts(value, hint)
    # the typing specification: an int is a float
    classes = {float: (float, int), complex: (complex, float, int)}.get(hint, (hint,))
    try:
        isinstance(None, classes)
    except TypeError:  # a protocol that is not runtime_checkable
        return None
    return lambda value: isinstance(value, classes)


def _plain_array(hint: object) -> Callable[[object], bool] | None:
    """By the class of its scalars: beartype takes `<U3` for none of `NDArray[np.str_]`."""
    if class_of(hint) is not np.ndarray or len(get_args(hint)) < 2:
        return None
    scalar = (*get_args(get_args(hint)[1]), None)[0]
    if not isinstance(scalar, type) or not issubclass(scalar, np.generic):
        return None
    return lambda value: is_array(value) and issubclass(value.dtype.type, scalar)


def _is_literally(value: object, one: object) -> bool:
    """`0` and `False` are equal, and different literals."""
    same_kind = isinstance(value, type(one)) and isinstance(value, bool) is isinstance(one, bool)
    return same_kind and value == one


def _beartype_accepts(value: object, hint: object) -> bool:
    """About 20 microseconds. Loads beartype, which takes 0.2 s, where a plain class does not do."""
    if get_origin(hint) is type and is_protocol(get_args(hint)[0]) and is_protocol(value):
        return False  # a class that implements it is asked for
    from beartype import BeartypeConf
    from beartype.door import is_bearable

    form: Any = hint  # beartype wants a `TypeForm`, unknown to 3.11
    before = random.getstate()
    random.seed(0)  # decides which item it looks at: the same in each run
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `typing.Counter` is deprecated, it says
            return is_bearable(value, form, conf=BeartypeConf(is_pep484_tower=True))
    except Exception:  # noqa: BLE001  a form unknown to it: the class has to do
        fits = _test_of(class_of(hint) or object)
        return fits is None or fits(value)
    finally:
        random.setstate(before)


def _wrong_type(where: str, value: object, hint: object) -> list[Violation]:
    got, needed, form = with_article(show_value(value)), show(hint), class_of(plain(hint))
    code: Code = "value-type"
    fix: str | None = None
    if get_origin(hint) is Literal:
        got = repr(value)
    elif show_value(value) == needed and type(value) is not form:  # numpy's bool and Python's
        got = f"{type(value).__module__}.{needed}"
    elif form is not None and isinstance(value, form):
        code = "dtype" if hasattr(value, "dtype") else code
        got = got if code == "dtype" else f"{got} of something else"
    elif form is Tensor and isinstance(value, (int, float, list, np.ndarray, np.generic)):
        fix = "torch.as_tensor makes one"
    return refusal(where, code, f"is {got}, must be {with_article(needed)}", fix)


def _union_check(hint: object, nested: NestedCheck) -> Check | None:
    parts = [build_check(part, nested) for part in get_args(hint)]
    checks = [part for part in parts if part is not None]
    if len(checks) < len(parts):
        return None

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        meant: list[Violation] = []
        for part in checks:
            wrong: list[Violation] = []
            known = dict(sizes)
            part(value, where, known, wrong)
            if not wrong:
                sizes.update(known)
                return
            if not any(v.code in _OTHER_CLASS and v.member == where for v in wrong):
                meant = meant or wrong  # of this class, with something else in it
        found += meant or _wrong_type(where, value, hint)

    return check


_OTHER_CLASS: Final = ("value-type", "not-a-mapping")


def _items_check(hint: object, fits: Callable[[object], bool], nested: NestedCheck) -> Check:
    form = class_of(hint) or object
    args = get_args(as_tuple(hint) if issubclass(form, tuple) else hint)
    each = not issubclass(form, tuple) or Ellipsis in args
    checks = [build_check(arg, nested) for arg in args if arg is not Ellipsis]

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        if not isinstance(value, form):
            parts = None
        elif is_mapping(value):
            parts = [*value.items()]
        else:  # neither a range, nor a sequence that reads its items from disk
            parts = [*enumerate(value)] if is_list(value) or is_tuple(value) else None
        if parts is None:
            if not fits(value):
                found += _wrong_type(where, value, hint)
            return
        if not each and len(parts) != len(checks):
            found += refusal(where, "shape", f"has {len(parts)} items, must have {len(checks)}")
            return
        for index, (place, part) in enumerate(parts):
            item = checks[-1 if each else index]
            if item is not None:
                name = f'"{place}"' if isinstance(place, str) else repr(place)
                item(part, f"{where}[{name}]", sizes, found)

    return check


def _array_check(hint: object) -> Check:
    """An array annotated with jaxtyping: its class, dtype and shape."""
    shape = Shape(str(getattr(hint, "dim_str", "")))
    array, kind = getattr(hint, "array_type", object), getattr(hint, "dtype", None)
    of_any_shape = class_of(subscripted(kind, (array, "..."))) or object
    known: dict[object, bool] = {}  # asking jaxtyping costs 15 us, there are few dtypes

    def check(value: object, where: str, sizes: Dimensions, found: list[Violation]) -> None:
        size: tuple[int, ...] = getattr(value, "shape", ())
        kind_of_value = (type(value), getattr(value, "dtype", None))
        if kind_of_value not in known:
            known[kind_of_value] = isinstance(value, of_any_shape)
        if not known[kind_of_value]:
            found += _wrong_type(where, value, hint)
        elif (problem := shape.problem(size, where, sizes)) is not None:
            found += refusal(where, "shape", f"has the shape {list(size)}, but {problem}")

    return check
