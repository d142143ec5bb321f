"""One update of one set of parameters: gradient, clipping, optimizer, schedule. Every step of this
package updates through here.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, final, runtime_checkable

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.nn import Parameter

from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import ClosureOptimizer, Moment, Optimizer
from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.stepping.planning import ScheduleOf, Scheduling
from artifact_torch.stepping.schedules import OptT
from artifact_torch.stepping.update.checks import (
    check_made_closure_optimizer,
    check_made_optimizer,
    check_scaled,
    owned_parameters,
)
from artifact_torch.stepping.update.finite import (
    FiniteWatch,
    gradient_not_finite,
    is_finite_sum,
    parameters_not_finite,
)
from artifact_torch.stepping.update.foreach import clip_, total_norm
from artifact_torch.stepping.update.owned import Owned, parameters_of
from artifact_torch.stepping.update.rates import rates_of, set_rates

_logger = logging.getLogger(__name__)


@runtime_checkable
class _HasModes(Protocol):
    """An optimizer that keeps two sets of weights, such as a schedule-free one."""

    def train(self) -> object: ...

    def eval(self) -> object: ...


@final
class Modes:
    """Sets the mode of such an optimizer where it is another."""

    def __init__(self, optimizer: _HasModes) -> None:
        self._optimizer = optimizer
        self._is_training: bool | None = None

    def train(self) -> None:
        """Before an update."""
        if not self._is_training:
            self._optimizer.train()
            self._is_training = True

    def eval(self) -> None:
        """Before a look at the model."""
        if self._is_training is not False:
            self._optimizer.eval()
            self._is_training = False

    def forget(self) -> None:
        """The state was loaded, and with it another mode."""
        self._is_training = None


@final
class Updates:
    """An optimizer with its clipping and its schedule, built from `parameters`.

    A gradient that is not finite raises `LossError` before the update; on an accelerator at the
    end of the epoch. Not with a loss scale, which skips such an update.
    """

    def __init__(
        self,
        model: nn.Module,
        parameters: Iterable[Parameter],
        *,
        optimizer: Callable[[Iterable[Parameter]], OptT],
        schedule: ScheduleOf[OptT] | None,
        clip_norm: float | None,
        scaler: GradScaler | None = None,
        closure: bool = False,
    ) -> None:
        built = optimizer(parameters)
        made: object = built
        self.optimizer: Optimizer | ClosureOptimizer = built
        self._plain = None if closure else check_made_optimizer(made)
        if closure:
            check_made_closure_optimizer(made)
        self.parameters: list[Tensor] = owned_parameters(built, model.parameters())
        """What it moves, in its order."""
        self.modes: Modes | None = Modes(made) if isinstance(made, _HasModes) else None
        self.norm: Tensor | None = None
        """Of the last gradient, `[]`, before clipping; None where nobody had to compute it."""
        self._built = [_numbers(group) for group in built.param_groups]
        self.scheduling: Scheduling = Scheduling(built, schedule)
        self._clip_norm = clip_norm
        self._scaled: torch.optim.Optimizer | None = None if scaler is None else check_scaled(built)
        self._gradients = FiniteWatch()
        self._is_held = False
        self.is_first: bool = True
        """Until the first gradient was looked at."""

    @property
    def learning_rates(self) -> dict[str, float]:
        """Of each group that has one: `lr`, or by the name or number of the group. May sync."""
        return rates_of(self.optimizer.param_groups)

    def hold_rates(self, rates: Mapping[str, float] | None) -> None:
        """Use these, while the schedule stands still; with None it goes on."""
        self._is_held = rates is not None
        set_rates(self.optimizer.param_groups, rates or {})

    def begin(self) -> None:
        """Before the first batch of an epoch: groups may have been added."""
        if not self._is_held:
            self.scheduling.require_plan()
        self.parameters = parameters_of(self.optimizer)

    def require_gradient(self, of: str) -> None:
        """Raise `LossError` if the first loss has given its parameters no gradient."""
        if all(p.grad is None for p in self.parameters):
            raise LossError(
                f"loss: no parameter of the optimizer{of} received a gradient in the first update; "
                "give the optimizer the parameters that the loss depends on"
            )
        self.is_first = False

    def prepare(self, owned: Owned, step: int, scaler: GradScaler | None = None) -> bool:
        """Look at the gradient and clip it. Whether it may be applied, as far as is known without a
        sync; a loss scale looks for itself.
        """
        self.norm = None
        if scaler is not None and self._scaled is not None:
            scaler.unscale_(self._scaled)
            if self._clip_norm is None and not self.scheduling.every_step:
                return True
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if not gradients:
            return True
        if self._clip_norm is None and scaler is None and is_finite_sum(gradients):
            return True
        try:
            norm = total_norm(gradients)
        except NotImplementedError:  # sparse ones: their values, which share memory with them
            gradients = [_values(p) for p in self.parameters if p.grad is not None]
            norm = total_norm(gradients)
        self.norm = norm
        if scaler is not None:
            is_finite = bool(torch.isfinite(norm))  # syncs, as the scaler does next
        elif not (is_finite := self._gradients.sees(norm)):
            raise gradient_not_finite(f"at step {step}", owned.named(self.parameters))
        if self._clip_norm is not None:
            clip_(gradients, norm, self._clip_norm)
        return is_finite

    def step(self, *, is_finite: bool, scaler: GradScaler | None = None) -> None:
        """Move the parameters. The caller updates the scale after its last part."""
        if scaler is not None and self._scaled is not None:
            scaler.step(self._scaled)
        elif self._plain is not None:
            self._plain.step()
        schedule = self.scheduling.schedule
        if is_finite and schedule is not None and not self._is_held:  # else the scale skipped it
            schedule.after_step()

    def require_finite(self, owned: Owned) -> None:
        """Raise `LossError` if a gradient of the epoch was not finite, or a trained parameter is not.
        Syncs.
        """
        names = parameters_not_finite(owned.named(self.parameters))
        if not self._gradients.all_finite():
            raise gradient_not_finite("in this epoch", owned.named(self.parameters))
        if names:
            raise LossError(
                f"loss: not finite in its gradient: parameter {', '.join(names[:8])} is NaN or "
                "infinite after this epoch; lower the learning rate, or clip the gradient "
                "(clip_norm=)"
            )

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        """Advance a schedule that counts epochs or looks at a score. Whoever keeps the weights of this
        moment gets those to look at.
        """
        if self.modes is not None:
            self.modes.eval()
        self.scheduling.after_scores(scores, moment)

    def state_dict(self) -> dict[str, object]:
        """Optimizer and schedule, and the numbers the optimizer was built with."""
        return {
            "optimizer": self.optimizer.state_dict(),
            **self.scheduling.state_dict(),
            "made_of": self._made_of,
            "built_with": [dict(each) for each in self._built],
        }

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        """Continue from `state_dict`; the optimizer's tensors go to its parameters' device."""
        if not self._is_held:
            self.scheduling.require_plan()
        saved = read(state_dict, "made_of")
        problem = "; ".join(
            f"{part} state is of {saved.get(part)}, this step has {mine}"
            for part, mine in self._made_of.items()
            if mine != saved.get(part)
        )
        try:
            if not problem:
                self.optimizer.load_state_dict(read(state_dict, "optimizer"))
        except ValueError as error:
            problem = f"optimizer state {error}"
        if problem:
            raise CheckpointError(f"checkpoint: its {problem}; build the step as it was built then")
        self.scheduling.load_state_dict(state_dict)
        # torch 2.13's schedulers warn where they come first; the update came before the checkpoint
        vars(self.optimizer)["_opt_called"] = True
        self._keep_built(state_dict.get("built_with"))
        self.norm, self._gradients = None, FiniteWatch()
        if self.modes is not None:
            self.modes.forget()

    @property
    def _made_of(self) -> dict[str, str | None]:
        return {"optimizer": type(self.optimizer).__name__, "schedule": self.scheduling.name}

    def _keep_built(self, saved: object) -> None:
        """Tell of numbers that differ: torch takes those of the state without a word."""
        for index, group in enumerate(saved if is_list(saved) else ()):
            then = _numbers({str(k): v for k, v in group.items()} if is_mapping(group) else {})
            now = self._built[index] if index < len(self._built) else {}
            for name in sorted(now.keys() & then.keys()):
                if now[name] != then[name]:
                    _logger.warning(
                        "optimizer: %s is %r here and was %r in the checkpoint, which goes on with "
                        "its own; set it in the optimizer's param_groups after restoring",
                        *(name, now[name], then[name]),
                    )
                    now[name] = then[name]


def _numbers(group: Mapping[str, object]) -> dict[str, float | Sequence[object]]:
    return {
        name: value
        for name, value in group.items()
        if isinstance(value, int | float | tuple) and name != "initial_lr"
    }


def _values(parameter: Tensor) -> Tensor:
    """Of a sparse gradient, which is coalesced; a dense one is its own."""
    gradient = parameter.grad
    if gradient is None or gradient.layout is torch.strided:
        return parameter.new_zeros(()) if gradient is None else gradient
    parameter.grad = gradient = gradient.coalesce()
    return gradient.values()
