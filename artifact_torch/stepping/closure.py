"""The training step for optimizers that compute the loss themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Generic, final

import torch
from torch import Tensor, nn
from torch.autograd import backward
from torch.nn import Parameter

from artifact_torch.checking.places import Place
from artifact_torch.checkpoints.state import read_int
from artifact_torch.contracts import ClosureOptimizer, InT, Model, Moment, OutT
from artifact_torch.data import resolve_device
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.keywords import OF_STEPS, names_ours
from artifact_torch.internal.modules import as_forward, as_module
from artifact_torch.parallel.group import require_alone
from artifact_torch.stepping.compiling.forward import compile_forward
from artifact_torch.stepping.compiling.options import Compiling, resolved
from artifact_torch.stepping.compiling.update import compile_update
from artifact_torch.stepping.planning import ScheduleOf, n_updates_of
from artifact_torch.stepping.schedules import ClosingT
from artifact_torch.stepping.update.checks import (
    check_made_closure_optimizer,
    check_model,
    model_problems,
    optimizer_problems,
)
from artifact_torch.stepping.update.finite import FiniteWatch
from artifact_torch.stepping.update.loss import checked_loss, not_finite, note_one_row
from artifact_torch.stepping.update.owned import Owned
from artifact_torch.stepping.update.precision import autocast_of
from artifact_torch.stepping.update.running import RunningStatistics
from artifact_torch.stepping.update.undo import Undo
from artifact_torch.stepping.update.updates import NonFinite, Updates

_ASKING = (
    "its optimizer asks for the loss several times an update, and each time a captured pass "
    "overwrites what the last gave"
)


class _LeftOut(Exception):  # noqa: N818  (no error: it ends an update that is undone)
    """A number is not finite, and the update is to be left out."""


@final
class ClosureStep(Generic[InT, OutT]):
    """One update by an optimizer that asks for the loss as often as it wants: `LBFGS`, SAM.

    Options and errors are those of `OptimizerStep`, but for two: gradients do not accumulate over
    batches and float16 is refused, because the optimizer compares the losses of one batch. Each
    time it asks is a forward pass: dropout draws anew, and a BatchNorm counts the batch again.
    The output that callbacks see is that of the first, before the update.

    Weights and optimizer state are copied before each update, and given back if it fails. With
    `nonfinite="skip"` a loss or gradient that is not finite ends the update, which is undone and
    counted; on an accelerator it is looked at whenever the optimizer asks, which syncs, as `LBFGS`
    does anyway.
    """

    @names_ours(**{**OF_STEPS, "accumulate": "a larger batch_size of the loader"})
    def __init__(
        self,
        model: Model[InT, OutT],
        *,
        optimizer: Callable[[Iterable[Parameter]], ClosingT],
        schedule: ScheduleOf[ClosingT] | None = None,
        clip_norm: float | None = None,
        autocast: torch.dtype | None = None,
        device: torch.device | str = "auto",
        compile: Compiling | None = None,  # noqa: A002  (torch's word)
        nonfinite: NonFinite = "raise",
    ) -> None:
        self._forward = as_forward(model)
        self.model: Final[nn.Module] = as_module(model)
        """The module that it updates."""
        problems = [
            *optimizer_problems(optimizer=optimizer, schedule=schedule, clip_norm=clip_norm),
            *model_problems(autocast=autocast, compile=compile, nonfinite=nonfinite),
        ]
        if autocast is torch.float16:
            problems.append(
                "autocast=torch.float16 scales the loss, which the optimizer compares with that of "
                "a moment ago; use torch.bfloat16"
            )
        if problems:
            raise ConfigurationError("ClosureStep: " + "; ".join(problems))
        require_alone("ClosureStep", "its optimizer decides from the loss how often it asks")
        check_model(self.model)
        self.device: Final[torch.device] = resolve_device(device)
        """Where the model is: it was moved there."""
        self.model.to(self.device)
        self._precision: AbstractContextManager[object] = autocast_of(self.device, autocast)
        self._updates = Updates(
            self.model,
            self.model.parameters(),
            optimizer=optimizer,
            schedule=schedule,
            clip_norm=clip_norm,
            closure=True,
            skips=nonfinite == "skip",
        )
        self._optimizer = check_made_closure_optimizer(self._updates.optimizer)
        self._owned = Owned(self.model, [self._optimizer])
        self._skips = nonfinite == "skip"
        self._undo = Undo(self._optimizer)
        self._running = RunningStatistics(self.model)
        self._losses = FiniteWatch()
        self._n_steps = 0
        self._begins = True
        how = resolved(compile, self.device, why_not=_ASKING)
        self._forward = compile_forward(self.model, self._forward, how, self.device)
        compile_update(self._optimizer, how)

    @property
    def contract_places(self) -> Sequence[Place]:
        """What it is made of, which has to agree with the trainer's loader and callbacks."""
        model: Place = ("model", self.model, Model[InT, OutT])
        optimizer: Place = ("optimizer", self._optimizer, ClosureOptimizer)
        return [model, optimizer, *self._updates.scheduling.contract_places]

    @property
    def n_steps(self) -> int:
        """Updates since the run began, however often each asked for the loss."""
        return self._n_steps

    @property
    def monitored(self) -> Sequence[str]:
        """The scores its schedule looks at."""
        return self._updates.scheduling.monitored

    @property
    def learning_rates(self) -> Mapping[str, float]:
        """`lr`, or the rate of each parameter group by its `name` or number. May sync."""
        return self._updates.learning_rates

    def hold_rates(self, rates: Mapping[str, float] | None, /) -> None:
        """Update by these `learning_rates`, whatever the schedule says; with None it goes on."""
        self._updates.hold_rates(rates)

    @property
    def gradient_norm(self) -> Tensor | None:
        """Of the last time that the optimizer asked, `[]`, before clipping."""
        return self._updates.norm

    @property
    def n_skipped(self) -> int:
        """Updates undone because a loss or gradient was not finite."""
        return self._updates.n_skipped

    def plan(self, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, /) -> None:
        """Make a schedule that is `planned`. Raises `ConfigurationError` without any bound."""
        n_updates = n_updates_of(n_batches, max_n_epochs, max_n_steps)
        self._updates.scheduling.plan(n_updates, is_new=self._n_steps == 0)

    def update(self, batch: InT, /) -> OutT:
        """One batch. Raises `LossError` if the output's `loss` cannot be minimised; weights and
        optimizer are as before, whatever it was trying.
        """
        if self._begins:
            self._owned.compare()
            self._updates.begin()
            self._running.find()
            self._begins = False
        if self._updates.modes is not None:
            self._updates.modes.train()
        outputs: list[OutT] = []

        def closure() -> Tensor:
            self._updates.zero_grad()
            return self._loss(batch, outputs)

        self._running.keep()
        self._undo.keep(self._updates.parameters)
        is_finite = True
        try:
            self._optimizer.step(closure)
        except _LeftOut:
            is_finite = False
            self._take_back()
        except BaseException:
            self._take_back()
            raise
        if not outputs:
            raise ConfigurationError(
                f"optimizer: {type(self._optimizer).__name__}.step did not call the closure that "
                "computes the loss; use OptimizerStep, or call it"
            )
        self._updates.step(is_finite=is_finite)
        self._updates.advance()
        self._n_steps += 1
        if self._n_steps == 1:
            self._owned.compare()
        return outputs[0]

    def _take_back(self) -> None:
        self._undo.give_back()
        self._running.give_back()

    def _loss(self, batch: InT, outputs: list[OutT]) -> Tensor:
        """Without gradient; the parameters have theirs. The first output joins `outputs`."""
        with torch.enable_grad():
            try:
                with self._precision:
                    output = self._forward(batch)
            except ValueError as error:
                note_one_row(error)
                raise
            if not outputs:
                outputs.append(output)
            loss = checked_loss(output)
            if self._skips and not torch.isfinite(loss):
                raise _LeftOut
            if not self._losses.sees(loss):
                raise not_finite(f"at step {self._n_steps + 1}", batch, output, loss=loss.item())
            backward(loss)
        if self._updates.is_first:
            self._updates.require_gradient("")
        if not self._updates.prepare():
            if not self._skips:
                self._updates.refuse(self._owned, self._n_steps + 1)
            raise _LeftOut
        return loss.detach()

    def evaluate(self, batch: InT, /) -> OutT:
        """The forward pass alone, in the precision of training."""
        if self._updates.modes is not None:
            self._updates.modes.eval()
        with self._precision:
            return self._forward(batch)

    def end_epoch(self) -> None:
        """Raises `LossError` if a loss of the epoch was not finite or a parameter is not. Syncs."""
        if not self._losses.all_finite():
            raise not_finite("in this epoch")
        self._updates.require_finite(self._owned, self._n_steps)
        if self._updates.modes is not None:
            self._updates.modes.eval()
        self._begins = True

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Advance a schedule that counts epochs, where one ends, or looks at a score of `scores`."""
        self._updates.after_scores(scores, moment)

    def state_dict(self) -> dict[str, object]:
        """Optimizer, schedule and step count."""
        return {**self._updates.state_dict(), "n_steps": self._n_steps}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        self._updates.load_state_dict(state_dict)
        self._n_steps = read_int(state_dict, "n_steps")
        self._losses = FiniteWatch()
        self._begins = True
