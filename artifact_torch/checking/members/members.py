"""The object being checked, and the members of a contract; both read without running anything."""

import functools
import inspect
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, final, get_origin

import typing_extensions as te
from torch import nn

from artifact_torch.checking.annotations.forms import (
    SELF,
    class_of,
    is_callable_form,
    subscripted,
)
from artifact_torch.checking.annotations.generics import parameter_tables, type_parameters
from artifact_torch.checking.annotations.spelling import meant_by, nearest, quoted
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.signatures import own_annotations

MISSING: Final = object()

_FUNCTIONS: Final = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    functools.partial,
)

_FIELDS: Final = (types.GetSetDescriptorType, types.MemberDescriptorType)
"""Attributes and slots; to read one runs nothing of a user's."""


@final
@dataclass(frozen=True)
class Subject:
    """What is checked: an instance, or a class that stands for its instances."""

    cls: type
    hint: object
    """The class with its type arguments where they are known."""
    instance: object = MISSING
    is_annotation: bool = False
    """Whether it is a type in an annotation: its objects are complete, whatever the class is."""

    @property
    def made(self) -> type | None:
        """The class whose own attributes count, where `type[A]` stands for a protocol."""
        return self.instance if self.is_annotation and isinstance(self.instance, type) else None

    @property
    def is_call(self) -> bool:
        """Whether the annotation itself says how it is called: `Callable[...]`, `type[A]`."""
        return self.made is not None or is_callable_form(self.hint)

    def known_in(self, owner: type) -> dict[object, object]:
        """What the type variables of one of its classes, and `Self`, stand for."""
        return {SELF: self.hint, **parameter_tables(self.hint).get(owner, {})}


def subject_of(target: object) -> Subject:
    """An object; or a class, or a generic one with its arguments, that stands for its instances."""
    form = class_of(target)
    if form is not None and (isinstance(target, type) or get_origin(target) is not None):
        return Subject(form, target)
    hint: object = _attributes(target).get("__orig_class__") or _from_values(target)
    return Subject(type(target), hint, target)


def _from_values(target: object) -> object:
    """The class of an object; of one that was made from a dict, `TensorTable(columns)`, with a typed
    dict of that dict's keys for the type parameter that stands for it. Their types are not guessed:
    a value has many.
    """
    cls: type = type(target)
    parameters = type_parameters(cls)
    init = vars(cls).get("__init__")
    if not parameters or not inspect.isfunction(init):
        return cls
    found: dict[object, object] = {}
    attributes = _attributes(target)
    for name, hint in own_annotations(init).items():
        value = attributes.get(name, attributes.get(f"_{name}"))
        for parameter in parameters:
            if (hint is parameter or hint == parameter.__name__) and is_state_dict(value):
                found[parameter] = _typed_dict(*value)
    return subscripted(cls, tuple(found.get(p, p) for p in parameters)) if found else cls


@functools.lru_cache(maxsize=256)
def _typed_dict(*keys: str) -> object:
    annotations = {"__annotations__": dict.fromkeys(keys, Any)}
    name, bases = f"dict of {quoted(keys)}", (te.TypedDict,)
    return types.new_class(name, bases, exec_body=lambda body: body.update(annotations))


@final
@dataclass(frozen=True)
class Found:
    """A member of the subject: what is stored, and where."""

    value: object
    owner: type
    on_instance: bool = False


def find_member(subject: Subject, name: str) -> Found | None:
    """The member as it is stored; properties and descriptors do not run."""
    instance = subject.instance
    if name == "__call__" and (subject.is_call or issubclass(subject.cls, _FUNCTIONS)):
        return None if subject.is_call else Found(instance, type(instance), on_instance=True)
    owner = next((cls for cls in subject.cls.__mro__ if name in vars(cls)), None)
    if name == "__call__" and owner is nn.Module:  # typed as taking and giving anything
        return find_member(subject, "forward")
    stored: object = vars(owner)[name] if owner is not None else MISSING
    if owner is not None and isinstance(stored, property):
        return Found(stored, owner)
    of_function = isinstance(stored, types.GetSetDescriptorType)
    read = _FUNCTIONS if of_function else subject.cls
    if isinstance(stored, _FIELDS) and isinstance(instance, read):
        with suppress(AttributeError):  # a slot that nothing was put into
            value: object = stored.__get__(instance)
            return Found(value, subject.cls, on_instance=True)
    for holder, attributes in _instance_attributes(subject):
        if name in attributes:
            return Found(attributes[name], holder, on_instance=True)
    return None if owner is None else Found(stored, owner)


