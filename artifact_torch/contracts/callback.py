"""Callbacks compute something from what goes into the model and what comes out of it.

They only look, so both their type variables are contravariant: a callback that needs `loss` works
for every model, one that needs `mu` only for models whose output has it.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias, runtime_checkable

from typing_extensions import TypeVar

from artifact_torch.contracts.io import Result_co, SeenIn_contra, SeenOut_contra
from artifact_torch.contracts.moment import Every, Moment
from artifact_torch.contracts.routine import ResultName, Results
from artifact_torch.contracts.step import AnyStep
from artifact_torch.contracts.stopping import RunState

Seen = TypeVar("Seen")


@runtime_checkable
class BatchCallback(Protocol[SeenIn_contra, SeenOut_contra]):
    """Sees every batch of the training itself. Called by the trainer after each update; one that
    says `every` (`Periodic`) only after the updates that are due. Where it is a `StepCallback` too,
    `every` is for its moments, and it sees every batch.
    """

    def on_batch(self, step: int, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        """`step` is the update this batch belongs to: 1, 2, 3. Reading a value of `output` syncs."""
        ...


@runtime_checkable
class LoaderCallback(Protocol[SeenIn_contra, SeenOut_contra, Result_co]):
    """Sums up one pass over a loader into one result. Called by a `DataLoaderRoutine`."""

    @property
    def name(self) -> str:
        """The result's name; unique within its kind."""
        ...

    def start(self) -> None:
        """Before the first batch of a pass: forget the last one."""
        ...

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        """One batch, in evaluation mode, without gradient."""
        ...

    def finish(self) -> Result_co:
        """After the last batch."""
        ...


@runtime_checkable
class Merged(Protocol[Seen]):
    """A callback over rows that can be told what its like have seen on other processes: sums and
    counts, or the rows themselves. A `LoaderCallback` has to be one in a run of several; of a
    `StepCallback` that sees batches each process else has its own rows.
    """

    def seen(self) -> Seen:
        """What it has of the rows that it saw since it began: whatever can be pickled, tensors on the
        CPU.
        """
        ...

    def merge(self, seen: Sequence[Seen], /) -> None:
        """What each process has seen, its own among them, in the order of ranks: in place of its own.

        Called once, on each process, before `finish` or `on_moment`; of one that is `Watching`, in a pass
        also after each batch of which its process has no row, with what itself had seen before it. Where
        a run goes on with another number of processes, a part with a state is called with some of what
        was seen, or with nothing.
        """
        ...


@runtime_checkable
class StepCallback(Protocol):
    """Looks at the training itself, or changes it: the learning rate, a norm, what is frozen.

    Called by the trainer at the moments that `every` says, between two updates, before the
    routines, with random numbers of its own. What it returns is recorded with their results.
    """

    @property
    def every(self) -> Every: ...

    @property
    def result_names(self) -> Sequence[ResultName]:
        """All that `on_moment` can produce, at each moment or at some; none for a callback that only
        acts.
        """
        ...

    def on_moment(self, step: AnyStep, moment: Moment, /) -> Results:
        """Gradients are those of the last update, after clipping."""
        ...


@runtime_checkable
class Watching(Protocol):
    """A callback that looks inside the model while it computes, by hooks.

    Entered around each update of a step that is due, and around a pass over a loader, never else.
    """

    def watching(self) -> AbstractContextManager[object]:
        """Hooks are attached inside, and gone after, whatever happened."""
        ...


@runtime_checkable
class OnStart(Protocol):
    """Called when `train()` begins, before its first batch."""

    def on_start(self, step: AnyStep, state: RunState, /) -> None: ...


@runtime_checkable
class OnEpochEnd(Protocol):
    """Called after an epoch is recorded, with its scores, and before the checkpoint that it ends with."""

    def on_epoch_end(self, state: RunState, /) -> None: ...


@runtime_checkable
class OnException(Protocol):
    """Called when `train()` ends with an error, Ctrl-C included, which is raised after."""

    def on_exception(self, error: BaseException, state: RunState, /) -> None: ...


@runtime_checkable
class OnEnd(Protocol):
    """Called when `train()` ends, however it does."""

    def on_end(self, state: RunState, /) -> None: ...


RunHook: TypeAlias = OnStart | OnEpochEnd | OnException | OnEnd
