"""Members that are there and are no implementation, and methods that nobody calls."""

import ast
import inspect
from collections.abc import Iterator, Mapping

from artifact_torch.checking.annotations.forms import class_of, is_protocol
from artifact_torch.checking.annotations.functions import definition_of
from artifact_torch.checking.annotations.spelling import meant_by
from artifact_torch.checking.members.callables import is_method
from artifact_torch.checking.members.members import (
    Asked,
    Found,
    Subject,
    asked_members,
    find_member,
    near_name,
)
from artifact_torch.checking.violation import refusal
from artifact_torch.errors import Violation


def check_implemented(asked: Asked, found: Found, subject: Subject) -> list[Violation]:
    """The violation of a member that nobody has written."""
    reason = None if subject.is_annotation else _why_not_implemented(found, subject)
    if reason is None:
        return []
    return refusal(asked.name, "not-implemented", reason, _how_to_implement(asked, found, subject))


def _why_not_implemented(found: Found, subject: Subject) -> str | None:
    """nn.Module's `forward`, an abstract method, or a protocol's `...` that Python inherits."""
    if getattr(found.value, "__name__", "") == "_forward_unimplemented":
        return "is not written: nn.Module's own only raises"
    if getattr(found.value, "__isabstractmethod__", False) and not is_protocol(subject.cls):
        return "is abstract"
    if is_protocol(found.owner) and not is_protocol(subject.cls) and _is_empty(found.value):
        return f"is only declared by {found.owner.__name__}, its body returns None"
    return None


def _how_to_implement(asked: Asked, found: Found, subject: Subject) -> str:
    """A near name; a base that has it but comes too late; else to write it."""
    name = asked.name
    if (near := near_name(asked, subject)) is not None:
        return f"rename {near} to {name}?"
    later = subject.cls.__mro__[subject.cls.__mro__.index(found.owner) + 1 :]
    real = next((c for c in later if name in vars(c) and not is_protocol(c)), None)
    if is_protocol(found.owner) and real is not None:
        return f"name {real.__name__} before {found.owner.__name__} among the bases"
    return f"write {name}"


def has_default_body(asked: Asked) -> bool:
    """Whether a class that names the protocol as its base inherits something useful."""
    return not _is_empty(asked.value)


def _is_empty(stored: object) -> bool:
    """Whether the body is `...`, `pass`, or raises NotImplementedError. The source has to be read:
    `...` and `return None` compile to the same code.
    """
    getter = stored.fget if isinstance(stored, property) else stored
    function: object = getattr(getter, "__func__", getter)
    inner: object = inspect.unwrap(function) if inspect.isfunction(function) else None
    written = definition_of(inner) if inspect.isfunction(inner) else None
    return written is None or all(_does_nothing(statement) for statement in written.body)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.expr() as raised):
            return "NotImplementedError" in ast.unparse(raised)
        case _:
            return False


def misspelt_hooks(subject: Subject, contract: object) -> list[Violation]:
    """Of a class that names the protocol as its base, and so inherits what it does not write."""
    form = class_of(contract)
    if form is None or form not in subject.cls.__mro__ or is_protocol(subject.cls):
        return []
    hooks = {asked.name: asked for asked in asked_members(contract, subject)}
    found: list[Violation] = []
    for name in _added_methods(subject.cls, form):
        if (hook := meant_by(name, hooks)) and _is_default(hooks[hook], subject):
            message = f"is not a hook of {form.__name__}, the default {hook} is used"
            found += refusal(name, "unknown-member", message, f"rename {name} to {hook}?")
    return found


def _added_methods(cls: type, form: type) -> Iterator[str]:
    """Those of the class and its bases below the protocol which no protocol asks for; what is
    private but for `_get_...` is nobody's hook.
    """
    asked = {name for base in cls.__mro__ if is_protocol(base) for name in vars(base)}
    below = [base for base in cls.__mro__[: cls.__mro__.index(form)] if not is_protocol(base)]
    members: Mapping[str, object] = {
        n: v for base in reversed(below) for n, v in vars(base).items()
    }
    for name, value in members.items():
        is_public = not name.startswith("_") or name.startswith("_get_")
        if is_public and is_method(value) and name not in asked:
            yield name


def _is_default(hook: Asked, subject: Subject) -> bool:
    found = find_member(subject, hook.name)
    return found is not None and found.owner is hook.owner and has_default_body(hook)
