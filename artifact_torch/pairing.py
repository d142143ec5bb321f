"""What `stop_when` and `track_best` check about the two sides that they join, and how they ask."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, final, runtime_checkable

from typing_extensions import TypeVar

from artifact_torch.contracts import EpochState, Monitor
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.optional import optional_places
from artifact_torch.parts import Place, check_contracts
from artifact_torch.scores import refuse

DataT = TypeVar("DataT")
Data_co = TypeVar("Data_co", covariant=True)


@runtime_checkable
class Paired(Protocol):
    """What already says what it wants to be told."""

    @property
    def paired_by(self) -> str: ...


class FromState(Protocol[Data_co]):
    """What `on=` and `by=` are: a function of the state after an epoch."""

    def __call__(self, state: EpochState, /) -> Data_co: ...


def check_pair(part: Place, function: Place) -> None:
    """The contracts of the two places share a type variable: what the function returns is what the
    part takes. Raises `ContractError` or `ConfigurationError`.
    """
    (name, given, _), (source_name, source, form) = part, function
    if isinstance(given, Paired) and not isinstance(given, type):
        raise ConfigurationError(
            f"{name}: is already paired by {given.paired_by}, expected one that is not; use it as "
            "it is"
        )
    refuse(_no_function_of_state(source_name, source))
    places = [part, *optional_places(name, given)]
    if isinstance(source, Monitor):
        places += optional_places(source_name, source)
    if _is_annotated(source):  # a lambda cannot be, so it is no reason to warn
        places.append((source_name, Function(source), form))
    check_contracts(*places)


def asking(
    part: object, ask: Callable[[DataT], bool], name: str, source: Callable[[EpochState], DataT]
) -> Callable[[EpochState], bool]:
    """`ask(source(state))`, where a score that the epoch does not have is an error in words."""

    def answer(state: EpochState) -> bool:
        scores = _Scores(state.scores)
        try:
            return ask(source(replace(state, scores=scores)))
        except _NoScoreError as error:
            wanted = str(error.args[0])
            raise ValidationError(
                f'{name} of {type(part).__name__}: got no score "{wanted}" in epoch '
                f"{state.n_epochs_elapsed}, whose scores are {sorted(scores)}; expected a function "
                "that can do without one, since there is none before the first epoch and where it "
                f'is not due: {name}=score("{wanted}"), which gives None'
            ) from error

    return answer


def _no_function_of_state(name: str, source: object) -> list[str]:
    example = repr(source) if isinstance(source, str) else "'loss'"
    expected = f"expected a function of the epoch's state, for example {name}=score({example})"
    if not callable(source):
        return [f"{name}: got {source!r}, {expected}"]
    signature = _signature(source)
    try:
        if signature is not None:
            signature.bind(object())
    except TypeError:
        return [f"{name}: got a function of the parameters {signature}, {expected}"]
    return []


def _is_annotated(source: object) -> bool:
    signature = _signature(source) if callable(source) else None
    return signature is not None and signature.return_annotation is not inspect.Signature.empty


def _signature(source: Callable[..., object]) -> inspect.Signature | None:
    try:
        return inspect.signature(source)
    except ValueError:  # written in C
        return None


@final
class Function:
    """A plain function like any other object with a `__call__`, which is what the check reads."""

    def __init__(self, function: object) -> None:
        vars(self)["__call__"] = function


@final
class _Scores(dict[str, float]):
    """Tells the lookup of a score from that of any other key."""

    def __missing__(self, name: str) -> float:
        raise _NoScoreError(name)


@final
class _NoScoreError(KeyError):
    pass
