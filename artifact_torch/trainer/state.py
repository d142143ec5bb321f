"""Everything that a run needs to continue: gathered, and given back."""

from collections.abc import Generator, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import final

from artifact_torch.checkpoints.fitting import VERSION, misfits
from artifact_torch.checkpoints.optimizers import (
    lent_tensors,
    optimizers_in,
    own_moments,
    replaced_tensors,
)
from artifact_torch.checkpoints.peers import Peers
from artifact_torch.checkpoints.placing import placed_step
from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.checkpoints.state import (
    Named,
    StatefulParts,
    load_part,
    read,
    read_copy,
    state_of,
)
from artifact_torch.checkpoints.steps import averages, owned_state
from artifact_torch.contracts import AnyStep, EarlyStopper, RunState
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed, by_all
from artifact_torch.internal.arguments import described
from artifact_torch.internal.modules import rehearsing
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.ranks import gathered
from artifact_torch.models.with_forward import model_name
from artifact_torch.stepping.alternating import AlternatingStep
from artifact_torch.stepping.averaged import AveragedStep
from artifact_torch.stepping.closure import ClosureStep
from artifact_torch.stepping.optimizer import OptimizerStep
from artifact_torch.stopping.scores import decided
from artifact_torch.trainer.history import Row
from artifact_torch.trainer.loop.late import Late
from artifact_torch.trainer.run import Run
from artifact_torch.trainer.weights import copied, load_copied


@dataclass(frozen=True, kw_only=True)
class _Backup:
    """A run at some moment, to go back to in this process."""

    weights: Mapping[str, object]
    step: dict[str, object]
    parts: dict[str, object]
    run: Mapping[str, object]
    log: list[Row]
    n_logged: int
    rng: Mapping[str, object]


