"""What is kept of the tensors inside a model: one number, an array, a picture."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from artifact_torch.contracts.io import Result_co
from artifact_torch.contracts.kinds import ResultKind


@runtime_checkable
class Summary(Protocol[Result_co]):
    """Sums up the tensors of one window: those of an update, or of a pass over a loader.

    A new one is made for every window. Called by the hooks of a watch, without gradient.
    """

    @property
    def kind(self) -> ResultKind:
        """What `result` gives; the same for every one that is made."""
        ...

    def add(self, place: str, seen: Tensor, /) -> None:
        """A floating-point tensor, detached. `place` is the qualified name of its module.

        It is the training's own, in the middle of its forward or backward pass: change nothing in
        it, draw no random numbers, and keep sums on its device instead of it. Reading a value syncs.
        """
        ...

    def result(self) -> Result_co:
        """Once, after the window. It may sync."""
        ...
