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
    """Keeps the state of a run: at the moments for which it is due, and at the end of the run.

    In a run of several processes each has one, and is asked with the others: to save what it has,
    DTensors of what is divided among them, and to load as much of the same moment.
    """

    def is_due(self, moment: Moment, /) -> bool:
        """Whether `moment` is to be saved; the state is only gathered when it is."""
        ...

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None:
        """Keep `state` as the state at `moment`; complete or not at all.

        Its tensors are those of the training: what is not written when this returns must have been
        copied. `state["log"]`, a list, only grows from one save to the next.
        """
        ...

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        """The state at the end of `epoch`, or after `step`, or the newest one. Raises
        `CheckpointError` if there is none.
        """
        ...


@runtime_checkable
class Continued(Protocol):
    """A checkpointer that wants to know from where training goes on."""

    def begin(self, step: int, state: Mapping[str, object], /) -> None:
        """Training goes on at `step`, with `state`; 0 for a run that is new.

        Called before the first batch of a run, and of one that was restored. What is kept of later
        steps is a future that was left behind: `load` must not choose it again, also where the
        process dies before the next save. Raises `CheckpointError` for a state that `save` would
        refuse.
        """
        ...


@runtime_checkable
class Drained(Protocol):
    """Whoever finishes its work beside the training is waited for where `train()` ends."""

    def drain(self, timeout_s: float, /) -> None:
        """All that was asked before is done, or `timeout_s` seconds are over."""
        ...
