"""One update of one set of parameters: gradient, clipping, optimizer, schedule. Every step of this
package updates through here.
"""

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NoReturn, TypeAlias, final

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.nn import Parameter

from artifact_torch.checkpoints.sharded import is_sharded
from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import ClosureOptimizer, Moment, Optimizer
from artifact_torch.errors import CheckpointError, LossError
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.stepping.planning import ScheduleOf, Scheduling
from artifact_torch.stepping.schedules import AnyOptT
from artifact_torch.stepping.update.checks import (
    check_made_closure_optimizer,
    check_made_optimizer,
    check_scaled,
    owned_parameters,
)
from artifact_torch.stepping.update.finite import (
    GradientWatch,
    gradient_not_finite,
    of_any_rank,
    parameters_not_finite,
)
from artifact_torch.stepping.update.foreach import clip_, norm_of_shards, total_norm
from artifact_torch.stepping.update.gradients import clearing
from artifact_torch.stepping.update.modes import HasModes, Modes
from artifact_torch.stepping.update.owned import Owned, parameters_of
from artifact_torch.stepping.update.rates import rates_of, set_rates

_logger = logging.getLogger(__name__)

NonFinite: TypeAlias = Literal["raise", "skip"]
"""What becomes of an update whose loss or gradient is not finite."""


