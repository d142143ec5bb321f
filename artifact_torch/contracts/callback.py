"""Callbacks compute something from what goes into the model and what comes out of it.

They only look, so both their type variables are contravariant: a callback that needs `loss` works
for every model, one that needs `mu` only for models whose output has it.
"""

from typing import Protocol, runtime_checkable

from artifact_torch.contracts.io import Result_co, SeenIn_contra, SeenOut_contra


@runtime_checkable
class BatchCallback(Protocol[SeenIn_contra, SeenOut_contra]):
    """Sees every batch of the training itself. Called by the trainer after each update."""

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
