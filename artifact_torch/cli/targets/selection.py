"""What of a module is checked, and what is left out with a reason."""

import enum
import inspect
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import get_args

from artifact_torch.checking.annotations.forms import is_protocol, is_typed_dict
from artifact_torch.checking.contract import check_contract
from artifact_torch.checking.members.members import subject_of
from artifact_torch.checking.model_io import model_types
from artifact_torch.cli.catalogue import Contract
from artifact_torch.cli.reports.findings import Skipped
from artifact_torch.cli.targets.inference import Inferred, infer, returned_by
from artifact_torch.internal.signatures import signature_of


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
    return meant, [*skipped, *_makers_of_trainers(module)]


def _makers_of_trainers(module: ModuleType) -> Iterator[Skipped]:
    """Factories, which are only called when they are named: there, parts meet each other."""
    for name, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__:
            made = str(signature_of(value).return_annotation).strip("'")
            if made.startswith("Trainer") or "artifact_torch.trainer.trainer.Trainer" in made:
                called = f"{module.__name__}:{name}"
                command = f"artifact-torch check {called}"
                reason = f"`{command}` calls it, and checks the parts of its trainer together"
                yield Skipped(name=called, reason=reason)


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
    return data or is_protocol(form) or is_typed_dict(form)


def _why_not(form: type, inferred: Inferred) -> str | None:
    """What speaks against the contract; None if nothing does."""
    if inferred.is_module:
        return _why_no_model(form, inferred)
    if inferred.is_plain or _is_called_dataset(form) or _gives_rows(form):
        return None
    if not check_contract(form, inferred.contract.protocol):
        return None  # complete, whatever it is meant for
    names = ", ".join(inferred.matches.values())
    named = f"`artifact-torch check {form.__module__}:{form.__name__}`"
    return f"it resembles {inferred.contract.name} only in {names}; {named} says what it would need"


def _why_no_model(form: type, inferred: Inferred) -> str | None:
    forward: object = inspect.getattr_static(form, inferred.matches.get("forward", ""), None)
    misspelt = inferred.matches.get("forward") != "forward" and forward is not None
    is_called = forward is None or callable(forward) or isinstance(forward, classmethod)
    if misspelt or not is_called:  # a property, a cached one, a text
        return None  # torch calls no other, and calls it
    if {*inferred.matches} - {"forward"} or model_types(form) != (None, None):
        return None
    if forward is None:
        return "it has no forward: a building block?"
    return (
        "neither what its forward takes nor what it returns is a typed dict: a building block? "
        "If it is a model, annotate its forward with typed dicts"
    )


def _is_called_dataset(form: type) -> bool:
    return any("dataset" in base.__name__.lower() for base in form.__mro__)


def _gives_rows(form: type) -> bool:
    """Whether its items are typed dicts, which nobody else's are."""
    subject = subject_of(form)
    several = ("__iter__", "batches")
    items = [returned_by(subject, "__getitem__")]
    items += [arg for name in several for arg in get_args(returned_by(subject, name))]
    return any(is_typed_dict(item) for item in items)
