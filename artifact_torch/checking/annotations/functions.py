"""The parameters and result of a function, with what decorators around it change."""

import ast
import contextlib
import inspect
import textwrap
import types
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, get_args

import typing_extensions as te

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    SELF,
    is_unknown,
    own_type_parameters,
    subscripted,
)
from artifact_torch.checking.annotations.generics import free_variables
from artifact_torch.checking.annotations.names import Scope, resolve
from artifact_torch.checking.annotations.signatures import (
    COLLECTING,
    PASSED_ON,
    POSITIONAL,
    Signature,
    spread,
)
from artifact_torch.checking.narrowing import is_partial
from artifact_torch.internal.signatures import signature_of

_P = inspect.Parameter


def read_signature(
    function: Callable[..., object], owner: type, *, bound: bool
) -> Signature | None:
    """None for functions written in C that tell nothing about themselves.

    `bound`: the first parameter is `self` and is left out.
    """
    signature = _whole(function, owner)
    if signature is None:
        return None
    parameters, hints = signature.parameters, {**signature.hints}
    known: dict[object, object] = {}
    if bound and parameters and parameters[0].kind is not _P.VAR_POSITIONAL:
        known[hints.pop(parameters[0].name)] = SELF  # `def train(self: T) -> T`
        known.pop(NO_ANNOTATION, None)
        parameters = parameters[1:]
    read = Signature(parameters, hints)
    if read.is_open:  # the typing specification: nothing said is Any said
        rest = [p.name for p in parameters if p.kind in COLLECTING]
        hints |= {name: Any for name in rest if hints[name] is NO_ANNOTATION}
    return read.with_known(known)


def _whole(function: Callable[..., object], owner: type) -> Signature | None:
    wrapped: object = getattr(function, "__wrapped__", None)
    if callable(wrapped) and inspect.isfunction(function) and "__signature__" not in vars(function):
        inner = _whole(wrapped, owner)
        # functools.wraps has replaced its annotations
        if inner is not None and is_context_manager(function):
            yielded = get_args(inner.hints["return"]) or (NO_ANNOTATION,)
            made = subscripted(AbstractContextManager, (yielded[0], Any))
            return Signature(inner.parameters, {**inner.hints, "return": made})
        outer = _as_read(function, owner, _written_annotations(function))
        return outer if inner is None else inner if outer is None else _around(outer, inner)
    outer = _as_read(function, owner, None)
    if outer is None or not any(isinstance(hint, PASSED_ON) for hint in outer.hints.values()):
        return outer
    called = [value for value in _closure(function).values() if callable(value)]
    inner = _whole(called[0], owner) if len(called) == 1 else None
    return outer if inner is None else _around(outer, inner)


def is_context_manager(function: object) -> bool:
    """Whether a generator function was decorated by `contextlib.contextmanager`."""
    code: object = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_filename == contextlib.__file__


def _as_read(
    function: Callable[..., object],
    owner: type,
    written: Mapping[str, object] | None,
) -> Signature | None:
    try:
        signature = signature_of(function, as_written=written is not None)
    except (TypeError, ValueError):
        return None
    inner = innermost(function) if written is None else function
    scope = Scope(
        getattr(inner, "__module__", None) or owner.__module__,
        module_names=getattr(inner, "__globals__", None),
        class_names={**vars(owner), **_closure(inner)},
        type_parameters=(
            *own_type_parameters(owner),
            *own_type_parameters(inner),
        ),
    )
    parameters = tuple(_by_old_rule(p) for p in signature.parameters.values())
    raw = {p.name: p.annotation for p in parameters}
    raw["return"] = signature.return_annotation
    if written is not None:
        raw = {name: written.get(name, NO_ANNOTATION) for name in raw}
    hints = {name: resolve(annotation, scope) for name, annotation in raw.items()}
    if inspect.iscoroutinefunction(inner) and hints["return"] is not NO_ANNOTATION:
        hints["return"] = subscripted(te.Coroutine, (Any, Any, hints["return"]))
    return spread(Signature(parameters, hints))


