"""Names in annotations, also those that a module only imports `if TYPE_CHECKING:`."""

import ast
import builtins
import functools
import importlib
import importlib.util
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from typing import Final, Literal, final, get_args, get_origin

import typing_extensions as te

from artifact_torch.checking.annotations.forms import Unresolved
from artifact_torch.internal.narrowing import is_list

_CHEAP: Final = frozenset({"numpy", "typing_extensions"}) | sys.stdlib_module_names
"""Packages that torch has loaded anyway, or that cost nothing: imported where a name needs them."""

_MISSING: Final = object()

_FAILURES: Final = (
    NameError,
    AttributeError,
    TypeError,
    SyntaxError,
    KeyError,
    ValueError,
    ImportError,
)
"""What evaluating somebody's annotation may raise."""


def resolve(raw: object, scope: "Scope") -> object:
    """The type that an annotation means, or `Unresolved` where its names cannot be known."""
    raw = raw.__forward_arg__ if isinstance(raw, typing.ForwardRef) else raw
    if not _has_names(raw):
        return raw
    # typing evaluates the annotations of a class, nested forward references included
    carrier = type("carrier", (), {"__annotations__": {"it": raw}})
    while True:
        try:
            return te.get_type_hints(carrier, scope.module_names, scope, include_extras=True)["it"]
        except NameError as error:  # since Python 3.14 typing evaluates with a copy of the scope
            if not scope.learned(error.name):
                return Unresolved(str(raw), is_hidden=scope.hides)
        except _FAILURES:
            return Unresolved(str(raw), is_hidden=scope.hides)


def _has_names(raw: object) -> bool:
    """Whether the annotation, or a part of it, is written as a string."""
    if isinstance(raw, type) or raw is None:
        return False
    if isinstance(raw, (str, typing.ForwardRef)):
        return True
    parts: tuple[object, ...] = (*raw,) if is_list(raw) else get_args(raw)
    return get_origin(raw) is not Literal and any(_has_names(part) for part in parts)


@final
class Scope(dict[str, object]):
    """The names an annotation is evaluated with; each is looked up when it is asked for.

    In this order: type parameters, the module, builtins, the class around, hidden names.
    """

    def __init__(
        self,
        module_name: str,
        *,
        module_names: dict[str, object] | None = None,
        class_names: Mapping[str, object] | None = None,
        type_parameters: tuple[object, ...] = (),
    ) -> None:
        super().__init__({str(parameter): parameter for parameter in type_parameters})
        module = vars(sys.modules[module_name]) if module_name in sys.modules else {}
        self.module_names: dict[str, object] = module if module_names is None else module_names
        self._layers = [self.module_names, vars(builtins), class_names or {}]
        self._module_name = module_name
        self.hides: bool = False
        """Whether the last name that was not found stands under `if TYPE_CHECKING:`."""

    def __missing__(self, name: str) -> object:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        self.hides = name in _hidden_statements(self._module_name)
        return _hidden_name(self._module_name, name)

    def learned(self, name: str | None) -> bool:
        """Whether `name` had not been looked up yet, and is now in the dict itself."""
        if name is None or name in self:
            return False
        try:
            self[name] = self[name]
        except KeyError:
            return False
        return True


def _hidden_name(module_name: str, name: str) -> object:
    """What `name` means in the module where only checkers see it. Raises `KeyError` when that
    cannot be known: nothing heavy is imported, a name of a library that nobody has loaded stays
    unresolved.
    """
    match _hidden_statements(module_name).get(name):
        case ast.Import(names=names):
            return _imported_module(names, name)
        case ast.ImportFrom() as statement:
            return _imported_name(module_name, statement, name)
        case ast.AnnAssign(value=ast.expr() as value) | ast.Assign(value=value):
            found = resolve(ast.unparse(value), Scope(module_name))
            if not isinstance(found, Unresolved):
                return found
        case _:
            pass
    raise KeyError(name)


def _imported_name(module_name: str, statement: ast.ImportFrom, name: str) -> object:
    package = sys.modules[module_name].__package__
    relative = "." * statement.level + (statement.module or "")
    source = importlib.util.resolve_name(relative, package)
    original = next(a.name for a in statement.names if name == (a.asname or a.name))
    module = _loaded(source)
    found: object = getattr(module, original, _MISSING)
    if found is not _MISSING:
        return found
    submodule = _loaded(f"{source}.{original}")
    return _hidden_name(source, original) if submodule is None else submodule


def _hidden_statements(module_name: str) -> Mapping[str, ast.stmt]:
    try:
        return _guarded_statements(inspect.getsource(sys.modules[module_name]))
    except (OSError, TypeError, KeyError):  # no source: a notebook's __main__, a zip
        return {}


@functools.lru_cache(maxsize=64)
def _guarded_statements(source: str) -> Mapping[str, ast.stmt]:
    """By name, what a module defines under `if TYPE_CHECKING:`."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # changed since it was loaded
        return {}
    guarded = [node for node in tree.body if isinstance(node, ast.If) and _is_guard(node.test)]
    return {
        name: statement
        for node in guarded
        for statement in node.body
        for name in _defined(statement)
    }


def _is_guard(test: ast.expr) -> bool:
    return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING"


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Import(names=names):
            return [alias.asname or alias.name.partition(".")[0] for alias in names]
        case ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return [name]
        case _:
            return []


def _imported_module(names: list[ast.alias], name: str) -> object:
    for alias in names:
        path = alias.name if alias.asname else alias.name.partition(".")[0]
        if name == (alias.asname or path) and (module := _loaded(path)) is not None:
            return module
    raise KeyError(name)


def _loaded(name: str) -> types.ModuleType | None:
    if name not in sys.modules and name.partition(".")[0] in _CHEAP:
        try:
            return importlib.import_module(name)
        except ImportError:
            return None
    return sys.modules.get(name)
