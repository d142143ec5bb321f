"""Every type variable of a composing signature has a source, or nothing would be checked.

A parameter's type uses a variable as a source where it is covariant (a loader's batch, a model's
output) and as a sink where it is contravariant (a callback's batch). What lies between a source
and its sinks is checked; a variable with sinks alone is solved to `Never` or to the first sink,
and then a part that does not fit passes.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType, UnionType
from typing import TypeGuard, TypeVar, Union, get_args, get_origin, get_type_hints

import pandas as pd
import pytest

import artifact_torch
from artifact_torch import routines, table_comparison
from artifact_torch.contracts import BatchCallback, BatchSource, EarlyStopper, InT, OutT, RunState
from artifact_torch.internal import modules

SOURCE, SINK = 1, -1
COVARIANT: list[object] = [Sequence, Iterable, Iterator, tuple, type, frozenset, Union, UnionType]

EXCEPTIONS: dict[str, set[str]] = {
    # One model and nothing to agree with: its input has one sink.
    "OptimizerStep.__init__": {"InT"},
    "ClosureStep.__init__": {"InT"},
    "AlternatingStep.__init__": {"InT"},
    "AveragedStep.__init__": {"InT"},
    "averaged": {"InT"},
    "as_forward": {"InT"},
    # One function and nothing to agree with: what it takes is what the model takes.
    "with_forward": {"InT"},
    # The step that it is written in closes it, by its own optimizer.
    "planned": {"AnyOptT"},
    # No model takes part. A trainer closes the variables where the routine is written inside its
    # call; alone, the documentation asks for written types. Both are in typecheck/.
    "BatchRoutine.__init__": {"SeenIn_contra", "SeenOut_contra"},
    "DataLoaderRoutine.__init__": {"SeenOut_contra"},
    # One function and nothing to agree with: what it reads is what the callback asks for.
    "MetricCallback.__init__": {"SeenIn_contra", "SeenOut_contra"},
    "MetricResultCallback.__init__": {"SeenIn_contra", "SeenOut_contra"},
}


def polarities(signature: Callable[..., object]) -> dict[str, set[int]]:
    """Variable to the ways in which the parameters of `signature` use it."""
    found: dict[str, set[int]] = {}
    hints = _hints(signature)
    for name in inspect.signature(signature).parameters:
        if name in hints:
            _walk(hints[name], SOURCE, found)
    return found


def unsourced(signature: Callable[..., object]) -> set[str]:
    """The variables that `signature` only ever asks for."""
    return {name for name, signs in polarities(signature).items() if signs == {SINK}}


class Unseen:
    """Stands for a type that only checkers import, also for one with type arguments."""

    def __class_getitem__(cls, _: object) -> "type[Unseen]":
        return cls


def _hints(signature: Callable[..., object]) -> Mapping[str, object]:
    """The hints; a name that only checkers import stands for a type without variables."""
    names: dict[str, object] = {"os": os, "pd": pd}
    while True:
        try:
            return get_type_hints(signature, localns=names)
        except NameError as error:
            if error.name is None or error.name in names:
                raise
            names[error.name] = Unseen


def _walk(hint: object, sign: int, found: dict[str, set[int]]) -> None:
    if isinstance(hint, TypeVar):
        found.setdefault(hint.__name__, set()).update({sign} if sign else {SOURCE, SINK})
        return
    origin: object = get_origin(hint)
    arguments: tuple[object, ...] = get_args(hint)
    for argument, variance in zip(arguments, _variances(origin, arguments), strict=True):
        for part in argument if _is_parameter_list(argument) else (argument,):
            _walk(part, sign * variance, found)


def _is_parameter_list(argument: object) -> TypeGuard[list[object]]:
    return isinstance(argument, list)


def _variances(origin: object, arguments: Sequence[object]) -> Iterable[int]:
    if origin is Callable:
        return (SINK, SOURCE)
    if origin in COVARIANT:
        return [SOURCE] * len(arguments)
    if origin is Mapping:
        return (0, SOURCE)
    parameters: tuple[TypeVar, ...] = getattr(origin, "__parameters__", ())
    if len(parameters) != len(arguments):
        return [0] * len(arguments)
    return [SOURCE * each.__covariant__ + SINK * each.__contravariant__ for each in parameters]


def composing(*namespaces: ModuleType) -> Iterator[tuple[str, Callable[..., object]]]:
    """Public functions, constructors and alternative constructors with a type variable."""
    for namespace in namespaces:
        names: Sequence[str] = getattr(namespace, "__all__", dir(namespace))
        for name in names:
            member: object = getattr(namespace, name)
            if name.startswith("_") or getattr(member, "_is_protocol", False):
                continue
            if isinstance(member, FunctionType):
                yield name, member
            elif isinstance(member, type) and member.__module__.startswith("artifact_torch."):
                for attribute, value in vars(member).items():
                    if isinstance(value, classmethod | staticmethod):
                        yield f"{name}.{attribute}", getattr(member, attribute)
                    elif attribute == "__init__":
                        yield f"{name}.__init__", value


COMPOSING = {
    name: signature
    for name, signature in composing(artifact_torch, routines, table_comparison, modules)
    if polarities(signature)
}


@pytest.mark.parametrize("name", sorted(COMPOSING))
def test_every_variable_has_a_source(name: str) -> None:
    assert unsourced(COMPOSING[name]) == EXCEPTIONS.get(name, set())


def test_the_composing_signatures_are_found() -> None:
    assert set(COMPOSING) >= {
        "BatchRoutine.__init__",
        "DataLoader.__init__",
        "DataLoaderRoutine.__init__",
        "OptimizerStep.__init__",
        "TableComparisonRoutine.__init__",
        "TorchLoader.__init__",
        "Trainer.__init__",
        "as_forward",
        "bind",
        "collated",
        "stop_when",
        "track_best",
        "trainer_from_recipe",
    }
    assert set(EXCEPTIONS) <= set(COMPOSING)


T = TypeVar("T")


def of_any_kind(_stoppers: Sequence[EarlyStopper[T]]) -> None: ...
def paired(_stopper: EarlyStopper[T], _on: Callable[[RunState], T]) -> None: ...
def around(_function: Callable[[Callable[[T], int]], None]) -> None: ...
def kept(_values: list[T], _names: Mapping[str, T] | None) -> None: ...
def watched(_loader: BatchSource[InT], _callback: BatchCallback[InT, OutT]) -> None: ...


def test_sources_and_sinks_are_told_apart() -> None:
    assert polarities(of_any_kind) == {"T": {SINK}}
    assert polarities(paired) == {"T": {SINK, SOURCE}}
    assert polarities(around) == {"T": {SOURCE}}
    assert polarities(kept) == {"T": {SINK, SOURCE}}
    assert polarities(watched) == {"InT": {SINK, SOURCE}, "OutT": {SINK}}
    assert unsourced(watched) == {"OutT"}
