"""The training step with one optimizer, and the schedules that move its learning rate."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Generic, final

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.autograd import backward
from torch.nn import Parameter
from torch.nn.utils import clip_grad_norm_
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import InT, Model, Moment, Optimizer, OutT
from artifact_torch.data import resolve_device
from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.internal.keywords import OF_STEPS, names_ours
from artifact_torch.internal.modules import as_forward, as_module
from artifact_torch.stepping.checks import (
    check_given,
    check_made_optimizer,
    check_made_schedule,
    check_scaled,
    owned_parameters,
)
from artifact_torch.stepping.loss import checked_loss, not_finite
from artifact_torch.stepping.schedules import Schedule

OptT = TypeVar("OptT", bound=Optimizer)


@final
class OptimizerStep(Generic[InT, OutT]):
    """Forward, backward, update by one optimizer: the training step of most models.

    The model is moved to `device`: `"auto"` is an accelerator where there is one, else the CPU.
    `optimizer` is then called once with all its parameters and may own a subset of them.
    `accumulate` batches make one update, of their mean loss; an epoch's last update may have
    fewer. `clip_norm` bounds the gradient's 2-norm. `autocast` runs the forward pass in that type;
    float16 also scales the loss, and an update that its scale makes infinite is counted but skipped.

    A loss that is not finite raises `LossError`: on the CPU before its update, on an accelerator
    at the end of the epoch, before that epoch is recorded (a look at each step would sync).
    """

    @names_ours(**OF_STEPS)
    def __init__(
        self,
        model: Model[InT, OutT],
        *,
        optimizer: Callable[[Iterable[Parameter]], OptT],
        schedule: Callable[[OptT], Schedule | None] | None = None,
        accumulate: int = 1,
        clip_norm: float | None = None,
        autocast: torch.dtype | None = None,
        device: torch.device | str = "auto",
    ) -> None:
        self._forward = as_forward(model)
        self.model: Final[nn.Module] = as_module(model)
        """The module that it updates."""
        check_given(
            self.model,
            optimizer=optimizer,
            schedule=schedule,
            accumulate=accumulate,
            clip_norm=clip_norm,
            autocast=autocast,
        )
        self.device: Final[torch.device] = resolve_device(device)
        """Where the model is: it was moved there."""
        self.model.to(self.device)
        built = optimizer(self.model.parameters())
        self._optimizer = check_made_optimizer(built)
        self._parameters = owned_parameters(built, self.model.parameters())
        self._schedule = schedule and check_made_schedule(schedule(built), built)
        self._accumulate = accumulate
        self._clip_norm = clip_norm
        self._precision: AbstractContextManager[object] = (
            torch.autocast(self.device.type, dtype=autocast) if autocast else nullcontext()
        )
        self._scaler = GradScaler(self.device.type) if autocast is torch.float16 else None
        self._scaled = None if self._scaler is None else check_scaled(built)
        self._n_pending = 0
        self._n_steps = 0
        self._not_finite: Tensor | None = None

    @property
    def contract_places(self) -> Sequence[Place]:
        """What it is made of, which has to agree with the trainer's loader and callbacks."""
        made = self._schedule.contract_places if self._schedule else ()
        model: Place = ("model", self.model, Model[InT, OutT])
        return [model, ("optimizer", self._optimizer, Optimizer), *made]

    @property
    def n_steps(self) -> int:
        """Updates since the run began."""
        return self._n_steps

    @property
    def monitored(self) -> Sequence[str]:
        """The scores its schedule looks at."""
        return self._schedule.monitored if self._schedule else ()

    def update(self, batch: InT, /) -> OutT:
        """One batch. Raises `LossError` if the output's `loss` cannot be minimised."""
        if self._n_pending == 0:
            self._optimizer.zero_grad()
        with self._precision:
            output = self._forward(batch)
        loss = checked_loss(output)
        if loss.device.type != "cpu":
            bad = ~torch.isfinite(loss.detach())
            self._not_finite = bad if self._not_finite is None else self._not_finite | bad
        elif not math.isfinite(loss.item()):
            raise not_finite(f"at step {self._n_steps + 1}: {loss.item()}", batch, output)
        if self._accumulate > 1:
            loss = loss / self._accumulate
        backward(loss if self._scaler is None else self._scaler.scale(loss))
        self._n_pending += 1
        if self._n_pending == self._accumulate:
            self._apply()
        return output

    def evaluate(self, batch: InT, /) -> OutT:
        """The forward pass alone, in the precision of training."""
        with self._precision:
            return self._forward(batch)

    def end_epoch(self) -> None:
        """Apply the gradients of an incomplete last window, scaled to the mean of its batches.

        Raises `LossError` if a loss of the epoch was not finite or a parameter is not. Syncs.
        """
        bad, self._not_finite = self._not_finite, None
        if bad is not None and bool(bad):
            raise not_finite("in this epoch")
        if self._n_pending:
            for parameter in self._parameters:
                if parameter.grad is not None:
                    parameter.grad.mul_(self._accumulate / self._n_pending)
            self._apply()
        if not all(bool(torch.isfinite(parameter).all()) for parameter in self._parameters):
            raise not_finite("in its gradient: a parameter is NaN or infinite after this epoch")

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Advance a schedule that counts epochs or looks at a score."""
        if self._schedule is not None and (moment.ends_epoch or self._schedule.monitored):
            self._schedule.after_epoch(scores)

    def state_dict(self) -> dict[str, object]:
        """Optimizer, schedule, loss scale and step count."""
        return {
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule and self._schedule.scheduler.state_dict(),
            "made_of": self._made_of,
            "scaler": None if self._scaler is None else self._scaler.state_dict(),
            "n_steps": self._n_steps,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`; the optimizer's tensors go to its parameters' device."""
        saved = read(state_dict, "made_of")
        problem = "; ".join(
            f"{part} state is of {saved.get(part)}, this step has {mine}"
            for part, mine in self._made_of.items()
            if mine != saved.get(part)
        )
        try:
            if not problem:
                self._optimizer.load_state_dict(read(state_dict, "optimizer"))
        except ValueError as error:
            problem = f"optimizer state {error}"
        if problem:
            raise CheckpointError(f"checkpoint: its {problem}; build the step as it was built then")
        if self._schedule is not None:
            self._schedule.scheduler.load_state_dict(read(state_dict, "schedule"))
        if self._scaler is not None:
            self._scaler = GradScaler(self.device.type)  # the old one may be between two calls
            if state_dict.get("scaler"):
                self._scaler.load_state_dict(read(state_dict, "scaler"))
        self._n_steps = read_int(state_dict, "n_steps")
        self._n_pending = 0
        self._not_finite = None

    @property
    def _made_of(self) -> dict[str, str | None]:
        scheduler = self._schedule and type(self._schedule.scheduler).__name__
        return {"optimizer": type(self._optimizer).__name__, "schedule": scheduler}

    def _apply(self) -> None:
        if self._n_steps == 0 and all(p.grad is None for p in self._parameters):
            raise LossError(
                "loss: no parameter of the optimizer received a gradient in the first update; "
                "give the optimizer the parameters that the loss depends on"
            )
        scaler, scaled = self._scaler, self._scaled
        if scaler is not None and scaled is not None:
            scaler.unscale_(scaled)
        if self._clip_norm is not None:
            clip_grad_norm_(self._parameters, self._clip_norm)
        if scaler is not None and scaled is not None:
            scaler.step(scaled)
            scaler.update()
        else:
            self._optimizer.step()
        self._n_pending = 0
        self._n_steps += 1
        if self._schedule is not None:
            self._schedule.after_step()
