"""What the processes of one run do as one: computed by the first of them, or by all.

Collectives, as all of `internal.ranks`; in a run of one process the call itself.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar, final

from artifact_torch.errors import RankError, blame, blamed_for
from artifact_torch.internal.ranks import gathered, ranks, told

T = TypeVar("T")
ErrorT = TypeVar("ErrorT", bound=BaseException)


@final
@dataclass(frozen=True)
class Raised:
    """What was raised on a rank, in words."""

    rank: int
    error: str
    """`ValueError: ...`"""
    traceback: str
    blamed_for: object = None

    def as_error(self) -> RankError:
        """For the other ranks."""
        words = f"rank {self.rank} raised {self.error}"
        error = RankError(words, rank=self.rank, traceback=self.traceback)
        if self.blamed_for is not None:
            blame(error, self.blamed_for)
        return error


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    value: list[T] = field(default_factory=list[T])
    raised: Raised | None = None


def by_first(call: Callable[[], T], *, tell: Callable[[T], T] | None = None) -> T:
    """What `call` gives on the first rank, on all, on the others what `tell` makes of it. What it
    raises there, the others raise as a `RankError`, at the same place.
    """
    here = ranks()
    if here.is_alone:
        return call()
    if not here.is_first:
        return _taken(told(_Outcome[T]()))
    try:
        value = call()
    except Exception as error:
        told(_Outcome[T](raised=raised_here(agreed(error))))
        raise
    told(_Outcome([value if tell is None else tell(value)]))
    return value


def by_all(call: Callable[[], T], *, tell: Callable[[T], T] | None = None) -> T:
    """What `call`, which all ranks make, gives on the first one, as `by_first` tells it. Where one
    raised, all do, those that did not a `RankError`: it has to be a call that one rank can leave
    alone.
    """
    here = ranks()
    if here.is_alone:
        return call()
    try:
        value = call()
    except Exception as error:
        gathered(_Outcome[T](raised=raised_here(agreed(error))))
        raise
    told_value = value if tell is None else tell(value)
    outcomes = gathered(_Outcome([told_value] if here.is_first else []))
    for each in outcomes:
        if each.raised is not None:
            raise agreed(each.raised.as_error())
    return value if here.is_first else outcomes[0].value[0]


def raised_here(error: BaseException) -> Raised:
    """For the others."""
    return Raised(
        rank=ranks().rank,
        error=f"{type(error).__name__}: {error}".removesuffix(": "),
        traceback="".join(traceback.format_exception(error)),
        blamed_for=blamed_for(error),
    )


def agreed(error: ErrorT) -> ErrorT:
    """`error`, which all ranks raise at this place, so that none has to be told of it."""
    vars(error)["is_agreed"] = True
    return error


def is_agreed(error: BaseException) -> bool:
    """What `agreed` said."""
    return vars(error).get("is_agreed") is True


def _taken(outcome: _Outcome[T]) -> T:
    if outcome.raised is not None:
        raise agreed(outcome.raised.as_error())
    return outcome.value[0]
