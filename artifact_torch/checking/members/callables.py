"""What a stored member does when it is called through an instance."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from torch import nn

from artifact_torch.checking.annotations.forms import NO_ANNOTATION
from artifact_torch.checking.annotations.functions import (
    innermost,
    is_context_manager,
    read_signature,
)
from artifact_torch.checking.annotations.signatures import Signature
from artifact_torch.checking.members.members import (
    Found,
    Subject,
    find_member,
    is_foreign,
    subject_of,
)
from artifact_torch.checking.members.standard import standard_signatures
from artifact_torch.checking.narrowing import (
    is_cached_property,
    is_class_method,
    is_partial,
    is_partial_method,
    is_static,
)


@final
@dataclass(frozen=True)
class Bound:
    """A function, and whether calling it through the instance passes `self`."""

    function: Callable[..., object]
    owner: type
    passes_self: bool
    needs_instance: bool = False
    is_static: bool = False

    def signatures(self, known: Mapping[object, object]) -> list[Signature]:
        """One for each overload; none for functions that tell nothing about themselves."""
        inner = innermost(self.function)
        functions: list[Callable[..., object]] = [self.function]
        if inspect.isfunction(inner):
            functions = [*typing.get_overloads(inner)] or functions
        found: list[Signature] = []
        for function in functions:
            signature = read_signature(function, self.owner, bound=self.passes_self)
            if signature is not None:
                found.append(signature.with_known(known))
        return found

    @property
    def is_async(self) -> bool:
        """Whether a call gives a coroutine, or an asynchronous generator."""
        inner = innermost(self.function)
        return inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)

    @property
    def names(self) -> Sequence[str] | None:
        """Of the parameters that are given by position; None for `*args`, or what is in C."""
        code: object = getattr(inspect.unwrap(self.function), "__code__", None)
        if not isinstance(code, types.CodeType) or code.co_flags & inspect.CO_VARARGS:
            return None
        return code.co_varnames[: code.co_argcount]

    @property
    def is_generator(self) -> bool:
        """Whether a call gives a generator; `@contextmanager` makes something else of it."""
        made = is_context_manager(self.function)
        return not made and inspect.isgeneratorfunction(innermost(self.function))


def call_signatures(subject: Subject, bound: Bound) -> list[Signature]:
    """Those of the method; of an `nn.Sequential`, which annotates nothing itself, what its first
    module takes and its last one gives.
    """
    model = subject.instance
    own: object = vars(nn.Sequential)["forward"]
    if isinstance(model, nn.Sequential) and bound.function is own and len(model):
        takes, gives = (member_signatures(subject_of(model[end]), "forward") for end in (0, -1))
        if takes and gives:
            hints = {**takes[0].hints, "return": gives[0].hints["return"]}
            return [replace(takes[0], hints=hints)]
    found = bound.signatures(subject.known_in(bound.owner))
    name: object = getattr(bound.function, "__name__", None)
    says_nothing = all(h is NO_ANNOTATION for each in found for h in each.hints.values())
    if says_nothing and isinstance(name, str) and is_foreign(bound.owner):
        return standard_signatures(subject.hint, name) or found
    return found


def member_signatures(subject: Subject, name: str) -> list[Signature] | None:
    """None where there is no such member, or none that is called."""
    found = find_member(subject, name)
    bound = None if found is None else bound_member(found, name)
    return None if bound is None else call_signatures(subject, bound)


def bound_member(found: Found, name: str) -> Bound | None:
    """How the member is called; None for what is no function. Nothing is called or bound for it."""
    value, owner = _declared(found, name), found.owner
    if is_cached_property(value):  # Python takes it for a routine
        return None
    if is_static(value):
        return Bound(value.__func__, owner, passes_self=False, is_static=True)
    if is_class_method(value):
        return Bound(value.__func__, owner, passes_self=True)
    if isinstance(value, types.MethodType):
        return Bound(value.__func__, type(value.__self__), passes_self=True)
    if is_partial_method(value):
        return Bound(value.__get__(None, owner), owner, passes_self=True, needs_instance=True)
    return _bind_callable(value, found)


def _declared(found: Found, name: str) -> object:
    """The first overload of a protocol's method that has no body, for which typing stores a function
    of its own; else what is stored.
    """
    value = found.value
    if not inspect.isfunction(value) or value.__module__ != "typing":
        return value
    owner = found.owner
    asked = types.FunctionType(value.__code__, {})
    asked.__module__, asked.__qualname__ = owner.__module__, f"{owner.__qualname__}.{name}"
    return next(iter(typing.get_overloads(asked)), value)


def _bind_callable(value: object, found: Found) -> Bound | None:
    owner = found.owner
    if isinstance(value, nn.Module):  # called like a function, but declared by its forward
        return Bound(type(value).forward, type(value), passes_self=True)
    if is_partial(value) or isinstance(value, type | types.BuiltinFunctionType):
        return Bound(value, owner, passes_self=False)
    if inspect.isroutine(value):
        of_class = not found.on_instance
        passes_self = of_class or _patches_method(value, owner)
        return Bound(value, owner, passes_self=passes_self, needs_instance=of_class)
    places = (vars(cls).get("__call__") for cls in type(value).__mro__)  # not the metaclass's
    call: object = next((place for place in places if place is not None), None)
    return Bound(call, type(value), passes_self=True) if callable(call) else None


def _patches_method(value: Callable[..., object], owner: type) -> bool:
    """Whether a function that was set on an object declares itself as the method of its class that
    it replaced: torch's schedulers set `optimizer.step` so.
    """
    inner = inspect.unwrap(value)
    method: object = inspect.getattr_static(owner, value.__name__, None)
    return inner is not value and callable(method) and inspect.unwrap(method) is inner


def why_without_self(bound: Bound, asked: Sequence[str]) -> str | None:
    """`def update(batch, output)` in a class: the object would arrive as the batch. `asked` are the
    contract's names; a first parameter of another name than usual counts where all numbers fit.
    """
    names = bound.names
    if not bound.passes_self or names is None:
        return None
    if not names:
        return "has no self"
    first = names[0]
    unusual = first.strip("_") not in {"self", "cls", ""}
    if first in asked or (unusual and len(names) == len(asked)):
        return f"has no self: the object itself would arrive as {first}"
    return None


def is_method(stored: object) -> bool:
    """Whether a protocol's body holds a method, not a property or a value."""
    return isinstance(stored, types.FunctionType | staticmethod | classmethod)
