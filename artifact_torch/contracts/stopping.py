"""When training ends, and which epoch was the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from typing_extensions import TypeVar

Update_contra = TypeVar("Update_contra", contravariant=True)
Criterion_contra = TypeVar("Criterion_contra", contravariant=True)


@dataclass(frozen=True, kw_only=True)
class RunState:
    """Where a run stands between two updates: what stoppers and trackers are told."""

    n_epochs_elapsed: int
    """Epochs completed."""
    n_steps: int
    scores: Mapping[str, float]
    """The scores of this moment alone; one that was not due, or failed, is not in it."""
    seconds: float = 0.0
    """Time spent in `train()` since the run began."""
    ends_epoch: bool = True
    """False within an epoch."""


@runtime_checkable
class StopperUpdateData(Protocol):
    """What a stopper that counts epochs needs to be told; `RunState` has it."""

    @property
    def n_epochs_elapsed(self) -> int: ...


@runtime_checkable
class EarlyStopper(Protocol[Update_contra]):
    """Decides whether training ends. Asked before the first step, after every epoch, and at each
    moment between at which anything was due.
    """

    def should_stop(self, update: Update_contra, /) -> bool: ...


@runtime_checkable
class ModelTracker(Protocol[Criterion_contra]):
    """Decides whether this moment is the best so far. Asked at each, in order.

    Once more about the last, if the end of the run produced a score that it monitors.
    """

    def is_best(self, criterion: Criterion_contra, /) -> bool: ...


@runtime_checkable
class Bounded(Protocol):
    """A stopper may say after how many epochs it stops at the latest; it gives the bar a length."""

    @property
    def max_n_epochs(self) -> int | None: ...


@runtime_checkable
class StepBounded(Protocol):
    """A stopper may say after how many steps it stops at the latest."""

    @property
    def max_n_steps(self) -> int | None: ...


@runtime_checkable
class Monitor(Protocol):
    """Whoever decides by scores may name them: a name that nobody produces is refused at build."""

    @property
    def monitored(self) -> Sequence[str]: ...
