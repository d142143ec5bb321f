"""When training ends, and which epoch was the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from typing_extensions import TypeVar

Update_contra = TypeVar("Update_contra", contravariant=True)
Criterion_contra = TypeVar("Criterion_contra", contravariant=True)


@dataclass(frozen=True, kw_only=True)
class EpochState:
    """Where a run stands between two epochs: what stoppers and trackers are told."""

    n_epochs_elapsed: int
    n_steps: int
    scores: Mapping[str, float]
    """The scores of this epoch alone; one that was not due, or failed, is not in it."""


@runtime_checkable
class StopperUpdateData(Protocol):
    """What a stopper that counts epochs needs to be told; `EpochState` has it."""

    @property
    def n_epochs_elapsed(self) -> int: ...


@runtime_checkable
class EarlyStopper(Protocol[Update_contra]):
    """Decides whether training ends. Asked before the first epoch and after every epoch."""

    def should_stop(self, update: Update_contra, /) -> bool: ...


@runtime_checkable
class ModelTracker(Protocol[Criterion_contra]):
    """Decides whether this epoch is the best so far. Asked once per epoch, in order.

    Once more about the last, if the end of the run produced a score that it monitors.
    """

    def is_best(self, criterion: Criterion_contra, /) -> bool: ...


@runtime_checkable
class Bounded(Protocol):
    """A stopper may say after how many epochs it stops at the latest; it gives the bar a length."""

    @property
    def max_n_epochs(self) -> int | None: ...


@runtime_checkable
class Monitor(Protocol):
    """Whoever decides by scores may name them: a name that nobody produces is refused at build."""

    @property
    def monitored(self) -> Sequence[str]: ...
