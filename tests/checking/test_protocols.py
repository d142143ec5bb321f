"""Rules that hold for every contract there is, and for every signature that joins contracts."""

import inspect
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Protocol

import pytest
import typing_extensions as te

import artifact_torch.binary_classification.contracts
import artifact_torch.contracts
import artifact_torch.multiclass_classification.contracts
import artifact_torch.regression.contracts
import artifact_torch.table_comparison.contracts
from artifact_torch.checking.annotations.forms import NO_ANNOTATION, Unresolved
from artifact_torch.checking.annotations.functions import read_signature
from artifact_torch.contracts import TrackingClient

P = inspect.Parameter


def protocols(*modules: ModuleType) -> list[type]:
    """Also those that a lazy package brings when they are asked for."""
    values = [
        getattr(module, name)
        for module in modules
        for name in {*vars(module), *vars(module).get("__all__", ())}
    ]
    found = {
        value
        for value in values
        if isinstance(value, type) and te.is_protocol(value) and value is not Protocol
    }
    return sorted(found, key=lambda protocol: protocol.__name__)


CONTRACTS = protocols(
    artifact_torch.contracts,
    artifact_torch.table_comparison.contracts,
    artifact_torch.binary_classification.contracts,
    artifact_torch.multiclass_classification.contracts,
    artifact_torch.regression.contracts,
)
every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)


def methods(contract: type) -> Iterator[tuple[str, FunctionType]]:
    for name in te.get_protocol_members(contract):
        member: object = inspect.getattr_static(contract, name)
        getter = member.fget if isinstance(member, property) else member
        assert isinstance(getter, FunctionType), f"{contract.__name__}.{name} is an attribute"
        yield name, getter


def test_all_contracts_are_seen() -> None:
    assert len(CONTRACTS) >= 20


@every_contract
def test_runtime_checkable(contract: type) -> None:
    assert isinstance(object(), contract) is False  # raises where it is not


@every_contract
def test_documented(contract: type) -> None:
    assert contract.__doc__
    assert not contract.__doc__.startswith("Base class")


@every_contract
def test_annotated_with_names_that_exist(contract: type) -> None:
    import matplotlib.figure  # what our own annotations hide until somebody has loaded it

    assert matplotlib.figure is not None
    for name, function in methods(contract):
        signature = read_signature(function, contract, bound=True)
        assert signature is not None
        for hint in signature.hints.values():
            assert hint is not NO_ANNOTATION, f"{contract.__name__}.{name}"
            assert not isinstance(hint, Unresolved), f"{contract.__name__}.{name}: {hint}"


# `nn.Module` and `torch.optim` fix these names, as artifact-experiment does those of its clients
NAMED_METHODS = {"parameters", "named_parameters", "train", "zero_grad"}


@every_contract
def test_the_names_of_parameters_are_the_implementers(contract: type) -> None:
    if contract is TrackingClient:
        return
    for name, function in methods(contract):
        for parameter in [*inspect.signature(function).parameters.values()][1:]:
            if name not in NAMED_METHODS:
                assert parameter.kind in {P.POSITIONAL_ONLY, P.KEYWORD_ONLY}, f"{name}({parameter})"
