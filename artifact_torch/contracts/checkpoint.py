"""State that outlives the process."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from artifact_torch.contracts.moment import Moment


@runtime_checkable
class Stateful(Protocol):
    """What has to be in a checkpoint for the run to continue as if it had not stopped.

    A training step, an optimizer and a scheduler have it; any other part may.
    """

    def state_dict(self) -> Mapping[str, object]:
        """Tensors, numbers, strings, `None`, and lists, tuples and dicts of them."""
        ...

    def load_state_dict(self, state_dict: dict[str, object], /) -> object: ...


@runtime_checkable
class Checkpointer(Protocol):
    """Keeps the state of a run: at the moments for which it is due, and at the end of the run."""

    def is_due(self, moment: Moment, /) -> bool:
        """Whether `moment` is to be saved; the state is only gathered when it is."""
        ...

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None:
        """Keep `state` as the state at `moment`; complete or not at all."""
        ...

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        """The state at the end of `epoch`, or after `step`, or the newest one. Raises
        `CheckpointError` if there is none.
        """
        ...


@runtime_checkable
class Choosy(Protocol):
    """A checkpointer that cannot keep every state says so before the first step."""

    def require_savable(self, state: Mapping[str, object], /) -> None:
        """Raises `CheckpointError` for what `save` would refuse. Called once, when a run begins."""
        ...
