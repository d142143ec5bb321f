"""Methods and properties that are there, but are no implementation."""

import ast
import inspect
import textwrap
from collections.abc import Callable

from artifact_torch.checking.annotations.forms import is_protocol
from artifact_torch.checking.members.members import Asked, Found, Subject, near_name
from artifact_torch.errors import Violation


def check_implemented(asked: Asked, found: Found, subject: Subject) -> list[Violation]:
    """The violation of a member that nobody has written."""
    reason = None if subject.is_annotation else _why_not_implemented(found, subject)
    if reason is None:
        return []
    fix = _how_to_implement(asked, found, subject)
    return [Violation(member=asked.name, code="not-implemented", message=reason, fix=fix)]


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
    if not inspect.isfunction(function):
        return True
    body = _body(function)
    return all(_does_nothing(statement) for statement in body)


def _body(function: Callable[..., object]) -> list[ast.stmt]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    match tree.body:
        case [ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body)]:
            return body
        case _:
            return []


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.expr() as raised):
            return "NotImplementedError" in ast.unparse(raised)
        case _:
            return False
