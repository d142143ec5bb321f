"""Every contract of the toolkit by name, those of the domains included."""

import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Final, final

import typing_extensions as te

import artifact_torch.contracts
from artifact_torch.checking.annotations.forms import class_of, is_protocol
from artifact_torch.checking.annotations.generics import type_parameters
from artifact_torch.checking.annotations.spelling import nearest, variable_name
from artifact_torch.checking.members.bodies import has_default_body
from artifact_torch.checking.members.members import Asked, asked_members, subject_of
from artifact_torch.cli.reports.findings import CannotCheckError

_DOMAINS: Final[Mapping[str, str]] = {
    "table_comparison": "pandas",
    "binary_classification": "torch",
    "multiclass_classification": "torch",
    "regression": "torch",
}
"""Each with the library that everybody who uses it names."""


@final
@dataclass(frozen=True)
class Contract:
    """A Protocol, and what has to be known about it to talk about it."""

    protocol: type

    @property
    def name(self) -> str:
        return self.protocol.__name__

    @property
    def parameters(self) -> tuple[object, ...]:
        """Its type variables."""
        return type_parameters(self.protocol)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """In the order of definition."""
        return tuple(member.name for member in self._asked())

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Those without a default body."""
        return tuple(member.name for member in self._asked() if not has_default_body(member))

    def _asked(self) -> Iterable[Asked]:
        return asked_members(self.protocol, subject_of(self.protocol))

    @property
    def signature(self) -> str:
        """`TableSynthesizer[In, Out, Params]`."""
        names = ", ".join(variable_name(parameter) for parameter in self.parameters)
        return f"{self.name}[{names}]" if names else self.name

    @property
    def about(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.protocol) or "").partition("\n")[0]

    @property
    def module(self) -> str:
        """The package that it is imported from."""
        module, core = self.protocol.__module__, "artifact_torch.contracts"
        return core if module.startswith(f"{core}.") else module.removesuffix(".contracts")


def all_contracts(*, for_module: ModuleType | None = None) -> dict[str, Contract]:
    """By name, the core's first. A domain whose library is not installed has none, nor has one
    whose library `for_module` does not use: loading pandas costs 0.3 s of CPU time.
    """
    core = artifact_torch.contracts
    names: list[str] = vars(core)["__all__"]
    found: dict[str, object] = {name: getattr(core, name) for name in names}
    for domain, library in _DOMAINS.items():
        if library in sys.modules or for_module is None or _names(for_module, library):
            with contextlib.suppress(ImportError):
                module = _contracts_alone(f"artifact_torch.{domain}")
                own = inspect.getmembers(module, inspect.isclass)
                found |= {n: form for n, form in own if form.__module__ == module.__name__}
    forms = [form for form in found.values() if isinstance(form, type) and is_protocol(form)]
    return {form.__name__: Contract(form) for form in forms}


def _names(module: ModuleType, library: str) -> bool:
    """Whether its source does, or cannot be read."""
    try:
        return library in inspect.getsource(module)
    except (OSError, TypeError):
        return True


def _contracts_alone(package: str) -> ModuleType:
    """The contracts of a domain, without the domain: its implementation loads libraries for
    seconds, its contracts do not.
    """
    name = f"{package}.contracts"
    file = Path(__file__).parents[1] / package.rpartition(".")[2] / "contracts.py"
    spec = importlib.util.spec_from_file_location(name, file)
    if package in sys.modules or name in sys.modules or spec is None or spec.loader is None:
        return importlib.import_module(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # the same classes, should the domain be imported later
    try:
        spec.loader.exec_module(module)
    except ImportError:
        del sys.modules[name]
        raise
    return module


def named_contract(name: str, known: Mapping[str, Contract]) -> Contract:
    """The contract of that name, or `pkg.mod:Contract`. Raises `CannotCheckError`."""
    if name in known:
        return known[name]
    if ":" not in name:
        near = nearest(name, known)
        advice = f"did you mean {near}?" if near else f"known are {', '.join(sorted(known))}"
        raise CannotCheckError(f"there is no contract {name}; {advice}")
    try:
        found = named_object(name)
    except (ImportError, AttributeError) as error:
        raise CannotCheckError(f"contract {name}: {error}") from error
    form = class_of(found)
    if form is None or not te.is_protocol(form):
        raise CannotCheckError(f"{name} is no contract: a contract is a Protocol class")
    return Contract(form)


def named_object(name: str) -> object:
    """What `pkg.mod:Name` means, or a builtin. Raises ImportError, AttributeError."""
    module, colon, path = name.rpartition(":")
    found: object = importlib.import_module(module if colon else "builtins")
    for part in path.split("."):
        found = getattr(found, part)
    return found
