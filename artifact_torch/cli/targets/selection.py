"""What of a module is checked, and what is left out with a reason."""

import enum
import inspect
from collections.abc import Iterable
from types import ModuleType

from torch import nn

from artifact_torch.checking.annotations.forms import is_protocol, is_typed_dict
from artifact_torch.checking.model_io import model_types
from artifact_torch.cli.catalogue import Contract
from artifact_torch.cli.reports.findings import Skipped
from artifact_torch.cli.targets.inference import Inferred, infer


def classes_meant(
    module: ModuleType, contracts: Iterable[Contract]
) -> tuple[list[tuple[type, Inferred]], list[Skipped]]:
    """The public classes defined in the module that look as if they were meant for a contract.

    The others that resemble one are named, each with what speaks against it.
    """
    known = list(contracts)
    meant: list[tuple[type, Inferred]] = []
    skipped: list[Skipped] = []
    for form in _own_classes(module):
        inferred = infer(form, known)
        if inferred is None:
            continue
        reason = _why_not(form, inferred)
        if reason is None:
            meant.append((form, inferred))
        else:
            skipped.append(Skipped(name=f"{module.__name__}:{form.__name__}", reason=reason))
    return meant, skipped


def _own_classes(module: ModuleType) -> list[type]:
    """In the order of definition; no helper, and nothing that only describes data."""
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and value.__name__ == name
        and not name.startswith("_")
        and not _describes_data(value)
    ]


def _describes_data(form: type) -> bool:
    data = any(base in form.__mro__ for base in (enum.Enum, BaseException))
    return data or is_protocol(form) or is_typed_dict(form) or inspect.isabstract(form)


def _why_not(form: type, inferred: Inferred) -> str | None:
    """What speaks against the contract; None if nothing does."""
    matches = inferred.matches
    if issubclass(form, nn.Module):
        if model_types(form) != (None, None) or {*matches} - {"forward"}:
            return None
        return (
            "neither what its forward takes nor what it returns is a typed dict: a building block?"
        )
    if inferred.is_plain or "dataset" in form.__name__.lower():
        return None
    return f"it resembles {inferred.contract.name} only in {', '.join(matches.values())}"