def _instance_attributes(subject: Subject) -> Iterator[tuple[type, Mapping[str, object]]]:
    instance, cls = subject.instance, subject.cls
    if isinstance(instance, type):
        yield from ((base, vars(base)) for base in instance.__mro__)
        return
    attributes = _attributes(instance)
    yield cls, attributes
    if isinstance(instance, nn.Module):  # torch keeps these out of the instance's own dict
        for place in ("_parameters", "_buffers", "_modules"):
            yield cls, _as_names(attributes.get(place))


def _attributes(instance: object) -> Mapping[str, object]:
    return _as_names(getattr(instance, "__dict__", None))


def _as_names(table: object) -> Mapping[str, object]:
    return table if is_state_dict(table) else {}


def own_names(subject: Subject) -> list[str]:
    """Public names that the user wrote, and `_get_...`, for spelling advice."""
    names = [
        name for cls in subject.cls.__mro__ if cls not in (nn.Module, object) for name in vars(cls)
    ]
    names.extend(_attributes(subject.instance))
    names.extend(_as_names(getattr(subject.cls, "__dataclass_fields__", None)))
    return [name for name in names if not name.startswith("_") or name.startswith("_get_")]


def is_dynamic(subject: Subject) -> bool:
    """Whether attributes may come out of a `__getattr__` of its own, which cannot be looked into."""
    found = inspect.getattr_static(subject.cls, "__getattr__", None)
    return found is not None and found is not nn.Module.__getattr__


def is_set_by_methods(cls: type, name: str) -> bool:
    """Whether some method of the class may assign the attribute: `self.name = ...`."""
    codes = (
        getattr(value, "__code__", None)
        for base in cls.__mro__
        if not is_foreign(base)
        for value in vars(base).values()
    )
    return any(name in code.co_names for code in codes if isinstance(code, types.CodeType))


def is_foreign(owner: object) -> bool:
    """Whether a class or function is Python's or an installed library's: nobody annotates it."""
    module = str(getattr(owner, "__module__", None) or "builtins")
    if module.partition(".")[0] in {"artifact_torch", *sys.stdlib_module_names}:
        return True
    file: object = getattr(sys.modules.get(module), "__file__", None)
    return any(f"{place}-packages" in str(file) for place in ("site", "dist"))


def is_derived_from_foreign(cls: type) -> bool:
    """Whether code that nobody here has written may set attributes: `nn.Module.add_module`."""
    own = ("builtins", "typing", "typing_extensions")
    return any(is_foreign(base) and base.__module__ not in own for base in cls.__mro__)


def has_only_fields(cls: type) -> bool:
    """Whether instances certainly start with the fields of a dataclass and nothing else: no
    `__init__`, `__post_init__` or `__new__` of its own can set more.
    """
    init: object = getattr(vars(cls).get("__init__"), "__code__", None)
    generated = getattr(init, "co_filename", "") == "<string>"
    plain_new = inspect.getattr_static(cls, "__new__", None) is vars(object)["__new__"]
    is_dataclass = "__dataclass_fields__" in vars(cls)
    return is_dataclass and generated and plain_new and not hasattr(cls, "__post_init__")


@final
@dataclass(frozen=True)
class Asked:
    """One member of a contract."""

    name: str
    owner: type
    value: object
    """What the protocol's body holds: a function, a property, or `MISSING` for an annotation."""
    known: Mapping[object, object]
    """What the type variables of `owner` stand for."""
    contract: Collection[str]
    """All names of the contract it belongs to."""


def near_name(asked: Asked, subject: Subject) -> str | None:
    """What the subject probably has instead of the member; never what the contract asks for too."""
    names = [name for name in own_names(subject) if name not in asked.contract]
    meant = {name: meant_by(name, asked.contract) for name in names}
    near = next((name for name in names if meant[name] == asked.name), None)
    return near or nearest(asked.name, [name for name in names if meant[name] is None])


def asked_members(contract: object, subject: Subject) -> Iterator[Asked]:
    """In the order of definition, bases last."""
    form = class_of(contract)
    tables = parameter_tables(contract)
    written = {} if form is None else _written_members(form)
    for name, (owner, value) in written.items():
        known = {SELF: subject.hint, **tables.get(owner, {})}
        yield Asked(name, owner, value, known, written.keys())


@functools.lru_cache(maxsize=256)
def _written_members(form: type) -> dict[str, tuple[type, object]]:
    """Where a protocol, or one of its bases, has each of its members."""
    names = te.get_protocol_members(form)
    found: dict[str, tuple[type, object]] = {}
    for owner in form.__mro__:
        for name in (*vars(owner), *own_annotations(owner)):
            if name in names:
                found.setdefault(name, (owner, vars(owner).get(name, MISSING)))
    return found