@final
class WholeState:
    """Run, weights, step, random numbers, and every part that has a state; the stoppers among them,
    which are asked here, because they are saved as they were before they were asked.
    """

    def __init__(self, step: AnyStep, run: Run, parts: Sequence[Named], late: Late) -> None:
        self._step = step
        self._run = run
        self._beside = parts
        self._late = late
        self._stop: tuple[EarlyStopper[RunState], ...] = ()
        self._parts = StatefulParts(parts)
        self._before_stop: Mapping[str, object] = {}

    def stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        """These are asked from now on."""
        late = self._late
        self._stop = tuple(each for each in stop if not late.takes(each))
        of_late = [each for each in stop if late.takes(each)]
        late.stop_by(stop)
        self._run.stopped_by = None
        stops: list[Named] = [("stop", each) for each in self._stop]
        if late.staleness:
            stops += [("late", late), *(("late_stop", each) for each in of_late)]
        self._parts = StatefulParts([*stops, *self._beside])

    def should_stop(self) -> bool:
        """Every stopper is asked, so that all keep count; none counts where one could not answer."""
        run = self._run
        if run.stopped_by is None:
            self._before_stop = deepcopy(self._parts.state_dict(under="stop"))
            try:
                run.stopped_by = by_all(self._asked)
            except BaseException:
                self._parts.load_state_dict(self._before_stop, under="stop")
                raise
            run.stopped_by += self._late.stopped_by()
        if run.stopped_by:  # also where the end of the run was interrupted
            run.stop_reason = "; ".join(run.stopped_by)
        return bool(run.stopped_by)

    def _asked(self) -> list[str]:
        """Which of them say so."""
        return [
            described(each)
            for each in self._stop
            if decided(f"{type(each).__name__}.should_stop", each.should_stop, self._run.state)
        ]

    def of_validation(self) -> Mapping[str, object]:
        """A copy of what a validation may change: states of routines and callbacks."""
        parts = self._parts
        return deepcopy(
            {**parts.state_dict(under="routines"), **parts.state_dict(under="callbacks")}
        )

    def put_back(self, before: Mapping[str, object]) -> None:
        """What `of_validation` gave."""
        for under in ("routines", "callbacks"):
            own = {way: state for way, state in before.items() if way.startswith(under)}
            self._parts.load_state_dict(own, under=under)

    @contextmanager
    def unchanged(self) -> Generator[None]:
        """Whatever happens inside, routines and what they are made of are as before."""
        before = deepcopy(self._parts.state_dict(under="routines"))
        try:
            yield
        finally:
            if before:
                self._parts.load_state_dict(before, under="routines")

    @contextmanager
    def given_back(self) -> Generator[None]:
        """Training mode inside; whatever happens there, the whole run is as before."""
        before = self._backup(may_train=True)
        try:
            with rehearsing(self._step.model):
                yield
        finally:
            self._put_back(before)

    def state_dict(self) -> dict[str, object]:
        """All of it; the stoppers as before they were asked: a restored run asks again. Nothing is
        copied: `log` is the one that goes on growing.
        """
        asked: Mapping[str, object] = {} if self._run.stopped_by is None else self._before_stop
        return {
            "version": VERSION,
            "run": self._run.state_dict(),
            "model": self._step.model.state_dict(),
            "step": state_of(self._step),
            "parts": {**self._parts.state_dict(), **asked},
            "rng": rng_state(self._step.device),
            "log": self._run.log,
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises one `CheckpointError` with all that does not fit, before
        anything is changed; and leaves all as it was where a part raises later. Takes the memory
        of one copy of the weights beside the state and what the run itself needs; an average, and
        moments on an accelerator or of a step of one's own, are there twice for a moment.
        """
        optimizers, own = optimizers_in(self._step), self.state_dict()
        if is_state_dict(step := state_dict.get("step")):
            placed = placed_step(step, read(own, "step"), optimizers)
            state_dict = {**state_dict, "step": placed}
        problems = misfits(
            state_dict,
            own,
            model=self._step.model,
            optimizers=optimizers,
            n_batches=self._n_batches(),
        )
        if problems := list(dict.fromkeys(each for of in gathered(problems) for each in of)):
            raise agreed(CheckpointError("\n".join(problems)))
        lent = lent_tensors(state_dict.get("step"), optimizers) if _is_ours(self._step) else {}
        before = self._backup()
        try:
            Peers().agreed(lambda: self._load(state_dict, lent))
        except BaseException:
            self._put_back(before)
            raise
        del before  # the moments that were there go before the new ones are copied
        own_moments(optimizers, lent)

    def _load(self, state_dict: dict[str, object], lent: Mapping[int, object]) -> None:
        step, weights = self._step, read(state_dict, "model")
        try:
            load_copied(step.model, weights)
        except Exception as error:  # of a hook of the model's own
            raise CheckpointError(
                f"checkpoint: its weights do not fit {model_name(step.model)}; build the "
                f"model as it was built then. {error}"
            ) from error
        load_part(step, owned_state(read(state_dict, "step"), but=lent), "the step")
        self._run.load_state_dict(read(state_dict, "run"), state_dict.get("log"))
        if step.n_steps < self._run.state.n_steps:
            raise CheckpointError(
                f"step: {type(step).__name__}.n_steps is {step.n_steps} after load_state_dict, "
                f"expected at least the {self._run.state.n_steps} updates of the checkpoint; keep "
                "it in state_dict"
            )
        self._parts.load_state_dict(read(state_dict, "parts"))
        self._late.drop_others(self._run.state)
        set_rng_state(read(state_dict, "rng"), step.device)

    def _n_batches(self) -> int | None:
        """Of an epoch, as far as the loader says."""
        loader = dict(self._beside).get("train_loader")
        return len(loader) if isinstance(loader, Sized) else None

    def _backup(self, *, may_train: bool = False) -> _Backup:
        """What `_put_back` takes. Moments and averages are copied only where they may change in
        place: those that are there when a state is loaded are put aside, not written over.
        """
        state = state_of(self._step)
        kept = {} if may_train else replaced_tensors(optimizers_in(self._step))
        if isinstance(self._step, AveragedStep) and not may_train:
            kept |= averages(state)
        return _Backup(
            weights=copied(self._step.model),
            step=read_copy({"step": state}, "step", but=kept),
            parts=read_copy({"parts": self._parts.state_dict()}, "parts"),
            run=copy(vars(self._run)),
            log=self._run.log,
            n_logged=len(self._run.log),
            rng=rng_state(self._step.device),
        )

    def _put_back(self, before: _Backup) -> None:
        """All as it was, also where one of the parts raises again: the others are put back."""
        with ExitStack() as last_first:
            last_first.callback(set_rng_state, before.rng, self._step.device)
            last_first.callback(self._parts.put_back, before.parts)
            last_first.callback(before.log.__delitem__, slice(before.n_logged, None))
            last_first.callback(vars(self._run).update, before.run)
            last_first.callback(load_part, self._step, before.step, "the step")
            last_first.callback(load_copied, self._step.model, before.weights)


def _is_ours(step: object) -> bool:
    """A step of this package hands on what is saved of its optimizers; another may keep it."""
    while isinstance(step, AveragedStep):
        ((_, step, _),) = step.contract_places
    return isinstance(step, OptimizerStep | AlternatingStep | ClosureStep)
