"""Where a run is, and how often something is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, final, runtime_checkable


@final
@dataclass(frozen=True)
class Cadence:
    """Every so many steps or minutes; made by `steps` and `minutes`."""

    unit: Literal["steps", "minutes"]
    n: float


Every: TypeAlias = int | Cadence
"""How often something is due: a whole number means epochs, `steps(n)` and `minutes(n)` say
otherwise.
"""


@final
@dataclass(frozen=True, kw_only=True)
class Moment:
    """A place in a run at which something may be due: between two updates, never in the middle of
    an accumulation window.
    """

    epoch: int
    """Epochs completed: 0 within the first, then 1, 2, 3."""
    step: int
    """Optimizer updates since the run began."""
    seconds: float = 0.0
    """Time spent in `train()` since the run began."""
    ends_epoch: bool = True
    ends_run: bool = False
    """Asked once more after the last step, for what its own moment left out."""
    is_rehearsal: bool = False
    """Nothing that is computed is kept: one batch will do. With `ends_run` it is a rehearsal of all
    that there is, else the look before the first step, which should take little time.
    """
    elapsed: frozenset[Cadence] = frozenset()
    """The cadences in minutes that have come round since the moment before."""

    def reaches(self, every: Every) -> bool:
        """Whether a part with this cadence is due. The end of a run reaches what it ends with."""
        if isinstance(every, int):
            return self.ends_epoch and self.epoch > 0 and self.epoch % every == 0
        match every.unit:
            case "steps":
                return self.step > 0 and self.step % every.n == 0
            case "minutes":
                return every in self.elapsed

    def __str__(self) -> str:
        return f"epoch {self.epoch}" if self.ends_epoch else f"step {self.step}"


@runtime_checkable
class Periodic(Protocol):
    """A callback that is not wanted at every update says how often. Read once, at build."""

    @property
    def every(self) -> Every: ...


@runtime_checkable
class Clocked(Protocol):
    """Whoever has something due within epochs says by which cadences. Read once, at build.

    Without it a routine, checkpointer or stopper is asked at the ends of epochs, and at moments
    that others bring about.
    """

    @property
    def cadences(self) -> Sequence[Every]: ...
