"""The training step with one optimizer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Generic, final

import torch
from torch import Tensor, nn
from torch.autograd import backward
from torch.nn import Parameter

from artifact_torch.checking.places import Place
from artifact_torch.checkpoints.state import read_int
from artifact_torch.contracts import InT, Model, Moment, Optimizer, OutT, TakesPart
from artifact_torch.data import resolve_device
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import integer
from artifact_torch.internal.keywords import OF_STEPS, names_ours
from artifact_torch.internal.modules import as_forward, as_module
from artifact_torch.parallel.engine import Engine, engine_of
from artifact_torch.parallel.plan import Parallelism, parallel_problems
from artifact_torch.stepping.compiling.forward import compile_forward
from artifact_torch.stepping.compiling.options import Compiling, resolved
from artifact_torch.stepping.compiling.update import compile_update
from artifact_torch.stepping.planning import ScheduleOf, n_updates_of
from artifact_torch.stepping.schedules import OptT
from artifact_torch.stepping.update.checks import check_model, model_problems, optimizer_problems
from artifact_torch.stepping.update.finite import FiniteWatch
from artifact_torch.stepping.update.loss import checked_loss, not_finite, note_one_row
from artifact_torch.stepping.update.owned import Owned
from artifact_torch.stepping.update.precision import (
    Evaluation,
    autocast_of,
    load_scaler,
    scaler_of,
)
from artifact_torch.stepping.update.running import RunningStatistics
from artifact_torch.stepping.update.updates import NonFinite, Updates

_REDUCING = (
    "its gradients are reduced over several processes while the backward pass computes; "
    'compile="model" compiles it'
)
_ACCUMULATING = (
    "with accumulate=, a captured backward pass overwrites the gradients that it is to be added to "
    "(pytorch#169545); use a larger batch_size instead"
)


@final
class OptimizerStep(Generic[InT, OutT]):
    """Forward, backward, update by one optimizer: the training step of most models.

    The model is moved to `device`: `"auto"` is an accelerator where there is one, else the CPU.
    `optimizer` is then called once with all its parameters and may own a subset of them.
    `accumulate` batches make one update, of their mean loss; an epoch's last update may have
    fewer. `clip_norm` bounds the gradient's 2-norm. `autocast` runs the forward pass in that type;
    float16 also scales the loss, and an update that its scale makes infinite is counted but skipped.
    `compile="model"` compiles the model in place, `"step"` the update too, and on CUDA captures both;
    a `Compile` says how. What cannot be compiled or captured runs as it is, which is told once.
    `parallel="ddp"` or `"fsdp"` shares the model among the processes that `torchrun` starts: each
    computes its rows of each batch, and all follow the gradient of the whole; a `Parallel` says how.
    In one process it changes nothing.

    A loss or gradient that is not finite raises `LossError`: on the CPU before its update, with
    weights, optimizer, schedule and the running statistics of norms as before the window. On an
    accelerator at the end of the epoch, before that epoch is recorded (a look at each step would
    sync); an optimizer of torch with `fused=True` has then moved nothing since.

    With `nonfinite="skip"` that update is left out and counted (`n_skipped`); step and schedule go on
    as if it had been made, and callbacks see the output. Nothing syncs with a fused optimizer of
    torch, else each update does on an accelerator. Under a loss scale an infinite gradient is its
    own affair either way: left out, counted, the schedule not advanced.
    """

    @names_ours(**OF_STEPS)
    def __init__(
        self,
        model: Model[InT, OutT],
        *,
        optimizer: Callable[[Iterable[Parameter]], OptT],
        schedule: ScheduleOf[OptT] | None = None,
        accumulate: int = 1,
        clip_norm: float | None = None,
        autocast: torch.dtype | None = None,
        device: torch.device | str = "auto",
        compile: Compiling | None = None,  # noqa: A002  (torch's word)
        parallel: Parallelism | None = None,
        nonfinite: NonFinite = "raise",
    ) -> None:
        self._forward = as_forward(model)
        self.model: Final[nn.Module] = as_module(model)
        """The module that it updates."""
        problems = [
            *integer("accumulate", accumulate, least=1),
            *optimizer_problems(optimizer=optimizer, schedule=schedule, clip_norm=clip_norm),
            *model_problems(autocast=autocast, compile=compile, nonfinite=nonfinite),
            *parallel_problems(parallel),
        ]
        if problems:
            raise ConfigurationError("OptimizerStep: " + "; ".join(problems))
        check_model(self.model)
        engine = engine_of(
            self.model, self._forward, parallel, device, is_cast=autocast is not None
        )
        self._engine: Engine[InT, OutT] | None = engine
        self.device: Final[torch.device] = engine.device if engine else resolve_device(device)
        """Where the model is: it was moved there."""
        if engine is None:
            self.model.to(self.device)
        self._precision: AbstractContextManager[object] = autocast_of(self.device, autocast)
        self._scaler = scaler_of(self.device, autocast)
        self._updates = Updates(
            self.model,
            self.model.parameters(),
            optimizer=optimizer,
            schedule=schedule,
            clip_norm=clip_norm,
            scaler=self._scaler,
            skips=nonfinite == "skip",
        )
        self._skips = nonfinite == "skip"
        self._looks_late = self._skips and not self._updates.watch.is_near
        self._is_whole = accumulate == 1 and self._scaler is None and engine is None
        self._is_cast = autocast is not None
        self._is_left_out = False
        self._owned = Owned(self.model, [self._updates.optimizer])
        self._zero_grad = self._updates.zero_grad
        self._modes = self._updates.modes
        self._accumulate = accumulate
        self._running = RunningStatistics(self.model)
        self._losses = FiniteWatch()
        self._n_pending = 0
        self._n_steps = 0
        self._begins = True
        why_not = _REDUCING if engine else _ACCUMULATING if accumulate > 1 else None
        how = resolved(compile, self.device, why_not=why_not)
        if engine is not None:
            self._forward = engine.training(
                is_last=lambda: self._n_pending + 1 >= accumulate,
                n_done=lambda: self._n_steps * accumulate + self._n_pending,
                accumulates=accumulate > 1,
            )
        self._forward = compile_forward(self.model, self._forward, how, self.device)
        self._look = engine.look if engine else self._forward
        compile_update(self._updates.optimizer, how, is_scaled=self._scaler is not None)

    @property
    def contract_places(self) -> Sequence[Place]:
        """What it is made of, which has to agree with the trainer's loader and callbacks."""
        model: Place = ("model", self.model, Model[InT, OutT])
        optimizer: Place = ("optimizer", self._updates.optimizer, Optimizer)
        return [model, optimizer, *self._updates.scheduling.contract_places]

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
        """Of the last update, `[]`, before clipping; None where none had to be computed."""
        return self._updates.norm

    @property
    def n_skipped(self) -> int:
        """Updates left out because a loss or gradient was not finite. May sync."""
        return self._updates.n_skipped

    @property
    def n_steps(self) -> int:
        """Updates since the run began."""
        return self._n_steps

    @property
    def part(self) -> TakesPart[InT] | None:
        """Gives this process its rows of a batch; None where it is alone, or the model was parallel
        before the step had it.
        """
        return self._engine and self._engine.part

    def plan(self, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, /) -> None:
        """Make a schedule that is `planned`. Raises `ConfigurationError` without any bound."""
        n_updates = n_updates_of(n_batches, max_n_epochs, max_n_steps, accumulate=self._accumulate)
        self._updates.scheduling.plan(n_updates, is_new=self._n_steps == 0)

    def update(self, batch: InT, /) -> OutT:
        """One batch. Raises `LossError` if the output's `loss` cannot be minimised."""
        if self._n_pending == 0:
            if self._begins:
                self._begin()
            self._zero_grad()
            self._running.keep()
        if self._modes is not None:
            self._modes.train()
        try:
            output = self._cast(batch) if self._is_cast else self._forward(batch)
            loss = checked_loss(output)
            if not self._is_left_out:
                backward(loss if self._is_whole else self._scaled(loss))
            if self._looks_late:  # in place, hence a copy
                self._updates.watch.look([loss.detach().clone()])
            elif not self._losses.sees(loss):
                self._refuse(loss, batch, output)
            if self._n_pending + 1 < self._accumulate:
                self._n_pending += 1
            else:
                self._apply(loss)
        except BaseException as error:
            self._give_up()
            note_one_row(error)
            raise
        if self._n_steps == 1 and self._n_pending == 0:
            self._owned.compare()
        return output

    def _begin(self) -> None:
        """Before the first batch of an epoch."""
        self._owned.compare()
        self._updates.begin()
        self._running.find()
        self._begins = False

    def _cast(self, batch: InT) -> OutT:
        with self._precision:
            return self._forward(batch)

    def _scaled(self, loss: Tensor) -> Tensor:
        """By the batches of a window, by the loss scale, and by this rank's rows."""
        if self._engine is not None:
            loss = self._engine.weighted(loss, skips=self._skips)
        loss = loss / self._accumulate if self._accumulate > 1 else loss
        return loss if self._scaler is None else self._scaler.scale(loss)

    def _refuse(self, loss: Tensor, batch: object, output: object) -> None:
        """A `loss` that is not finite: of several processes the others do not know it yet."""
        if self._engine is None and self._skips:
            self._is_left_out = True
            return
        error = not_finite(f"at step {self._n_steps + 1}", batch, output, loss=loss.item())
        if self._engine is None:
            raise error
        self._engine.bad = error

    def _apply(self, loss: Tensor | None = None) -> None:
        """An update; of one batch, by its `loss`."""
        updates, is_finite = self._updates, not self._is_left_out
        scaler = self._scaler if is_finite else None
        if is_finite:
            if updates.is_first:
                updates.require_gradient("")
            is_finite = updates.prepare(scaler)
        if not is_finite and not self._skips:
            if self._engine is not None:
                self._engine.refuse()
            if scaler is None:
                updates.refuse(self._owned, self._n_steps + 1, loss if self._is_whole else None)
        if scaler is None and not is_finite:
            self._running.give_back()
        elif scaler is None and self._looks_late:
            self._running.give_back_where(updates.watch.found)
        updates.step(is_finite=is_finite, scaler=scaler)
        updates.advance()
        if scaler is not None:
            scaler.update()
        self._n_pending, self._is_left_out = 0, False
        self._n_steps += 1

    def _give_up(self) -> None:
        self._running.give_back()
        self._n_pending, self._is_left_out = 0, False
        if self._engine is not None:
            self._engine.drop_window()

    def drop_window(self) -> None:
        """What was begun of an update is as if it had not begun: its gradients, and what its batches
        did to the running statistics of norms. Its first batch comes again.
        """
        if self._n_pending:
            self._give_up()

    def evaluate(self, batch: InT, /) -> OutT:
        """The forward pass alone, in the precision of training."""
        if self._modes is not None:
            self._modes.eval()
        if self._is_cast:
            with self._precision:
                return self._look(batch)
        return self._look(batch)

    def evaluator(self) -> Evaluation[InT, OutT] | None:
        """`evaluate` without the optimizer; None where that keeps two sets of weights, or each process
        a shard of them.
        """
        if self._modes or (self._engine and not self._engine.is_portable):
            return None
        forward = self._engine.alone if self._engine else self._forward
        return Evaluation(forward, self._precision)

    def end_epoch(self) -> None:
        """Apply the gradients of an incomplete last window, scaled to the mean of its batches.

        Raises `LossError` if a loss of the epoch was not finite or a parameter is not, `RankError` if
        the model is another one on another rank. Syncs.
        """
        if not self._losses.all_finite():
            raise not_finite(f"in this epoch{self._losses.where}")
        if self._n_pending:
            if self._engine is not None:
                forward = self._cast if self._is_cast else self._forward
                self._engine.end_window(self._updates.parameters, forward)
            for parameter in self._updates.parameters:
                if parameter.grad is not None:
                    parameter.grad.mul_(self._accumulate / self._n_pending)
            try:
                self._apply()
            except BaseException:
                self._give_up()
                raise
        self._updates.require_finite(self._owned, self._n_steps)
        if self._engine is not None:
            self._engine.require_same()
        if self._modes is not None:
            self._modes.eval()
        self._begins = True

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Advance a schedule that counts epochs, where one ends, or looks at a score of `scores`."""
        self._updates.after_scores(scores, moment)

    def state_dict(self) -> dict[str, object]:
        """Optimizer, schedule, loss scale and step count."""
        return {
            **self._updates.state_dict(),
            "scaler": None if self._scaler is None else self._scaler.state_dict(),
            "n_steps": self._n_steps,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. An optimizer that was built with other numbers, such as
        another learning rate, goes on with those of the state, which is told by a warning.
        """
        self._updates.load_state_dict(state_dict)
        self._scaler = load_scaler(self.device, self._scaler, state_dict)
        self._n_steps = read_int(state_dict, "n_steps")
        self._n_pending, self._is_left_out = 0, False
        self._losses = FiniteWatch()
        self._begins = True
