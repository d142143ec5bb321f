"""The training step of a model whose parts are trained in turn, each by an optimizer of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Generic, final

import torch
from torch import Tensor, nn
from torch.autograd import backward

from artifact_torch.checking.places import Place
from artifact_torch.checkpoints.state import read, read_int
from artifact_torch.contracts import InT, Moment, Optimizer, OutT, Play
from artifact_torch.data import resolve_device
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.keywords import OF_STEPS, names_ours
from artifact_torch.internal.modules import as_module
from artifact_torch.parallel.group import require_alone
from artifact_torch.stepping.compiling.forward import compile_in_place
from artifact_torch.stepping.compiling.options import Compiling, resolved
from artifact_torch.stepping.compiling.update import compile_update
from artifact_torch.stepping.parts import Part, check_apart, noting_part, part_problems
from artifact_torch.stepping.planning import n_updates_of
from artifact_torch.stepping.update.checks import check_model, model_problems
from artifact_torch.stepping.update.finite import FiniteWatch
from artifact_torch.stepping.update.foreach import total_norm
from artifact_torch.stepping.update.loss import checked_scalar, not_finite, note_one_row
from artifact_torch.stepping.update.owned import Owned
from artifact_torch.stepping.update.precision import autocast_of, load_scaler, scaler_of
from artifact_torch.stepping.update.running import RunningStatistics
from artifact_torch.stepping.update.undo import Undo
from artifact_torch.stepping.update.updates import NonFinite, Updates

_OF_PARTS: Final = {
    word: f"an argument of each Part, {word}=...,"
    for word in ("optimizer", "schedule", "clip_norm", "every")
}

_IN_TURN: Final = (
    "its parts are called several times a batch, and each call of a captured one overwrites what the "
    "last gave"
)


@final
class AlternatingStep(Generic[InT, OutT]):
    """Several named parts of one model, each with its own loss, optimizer, schedule, clipping and
    cadence: a GAN.

    `play(batch, turn)` is one batch: it calls `turn(name, loss)` once for each part, in the order
    wanted, and returns what callbacks see. A turn computes `loss()` and its gradient for that part
    alone, and moves the part; where it is not due, the loss of its last turn comes back. A loss
    that comes from a turn has no gradient. For validation `play` is called too, and moves nothing.

    One batch is one step: `n_steps` counts the updates of the parts with `every=1`, of which there
    must be one. `autocast` covers what a turn computes, not what `play` does around it; with
    float16 the parts share one scale. `compile` compiles each child of the model in place,
    and captures nothing.

    A loss or gradient that is not finite raises before the part moves, and on the CPU takes back
    what other parts have done at that batch, for which their weights and optimizer states are
    copied before they move: all but the one that had the last turn. With `nonfinite="skip"` the
    part stays where it is and the others move. Otherwise options and errors are those of `OptimizerStep`.
    """

    @names_ours(**{**OF_STEPS, **_OF_PARTS, "accumulate": "a larger batch_size of the loader"})
    def __init__(
        self,
        model: nn.Module,
        /,
        *,
        play: Play[InT, OutT],
        parts: Mapping[str, Part],
        autocast: torch.dtype | None = None,
        device: torch.device | str = "auto",
        compile: Compiling | None = None,  # noqa: A002  (torch's word)
        nonfinite: NonFinite = "raise",
    ) -> None:
        self.model: Final[nn.Module] = as_module(model)
        """The module that holds all parts."""
        problems = [
            *model_problems(autocast=autocast, compile=compile, nonfinite=nonfinite),
            *part_problems(play, parts),
        ]
        if problems:
            raise ConfigurationError("AlternatingStep: " + "; ".join(problems))
        require_alone("AlternatingStep", "its parts are called by play, around what shares a model")
        check_model(self.model)
        self.device: Final[torch.device] = resolve_device(device)
        """Where the model is: it was moved there."""
        self.model.to(self.device)
        self._play = play
        self._precision: AbstractContextManager[object] = autocast_of(self.device, autocast)
        self._scaler = scaler_of(self.device, autocast)
        self._every = {name: part.every for name, part in parts.items()}
        self._parts = {
            name: noting_part(name, part.build, self.model, self._scaler, skips=nonfinite == "skip")
            for name, part in parts.items()
        }
        self._skips = nonfinite == "skip"
        self._is_far = not all(each.watch.is_near for each in self._parts.values())
        self._undo = {name: Undo(each.optimizer) for name, each in self._parts.items()}
        check_apart(self.model, self._parts)
        self._owned = Owned(self.model, [each.optimizer for each in self._parts.values()])
        self._modes = [each.modes for each in self._parts.values() if each.modes is not None]
        self._losses = {name: FiniteWatch() for name in parts}
        self._last: dict[str, Tensor] = {}
        self._last_before: dict[str, Tensor] = {}
        self._moved: dict[str, bool] = {}  # at this batch, and whether it can be taken back
        self._has_moved, self._is_scaled = False, False
        self._running = RunningStatistics(self.model)
        self._n_steps = 0
        self._begins = True
        how = resolved(compile, self.device, why_not=_IN_TURN)
        for child in self.model.children():
            compile_in_place(child, how)
        for each in self._parts.values():
            compile_update(each.optimizer, how, is_scaled=self._scaler is not None)

    @property
    def contract_places(self) -> Sequence[Place]:
        """What it is made of, which has to agree with the trainer's loader and callbacks."""
        play: Place = ("play", self._play, Play[InT, OutT])
        made = [play]
        for each in self._parts.values():
            made += [("optimizer", each.optimizer, Optimizer), *each.scheduling.contract_places]
        return made

    @property
    def n_steps(self) -> int:
        """Batches since the run began: updates of the parts that move at each."""
        return self._n_steps

    @property
    def monitored(self) -> Sequence[str]:
        """The scores the schedules look at."""
        return [name for each in self._parts.values() for name in each.scheduling.monitored]

    @property
    def learning_rates(self) -> Mapping[str, float]:
        """By part; `part/group` where its optimizer has several groups. May sync."""
        return {
            _rate_name(part, group): rate
            for part, each in self._parts.items()
            for group, rate in each.learning_rates.items()
        }

    def hold_rates(self, rates: Mapping[str, float] | None, /) -> None:
        """Update by these `learning_rates`, whatever the schedule says; with None it goes on."""
        for part, each in self._parts.items():
            names = {group: _rate_name(part, group) for group in each.learning_rates}
            known = {group: rates[n] for group, n in names.items() if rates and n in rates}
            each.hold_rates(None if rates is None else known)

    @property
    def gradient_norm(self) -> Tensor | None:
        """Over all parts, `[]`, of the last gradient of each before clipping."""
        norms = [each.norm for each in self._parts.values() if each.norm is not None]
        return total_norm(norms) if norms else None

    @property
    def n_skipped(self) -> int:
        """Updates of parts left out because a loss or gradient was not finite. May sync."""
        return sum(each.n_skipped for each in self._parts.values())

    def plan(self, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, /) -> None:
        """Make the schedules that are `planned`. Raises `ConfigurationError` without any bound."""
        n_steps = n_updates_of(n_batches, max_n_epochs, max_n_steps)
        for name, each in self._parts.items():
            n_updates = None if n_steps is None else -(-n_steps // self._every[name])
            each.scheduling.plan(n_updates, is_new=self._n_steps == 0)

    def update(self, batch: InT, /) -> OutT:
        """One batch. Raises `LossError` if the loss of a turn cannot be minimised."""
        if self._begins:
            self._owned.compare()
            self._running.find()
            for each in self._parts.values():
                each.begin()
            self._begins = False
        for modes in self._modes:
            modes.train()
        self._moved.clear()
        self._has_moved, self._is_scaled, self._last_before = False, False, dict(self._last)
        self._running.keep()
        try:
            output = self._play(batch, self._turn)
            self._require_turns()
        except BaseException:
            self._take_back()
            raise
        for name in self._moved:
            self._parts[name].advance()
        if self._scaler is not None and self._is_scaled:
            self._scaler.update()
        self._n_steps += 1
        if self._n_steps == 1:
            self._owned.compare()
        return output

    def _turn(self, part: str, loss: Callable[[], Tensor], /) -> Tensor:
        """A turn in training."""
        updates = self._part(part)
        if self._n_steps % self._every[part] and part in self._last:
            return self._last[part]
        if part in self._moved:
            raise ConfigurationError(
                f"play: gave {part!r} a second turn at step {self._n_steps + 1}; give each part "
                "one, and every= to those that are to move less often"
            )
        self._moved[part] = False
        trained = [each for each in updates.parameters if each.requires_grad]
        if not trained:  # frozen for a while
            self._last[part] = self._look(part, loss)
            return self._last[part]
        updates.zero_grad()
        value = checked_scalar(self._computed(loss), f"loss of {part}")
        self._last[part] = value.detach()
        if not self._is_finite(part, value) or not self._move(part, value, trained):
            updates.step(is_finite=False)
            self._running.give_back()  # as before the batch, whoever moved them
        return self._last[part]

    def _is_finite(self, part: str, value: Tensor) -> bool:
        """Whether to go on, as far as is known without a sync."""
        if self._skips and self._is_far:
            self._parts[part].watch.look([value.detach().clone()])  # in place, hence a copy
            return True
        is_finite = self._losses[part].sees(value)
        if not is_finite and not self._skips:
            where = f"in the turn of {part} at step {self._n_steps + 1}"
            raise not_finite(where, loss=value.item())
        return is_finite

    def _move(self, part: str, value: Tensor, trained: Sequence[Tensor]) -> bool:
        """An update of `part`; False where it is to be left out."""
        updates = self._parts[part]
        # into this part alone: the others may be in the graph, and keep the gradient they have
        scaled = value if self._scaler is None else self._scaler.scale(value)
        backward(scaled, inputs=trained)
        if updates.is_first:
            updates.require_gradient(f" of {part}")
        is_finite = updates.prepare(self._scaler)
        if not is_finite and self._scaler is None:
            if not self._skips:
                updates.refuse(self._owned, self._n_steps + 1)
            return False
        if self._is_far:  # nothing is found there in time to take it back
            self._has_moved = True
            if self._skips and self._scaler is None:
                self._running.give_back_where(updates.watch.found)
        else:
            self._undo[part].keep(updates.parameters)
            self._moved[part] = True
        updates.step(is_finite=is_finite, scaler=self._scaler)
        self._is_scaled = self._scaler is not None
        return True

    def _look(self, part: str, loss: Callable[[], Tensor], /) -> Tensor:
        """A turn that moves nothing: in validation, or of a part that is frozen."""
        self._part(part)
        with torch.enable_grad():  # a gradient penalty asks for gradients of its own
            return self._computed(loss).detach()

    def _computed(self, loss: Callable[[], Tensor]) -> Tensor:
        try:
            with self._precision:
                return loss()
        except ValueError as error:
            note_one_row(error)
            raise

    def _part(self, name: str) -> Updates:
        if name not in self._parts:
            raise ConfigurationError(
                f"play: gave a turn to {shown(name)}, which is none of the parts "
                f"{[*self._parts]}; use one of their names"
            )
        return self._parts[name]

    def _require_turns(self) -> None:
        due = (name for name, every in self._every.items() if not self._n_steps % every)
        if left := [name for name in due if name not in self._moved]:
            raise ConfigurationError(
                f"play: gave no turn to {left} at step "
                f"{self._n_steps + 1}; call turn(name, loss) once for each part, at every batch"
            )

    def _take_back(self) -> None:
        """The batch has failed; of parts that have moved already, what was kept."""
        for name, is_kept in self._moved.items():
            if is_kept:
                self._undo[name].give_back()
        if not self._has_moved:
            self._running.give_back()
        self._last = self._last_before
        if self._scaler is not None:  # it may be between two calls
            self._scaler = load_scaler(
                self.device, self._scaler, {"scaler": self._scaler.state_dict()}
            )

    def evaluate(self, batch: InT, /) -> OutT:
        """The same losses in the precision of training; nothing moves."""
        for modes in self._modes:
            modes.eval()
        return self._play(batch, self._look)

    def end_epoch(self) -> None:
        """Raises `LossError` if a loss of the epoch was not finite or a parameter is not. Syncs."""
        for name, losses in self._losses.items():
            if not losses.all_finite():
                raise not_finite(f"in the turns of {name} in this epoch")
        for name, each in self._parts.items():
            noting_part(name, each.require_finite, self._owned, self._n_steps)
        for modes in self._modes:
            modes.eval()
        self._begins = True

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Advance schedules that count epochs, where one ends, or look at a score of `scores`."""
        for each in self._parts.values():
            each.after_scores(scores, moment)

    def state_dict(self) -> dict[str, object]:
        """Of each part optimizer and schedule, and its last loss; loss scale and step count."""
        return {
            "parts": {name: each.state_dict() for name, each in self._parts.items()},
            "last_losses": dict(self._last),
            "scaler": None if self._scaler is None else self._scaler.state_dict(),
            "n_steps": self._n_steps,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        parts, last = read(state_dict, "parts"), read(state_dict, "last_losses")
        if parts.keys() != self._parts.keys():
            raise CheckpointError(
                f"checkpoint: its step has the parts {[*parts]}, this one {[*self._parts]}; build "
                "the step as it was built then"
            )
        for name, each in self._parts.items():
            noting_part(name, each.load_state_dict, read(parts, name))
        self._scaler = load_scaler(self.device, self._scaler, state_dict)
        self._last = {n: v.to(self.device) for n, v in last.items() if isinstance(v, Tensor)}
        self._n_steps = read_int(state_dict, "n_steps")
        self._losses = {name: FiniteWatch() for name in self._parts}
        self._begins = True


def _rate_name(part: str, group: str) -> str:
    return part if group == "lr" else f"{part}/{group}"
