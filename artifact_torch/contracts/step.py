"""One batch, one update: how the parameters move, and what moves them."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from artifact_torch.contracts.checkpoint import Stateful
from artifact_torch.contracts.io import In_contra, Out_co


@runtime_checkable
class TrainingStep(Stateful, Protocol[In_contra, Out_co]):
    """Turns a batch into an update of the parameters. Called by the trainer's loop.

    When training begins or continues, the trainer gives it its own state back: what it keeps
    follows the model's device, and what an interrupted epoch left pending is dropped.
    """

    @property
    def n_steps(self) -> int:
        """Optimizer updates since the run began; fewer than batches when gradients accumulate."""
        ...

    def update(self, batch: In_contra, /) -> Out_co:
        """Forward, backward, update. Returns the output of the forward pass."""
        ...

    def end_epoch(self) -> None:
        """After the last batch of an epoch, before validation: finish what is pending."""
        ...

    def after_scores(self, scores: Mapping[str, float], /) -> None:
        """After the epoch's scores are known: per-epoch and per-score schedules advance here."""
        ...


@runtime_checkable
class Optimizer(Stateful, Protocol):
    """`torch.optim` optimizers fit; `LBFGS` does not, because its `step` needs a closure."""

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]: ...

    def zero_grad(self, set_to_none: bool = True) -> None: ...

    def step(self) -> object: ...


@runtime_checkable
class Scheduler(Stateful, Protocol):
    """`torch.optim.lr_scheduler` schedulers fit; `ReduceLROnPlateau` is a `ScoreScheduler`."""

    def step(self) -> object: ...


@runtime_checkable
class ScoreScheduler(Stateful, Protocol):
    """A scheduler that looks at a score: `ReduceLROnPlateau`."""

    def step(self, metrics: float, /) -> object: ...


@runtime_checkable
class Schedule(Stateful, Protocol):
    """A scheduler together with the moment at which it advances. Called by the training step."""

    def after_step(self) -> None: ...

    def after_epoch(self, scores: Mapping[str, float], /) -> None:
        """`scores` are those of this epoch alone."""
        ...