def _by_old_rule(parameter: inspect.Parameter) -> inspect.Parameter:
    """`__x`, in a class `_Class__x`, is positional only."""
    name = parameter.name
    is_private = "__" in name and name.startswith("_") and not name.endswith("__")
    if is_private and parameter.kind is _P.POSITIONAL_OR_KEYWORD:
        return parameter.replace(kind=_P.POSITIONAL_ONLY)
    return parameter


def _around(outer: Signature, inner: Signature) -> Signature:
    """A decorator's function, with what it passes on filled in from the function inside."""
    own = {name: _own_hint(hint) for name, hint in outer.hints.items()}
    says = {name: hint for name, hint in own.items() if hint is not NO_ANNOTATION}
    kept = [p for p in outer.parameters if p.kind not in COLLECTING or p.name in says]
    passed_on = {p.kind for p in outer.parameters if p not in kept}
    lead = [p.name for p in outer.parameters if p.kind in POSITIONAL]
    first = [p for p in inner.parameters if p.kind in POSITIONAL][: len(lead)]
    for p in inner.parameters:
        by_place = p.kind in (*POSITIONAL, _P.VAR_POSITIONAL) and _P.VAR_POSITIONAL in passed_on
        by_name = p.kind not in (_P.POSITIONAL_ONLY, _P.VAR_POSITIONAL) and (
            _P.VAR_KEYWORD in passed_on and p.name not in own
        )
        if p in first or not (by_place or by_name):
            continue
        kind = p.kind
        if kind is _P.POSITIONAL_OR_KEYWORD and not (by_place and by_name):
            kind = _P.POSITIONAL_ONLY if by_place else _P.KEYWORD_ONLY
        kept.append(p.replace(kind=kind))
    known = {**dict(zip(lead, (inner.hints[p.name] for p in first), strict=False)), **says}
    hints = {**inner.hints, **known}
    names = [*(p.name for p in kept), "return"]
    return Signature(
        tuple(sorted(kept, key=lambda p: p.kind)),
        {name: hints.get(name, NO_ANNOTATION) for name in names},
    )


def _own_hint(hint: object) -> object:
    """What a decorator says by itself; its type variables stand for the function inside."""
    says_nothing = is_unknown(hint) or hint is Any or free_variables(hint)
    return NO_ANNOTATION if says_nothing else hint


def _closure(function: object) -> dict[str, object]:
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    found: dict[str, object] = {}
    if isinstance(code, types.CodeType):
        for name, cell in zip(code.co_freevars, cells or (), strict=False):
            try:
                found[name] = cell.cell_contents
            except ValueError:  # not assigned yet
                continue
    return found


def _written_annotations(function: types.FunctionType) -> dict[str, object]:
    """Those in the source; names that cannot be resolved say nothing."""
    definition = definition_of(function)
    if definition is None:
        return {}
    found = {a.arg: a.annotation for a in ast.walk(definition.args) if isinstance(a, ast.arg)}
    found["return"] = definition.returns
    return {name: ast.unparse(hint) for name, hint in found.items() if hint is not None}


def definition_of(
    function: types.FunctionType,
) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The source of a function itself, whatever it says it wraps; None where there is none."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function.__code__)))
    except (OSError, TypeError, SyntaxError):
        return None
    match tree.body:
        case [ast.FunctionDef() | ast.AsyncFunctionDef() as definition]:
            return definition
        case _:
            return None


def innermost(function: Callable[..., object]) -> object:
    """The function that somebody wrote: without decorators that say what they wrap, `partial` and the
    object that it is bound to.
    """
    inner: object = inspect.unwrap(function)
    while is_partial(inner):
        inner = inspect.unwrap(inner.func)
    return getattr(inner, "__func__", inner)
