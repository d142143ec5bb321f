"""One batch, one update: how the parameters move, and what moves them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Never, Protocol, TypeAlias, runtime_checkable

import torch
from torch import Tensor, nn

from artifact_torch.contracts.checkpoint import Stateful
from artifact_torch.contracts.data import Share
from artifact_torch.contracts.io import In_contra, InT, ModelOutput, Out_co
from artifact_torch.contracts.moment import Moment


@runtime_checkable
class TrainingStep(Stateful, Protocol[In_contra, Out_co]):
    """The model being trained: it owns the module, its device, its precision, its optimizers.

    When training continues after an interruption, or with a step that was used before, the trainer
    gives it its own state back: what it keeps follows the model's device, and what was pending is
    dropped.
    """

    @property
    def model(self) -> nn.Module:
        """Whose weights are kept, whose modes are set; one module, also where several are trained."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the parameters are; batches come there."""
        ...

    @property
    def n_steps(self) -> int:
        """Optimizer updates since the run began; fewer than batches when gradients accumulate."""
        ...

    def update(self, batch: In_contra, /) -> Out_co:
        """Forward, backward, update. Returns the output of the forward pass."""
        ...

    def evaluate(self, batch: In_contra, /) -> Out_co:
        """The forward pass alone, in the precision of training: validation sees what training sees.

        Called in evaluation mode and without gradient, which are the trainer's concern.
        """
        ...

    def end_epoch(self) -> None:
        """After the last batch of an epoch, before validation: finish what is pending."""
        ...

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """After the scores of a moment are known: per-epoch and per-score schedules advance here."""
        ...


AnyStep: TypeAlias = TrainingStep[Never, ModelOutput]
"""Any training step, whatever it takes: nothing can be passed to its `update` through this."""


@runtime_checkable
class Planned(Protocol):
    """A step that wants to know how long the run will be; told once, when the trainer is built."""

    def plan(self, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, /) -> None:
        """Batches in an epoch, and the bounds of the run as far as its stoppers name them."""
        ...


@runtime_checkable
class Averaged(Protocol):
    """A step that keeps an average of the weights, which validation and the best weights use."""

    def averaged(self) -> AbstractContextManager[object]:
        """Inside, the model has the averaged weights; after, its own."""
        ...


@runtime_checkable
class Tuned(Protocol):
    """A step that tells its learning rates, for whoever records them."""

    @property
    def learning_rates(self) -> Mapping[str, float]:
        """Those of the next update, one for each group of parameters, by its name."""
        ...


@runtime_checkable
class Tunable(Tuned, Protocol):
    """A step whose learning rates can be set, for whoever looks for a good one."""

    def hold_rates(self, rates: Mapping[str, float] | None, /) -> None:
        """Update by these, under the names of `learning_rates`, whatever the schedule says; with
        None it goes on. `load_state_dict` gives back the rates that were there before.
        """
        ...


@runtime_checkable
class Clipping(Protocol):
    """A step that knows the norm of the gradients before it clipped them."""

    @property
    def gradient_norm(self) -> Tensor | None:
        """The 2-norm over all gradients of the last update, of shape `[]`; None where the step has
        not computed it, because it does not clip.
        """
        ...


@runtime_checkable
class Skipping(Protocol):
    """A step that leaves out updates whose loss or gradient is not finite, and counts them."""

    @property
    def n_skipped(self) -> int:
        """Since the run began. May sync."""
        ...


@runtime_checkable
class Portable(Protocol):
    """A step whose evaluation can be sent to another process apart from what only training needs.

    Any other step is sent as a whole, with its optimizer's state.
    """

    def evaluator(self) -> Callable[[Never], object] | None:
        """What `evaluate` does, by the model as it is; None where no other process can do it."""
        ...


@runtime_checkable
class Windowed(Protocol):
    """A step that gathers several batches for one update."""

    def drop_window(self) -> None:
        """What was begun of an update is as if it had not begun; its first batch comes again.

        Called where training goes on after an error, before the step loads its own state.
        """
        ...


@runtime_checkable
class TakesPart(Protocol[InT]):
    """What a process of several computes of a batch that all of them have."""

    def __call__(self, batch: InT, /) -> InT:
        """This rank's rows of `batch`, which is on any device. The update that follows weighs them by
        what they are of the batch, so that all ranks together follow the gradient of its mean loss.
        """
        ...

    def given(self, share: Share[InT], /) -> InT:
        """The same of rows that a source has read for this rank alone."""
        ...

    @property
    def is_spare(self) -> bool:
        """Whether the last part is a row that counts on another rank: this one had none left, and
        computes with it so that the ranks stay in step. No score may count it.
        """
        ...


@runtime_checkable
class Sharing(Protocol[InT]):
    """A step of one process of several, each of which reads the same batches."""

    @property
    def part(self) -> TakesPart[InT] | None:
        """Called with each batch before `update` or `evaluate`; None where a batch is this process's
        own: it is alone, or its source reads for it alone.
        """
        ...


@runtime_checkable
class Optimizer(Stateful, Protocol):
    """`torch.optim` optimizers fit; `LBFGS` is a `ClosureOptimizer`."""

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]: ...

    def zero_grad(self, set_to_none: bool = True) -> None: ...

    def step(self) -> object: ...


@runtime_checkable
class ClosureOptimizer(Stateful, Protocol):
    """An optimizer that computes the loss itself, more than once an update: `LBFGS`, SAM."""

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]: ...

    def zero_grad(self, set_to_none: bool = True) -> None: ...

    def step(self, closure: Callable[[], Tensor], /) -> object:
        """`closure` clears the gradients, computes the loss, `[]`, and its gradients."""
        ...


@runtime_checkable
class Turn(Protocol):
    """How a part of an `AlternatingStep` gets its turn."""

    def __call__(self, part: str, loss: Callable[[], Tensor], /) -> Tensor:
        """Minimise `loss()`, `[]`, by one update of `part`, if that is due. Returns the loss without
        gradient; where no update is due, the one of the last.
        """
        ...


@runtime_checkable
class Play(Protocol[In_contra, Out_co]):
    """One batch of a model whose parts are trained in turn: a function, or a method of the model."""

    def __call__(self, batch: In_contra, turn: Turn, /) -> Out_co:
        """Give each part its turn, once, in the order wanted; return what callbacks are to see.

        Called for validation too, where a turn computes the loss and moves nothing.
        """
        ...


@runtime_checkable
class Scheduler(Stateful, Protocol):
    """`torch.optim.lr_scheduler` schedulers fit; `ReduceLROnPlateau` is a `ScoreScheduler`."""

    def step(self) -> object: ...


@runtime_checkable
class ScoreScheduler(Stateful, Protocol):
    """A scheduler that looks at a score: `ReduceLROnPlateau`."""

    def step(self, metrics: float, /) -> object: ...