@final
class Updates:
    """An optimizer with its clipping and its schedule, built from `parameters`.

    A gradient that is not finite raises `LossError` before the update, or with `skips` the update is
    left out and counted; so it is too by a loss scale, which then holds the schedule. On an
    accelerator nothing waits for the look: `LossError` comes at the end of the epoch. torch's fused
    optimizers (`fused=True`) read there what was found and move nothing from that update on; with
    `skips`, others have to be told, which syncs.
    """

    def __init__(
        self,
        model: nn.Module,
        parameters: Iterable[Parameter],
        *,
        optimizer: Callable[[Iterable[Parameter]], AnyOptT],
        schedule: ScheduleOf[AnyOptT] | None,
        clip_norm: float | None,
        scaler: GradScaler | None = None,
        closure: bool = False,
        skips: bool,
    ) -> None:
        built = optimizer(parameters)
        made: object = built
        self.optimizer: Optimizer | ClosureOptimizer = built
        self._plain = None if closure else check_made_optimizer(made)
        if closure:
            check_made_closure_optimizer(made)
        self.parameters: list[Tensor] = owned_parameters(built, model.parameters())
        """What it moves, in its order."""
        self.zero_grad: Callable[[], object] = clearing(built)
        """Takes away their gradients."""
        self.modes: Modes | None = Modes(made) if isinstance(made, HasModes) else None
        self.norm: Tensor | None = None
        """Of the last gradient, `[]`, before clipping; None where nobody had to compute it."""
        self._built = [_numbers(group) for group in built.param_groups]
        self.scheduling: Scheduling = Scheduling(built, schedule)
        self._clip_norm = clip_norm
        self._scaled: torch.optim.Optimizer | None = None if scaler is None else check_scaled(built)
        self.watch: GradientWatch = GradientWatch(self.parameters[0].device)
        self._norm_of = norm_of_shards if any(map(is_sharded, self.parameters)) else total_norm
        self._skips = skips
        self._n_left_out, self._has_told = 0, False
        self._is_held, self._is_held_by_scale = False, False
        self.is_first: bool = True
        """Until the first gradient was looked at."""

    @property
    def learning_rates(self) -> dict[str, float]:
        """Of each group that has one: `lr`, or by the name or number of the group. May sync."""
        return rates_of(self.optimizer.param_groups)

    @property
    def n_skipped(self) -> int:
        """Updates left out because a number was not finite. May sync."""
        return self._n_left_out + int(self.watch.count.item())

    def hold_rates(self, rates: Mapping[str, float] | None) -> None:
        """Use these, while the schedule stands still; with None it goes on."""
        self._is_held = rates is not None
        set_rates(self.optimizer.param_groups, rates or {})

    def begin(self) -> None:
        """Before the first batch of an epoch: groups may have been added."""
        if not self._is_held:
            self.scheduling.require_plan()
        self.parameters = parameters_of(self.optimizer)
        self.watch.expect(self.parameters)
        if self._reads_found:  # an attribute of theirs, which torch's GradScaler sets too
            vars(self.optimizer)["found_inf"] = self.watch.found

    def require_gradient(self, of: str) -> None:
        """Raise `LossError` if the first loss has given its parameters no gradient."""
        if all(p.grad is None for p in self.parameters):
            raise LossError(
                f"loss: no parameter of the optimizer{of} received a gradient in the first update; "
                "give the optimizer the parameters that the loss depends on"
            )
        self.is_first = False

    def prepare(self, scaler: GradScaler | None = None) -> bool:
        """Look at the gradient, and clip it. Whether it may be applied, as far as is known without a
        sync; a loss scale looks for itself.
        """
        self.norm = None
        if scaler is not None and self._scaled is not None:
            scaler.unscale_(self._scaled)
        gradients = [found for p in self.parameters if (found := p.grad) is not None]
        if not gradients:
            return True
        if self._clip_norm is None:
            is_finite = self.watch.sees(gradients)
        else:
            is_finite = self._clip(gradients, self._clip_norm)
        if self.watch.is_near:
            return is_finite
        has_to_know = (
            self.scheduling.every_step if scaler else self._skips and not self._reads_found
        )
        return self.watch.all_finite() if has_to_know else is_finite

    def refuse(self, owned: Owned, step: int, loss: Tensor | None = None) -> NoReturn:
        """Raise for a gradient that is not finite, though `loss` is. Syncs."""
        error = gradient_not_finite(f"at step {step}", owned.named(self.parameters))
        error.loss = None if loss is None else loss.item()
        raise error

    def _clip(self, gradients: Sequence[Tensor], most: float) -> bool:
        """To a norm of `most`, where it is finite."""
        try:
            norm = self._norm_of(gradients)
        except NotImplementedError:  # sparse ones: their values, which share memory with them
            gradients = [_values(p) for p in self.parameters if p.grad is not None]
            norm = self._norm_of(gradients)
        self.norm = norm
        is_near = self.watch.is_near
        is_finite = math.isfinite(norm.item()) if is_near else self.watch.sees([norm.clone()])
        if is_finite:
            clip_(gradients, norm, most)
        return is_finite

    def step(self, *, is_finite: bool, scaler: GradScaler | None = None) -> None:
        """Move the parameters, or leave it out where `prepare` says so. The caller updates the scale
        after its last part.
        """
        if scaler is not None and self._scaled is not None:
            scaler.step(self._scaled)
        elif self._plain is not None and is_finite:
            self._plain.step()
        if not is_finite:
            self.leave_out(is_scaled=scaler is not None)
        if not self.watch.is_near:
            self.watch.tally(forget=self._skips or scaler is not None)
        self._is_held_by_scale = scaler is not None and not is_finite

    def advance(self) -> None:
        """The schedule, after `step`: with the steps, whether the update was made or not; but for one
        that a loss scale left out.
        """
        schedule = self.scheduling.schedule
        if schedule is not None and not self._is_held and not self._is_held_by_scale:
            schedule.after_step()

    def leave_out(self, *, is_scaled: bool = False) -> None:
        """Count an update that is not made; a loss scale leaves out some of its own accord."""
        self._n_left_out += 1
        if not is_scaled:
            self._tell()
            # torch's schedulers else warn of a first step before the optimizer's
            vars(self.optimizer)["_opt_called"] = True

    def _tell(self) -> None:
        if not self._has_told:
            self._has_told = True
            _logger.warning(
                "%s: a loss or gradient is not finite, and its update is left out, as "
                'nonfinite="skip" says; those that follow are counted, and told at the end',
                type(self.optimizer).__name__,
            )

    @property
    def _reads_found(self) -> bool:
        """Whether the optimizer looks on the device at what was found there, and so need not wait."""
        if self.watch.is_near or self._scaled is not None or self._plain is None:
            return False
        return vars(self.optimizer).get("_step_supports_amp_scaling") is True

    def require_finite(self, owned: Owned, n_steps: int) -> None:
        """Raise `LossError` if a gradient of the epoch was not finite, or a trained parameter is not.
        Syncs.
        """
        lost = of_any_rank(
            [name for name, _ in owned.named(parameters_not_finite(self.parameters))]
        )
        if self._skips and self._scaled is None and self.watch.count.item():
            self._tell()
        if self.watch.found.item():
            late = f"at step {n_steps + 1 - int(self.watch.count.item())}"
            self._forget()
            raise gradient_not_finite(late, owned.named(self.parameters))
        if lost:
            raise LossError(
                f"loss: not finite in its gradient: parameter {', '.join(lost[:8])} is NaN or "
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
            "n_skipped": self.n_skipped,
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
        self.norm, self._n_left_out = None, read_int(state_dict, "n_skipped")
        self._forget()
        if self.modes is not None:
            self.modes.forget()

    def _forget(self) -> None:
        """What the watch found is of another run."""
        self.watch.found.zero_()
        self.watch.count.zero_()

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
