"""What `stop_when` and `track_best` check about the two sides that they join."""

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, final, runtime_checkable

from typing_extensions import TypeVar

from artifact_torch.checking.places import Place, check_contracts, optional_places
from artifact_torch.contracts import Monitor, RunState
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.arguments import described
from artifact_torch.internal.signatures import signature_of
from artifact_torch.stopping.scores import monitored_names, score

DataT = TypeVar("DataT")
Data_co = TypeVar("Data_co", covariant=True)

_logger = logging.getLogger(__name__)


@runtime_checkable
class Paired(Protocol):
    """What already says what it wants to be told."""

    @property
    def paired_by(self) -> str: ...


class FromState(Protocol[Data_co]):
    """What `on=` and `by=` are asked for, after each epoch."""

    def of_epoch(self, state: RunState, /) -> Data_co: ...


def asked_of(
    ask: Callable[[DataT], bool], source: Callable[[RunState], DataT], state: RunState, /
) -> bool:
    """What the part says to what the function makes of `state`; no lambda, which no pickle takes."""
    return ask(source(state))


@final
@dataclass(frozen=True)
class _Source:
    """A function as the member of an object, which is where the check looks for one."""

    of_epoch: object


def check_pair(part: Place, function: Place) -> None:
    """The contracts of the two places share a type variable: what the function returns is what the
    part takes. Raises `ContractError` or `ConfigurationError`.
    """
    (name, given, _), (source_name, source, _) = part, function
    if isinstance(given, Paired) and not isinstance(given, type):
        raise ConfigurationError(
            f"{name}: is already paired by {given.paired_by}, expected one that is not; use it as "
            "it is"
        )
    signature = _signature_of(source_name, source)
    places = [part, *optional_places(name, given)]
    if isinstance(source, Monitor):
        places += optional_places(source_name, source)
    problems: list[str] = []
    try:
        check_contracts(*places)
    except ContractError as error:
        problems.append(str(error))
    # a lambda cannot be annotated, so it is no reason to warn
    if signature is not None and signature.return_annotation is not inspect.Signature.empty:
        problems += _function_problems(part, function)
    if problems:
        raise ContractError("\n".join(problems))


def _function_problems(part: Place, function: Place) -> list[str]:
    """In the user's own words: a function has no class that could be named, and no member."""
    from artifact_torch.checking.contract import check_together
    from artifact_torch.checking.violation import errors

    (name, given, contract), (source_name, source, form) = part, function
    both = [(f"{name}=", given, contract), (f"{source_name}=", _Source(source), form)]
    found = check_together(both)[1]
    subject = f"{source_name}= {_as_written(source)}"
    wrong = errors(found)
    for doubt in found:
        if not wrong and doubt.fix:
            _logger.warning("%s %s; %s", subject, doubt.message, doubt.fix)
    return [f"{subject} {each.message}{f'; {each.fix}' if each.fix else ''}" for each in wrong]


def _as_written(source: object) -> str:
    names = monitored_names(source)
    is_score = len(names) == 1 and source == score(names[0])
    return f'score("{names[0]}")' if is_score else spoken(source)


def spoken(source: object) -> str:
    """A function by its own name, a score by its name, anything else by its class."""
    name: object = getattr(source, "__name__", None)
    if not isinstance(name, str):
        return described(source)
    return "the lambda" if name == "<lambda>" else f"the function {name}"


def _signature_of(name: str, source: object) -> inspect.Signature | None:
    """Of a function of the epoch's state; None where it is written in C. Raises
    `ConfigurationError` for anything else.
    """
    example = repr(source) if isinstance(source, str) else "'loss'"
    got = repr(source)
    if callable(source):
        try:
            signature = signature_of(source)
            got = f"a function of the parameters {signature}"
            signature.bind(object())
        except ValueError:
            return None
        except TypeError:
            pass
        else:
            return signature
    raise ConfigurationError(
        f"{name}: got {got}, expected a function of the epoch's state, for example "
        f"{name}=score({example})"
    )
