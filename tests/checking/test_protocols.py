"""Rules that hold for every contract there is, and for every signature that joins contracts."""

import collections.abc as cabc
import inspect
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Protocol, TypeVar, get_args, get_origin

import pytest
import typing_extensions as te

import artifact_torch.contracts
import artifact_torch.table_comparison.contracts
from artifact_torch.checking.annotations import read_signature
from artifact_torch.checking.forms import NO_ANNOTATION, Unresolved, is_callable_form, is_union
from artifact_torch.checking.names import HiddenNames
from artifact_torch.contracts import TrackingClient
from artifact_torch.narrowing import is_list

P = inspect.Parameter


def protocols(*modules: ModuleType) -> list[type]:
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and te.is_protocol(value) and value is not Protocol
    }
    return sorted(found, key=lambda protocol: protocol.__name__)


CONTRACTS = protocols(artifact_torch.contracts, artifact_torch.table_comparison.contracts)
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
        signature = read_signature(function, contract, HiddenNames(), bound=True)
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


COVARIANT: tuple[object, ...] = (
    cabc.Sequence, cabc.Iterable, cabc.Iterator, cabc.Mapping, tuple, frozenset, type,
)  # fmt: skip


def occurrences(hint: object, sign: int) -> Iterator[tuple[str, int]]:
    """Each type variable in a parameter's type: 1 where the part gives it, -1 where it takes it."""
    args: tuple[object, ...] = get_args(hint)
    if isinstance(hint, TypeVar):
        yield from ((hint.__name__, s) for s in ((sign,) if sign else (1, -1)))
    elif is_callable_form(hint) and args:
        for parameter in args[0] if is_list(args[0]) else ():
            yield from occurrences(parameter, -sign)
        yield from occurrences(args[1], sign)
    elif is_union(hint) or get_origin(hint) in COVARIANT:
        for arg in args:
            yield from occurrences(arg, sign)
    elif args:
        parameters: tuple[TypeVar, ...] = getattr(get_origin(hint), "__parameters__", ())
        for variable, arg in zip(parameters, args, strict=False):  # an array has no variables
            variance = variable.__covariant__ - variable.__contravariant__
            yield from occurrences(arg, sign * variance)


def without_source(function: Callable[..., object]) -> set[str]:
    """The variables that parts only take. A checker solves one to `Never`, or to the first part
    that takes it, and then checks nothing.
    """
    signature = read_signature(function, object, HiddenNames(), bound=False)
    assert signature is not None
    signs: Counter[tuple[str, int]] = Counter()
    for parameter in signature.parameters:
        signs.update(occurrences(signature.hints[parameter.name], 1))
    return {name for name, sign in signs if sign < 0 and (name, 1) not in signs}


COMPOSING: dict[str, set[str]] = {
    "artifact_torch.trainer:Trainer.__init__": set(),
    "artifact_torch.stopping:stop_when": set(),
    "artifact_torch.tracking:track_best": set(),
    "artifact_torch.routines:bind": set(),
    "artifact_torch.data:collated": set(),
    # no loader here: what the model takes is closed where the trainer joins it with one
    "artifact_torch.steps:OptimizerStep.__init__": {"InT"},
    # no model here: its type arguments are spelt out, or it is written inside Trainer(...)
    "artifact_torch.routines:DataLoaderRoutine.__init__": {"OutT"},
}
"""Everything that joins parts of different types, and the variables it leaves to somebody else."""


@pytest.mark.parametrize(("path", "expected"), COMPOSING.items())
def test_every_type_variable_has_a_source(path: str, expected: set[str]) -> None:
    assert without_source(pkgutil.resolve_name(path)) == expected


def test_the_rule_sees_a_sink_without_a_source() -> None:
    taken = TypeVar("taken")

    def only_sinks(callbacks: cabc.Sequence[Callable[[taken], None]]) -> None:
        del callbacks

    def with_source(give: Callable[[], taken], take: Callable[[taken], None]) -> None:
        del give, take

    assert without_source(only_sinks) == {"taken"}
    assert without_source(with_source) == set()
