"""What of a module is checked, and what is left out with a reason."""

import enum
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import get_args

from artifact_torch.checking.annotations.forms import is_protocol, is_typed_dict
from artifact_torch.checking.contract import check_contract
from artifact_torch.checking.members.callables import member_signatures
from artifact_torch.checking.members.members import subject_of
from artifact_torch.checking.model_io import model_types
from artifact_torch.cli.catalogue import Contract
from artifact_torch.cli.targets.inference import Inferred, infer
from artifact_torch.internal.signatures import signature_of


def choose(
    module: ModuleType, contracts: Iterable[Contract]
) -> tuple[list[tuple[type, Inferred]], Mapping[str, str]]:
    """The public classes defined in the module that look as if they were meant for a contract.

    The others that resemble one are named, each with what speaks against it.
    """
    known = list(contracts)
    meant: list[tuple[type, Inferred]] = []
    left_out: dict[str, str] = {}
    for form in _own_classes(module):
        inferred = infer(form, known)
        reason = _why_not(form, inferred) if inferred else ""
        if reason:
            left_out[f"{module.__name__}:{form.__name__}"] = reason
        elif inferred:
            meant.append((form, inferred))
    return meant, left_out | dict(_makers_of_trainers(module))


def _makers_of_trainers(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Factories, which are only called when they are named: there, parts meet each other."""
    for name, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__:
            made = str(signature_of(value).return_annotation).strip("'")
            if made.startswith("Trainer") or "artifact_torch.trainer.trainer.Trainer" in made:
                called = f"{module.__name__}:{name}"
                command = f"artifact-torch check {called}"
                together = "calls it, and checks the parts of its trainer together"
                yield called, f"`{command}` {together}; --ranks 2 also on two processes"


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


def _why_not(form: type, inferred: Inferred) -> str:
    """What speaks against the contract; empty if nothing does."""
    if inferred.is_module:
        return _why_no_model(form, inferred)
    if inferred.is_plain or _handles_rows(form, inferred):
        return ""
    if any("dataset" in base.__name__.lower() for base in form.__mro__):
        return ""
    if not check_contract(form, inferred.contract.protocol):
        return ""  # complete, whatever it is meant for
    names = ", ".join(inferred.matches.values())
    named = f"`artifact-torch check {form.__module__}:{form.__name__}`"
    return f"it resembles {inferred.contract.name} only in {names}; {named} says what it would need"


def _why_no_model(form: type, inferred: Inferred) -> str:
    forward: object = inspect.getattr_static(form, inferred.matches.get("forward", ""), None)
    misspelt = inferred.matches.get("forward") != "forward" and forward is not None
    is_called = forward is None or callable(forward) or isinstance(forward, classmethod)
    if misspelt or not is_called:  # a property, a cached one, a text
        return ""  # torch calls no other, and calls it
    if {*inferred.matches} - {"forward"} or model_types(form) != (None, None):
        return ""
    if forward is None:
        return "it has no forward: a building block?"
    if isinstance(forward, FunctionType) and _writes_loss(forward):
        return ""
    return (
        "neither what its forward takes nor what it returns is a typed dict: a building block? "
        "If it is a model, annotate its forward with typed dicts"
    )


def _writes_loss(forward: FunctionType) -> bool:
    """Whether it writes `{"loss": ...}` or `dict(loss=...)`, which no building block does."""
    written = forward.__code__.co_consts
    return any(each == "loss" or (isinstance(each, tuple) and "loss" in each) for each in written)


def _handles_rows(form: type, inferred: Inferred) -> bool:
    """Whether its members take or give typed dicts, which nobody else's do."""
    subject = subject_of(form)
    signatures = (member_signatures(subject, name) or [] for name in inferred.matches.values())
    hints = [hint for each in signatures for one in each for hint in one.hints.values()]
    return any(is_typed_dict(each) for hint in hints for each in (hint, *get_args(hint)))
