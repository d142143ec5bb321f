"""Everything that a run needs to continue: gathered, and given back."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from typing import final

from artifact_torch.checkpoints.rng import rng_state, set_rng_state
from artifact_torch.checkpoints.state import Named, StatefulParts, read, state_of
from artifact_torch.contracts import AnyStep, EarlyStopper, RunState
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import described
from artifact_torch.internal.modules import rehearsing
from artifact_torch.models.with_forward import model_name
from artifact_torch.stopping.scores import decided
from artifact_torch.trainer.run import Run


@final
class WholeState:
    """Run, weights, step, random numbers, and every part that has a state; the stoppers among them,
    which are asked here, because they are saved as they were before they were asked.
    """

    def __init__(self, step: AnyStep, run: Run, parts: Sequence[Named]) -> None:
        self._step = step
        self._run = run
        self._beside = parts
        self._stop: tuple[EarlyStopper[RunState], ...] = ()
        self._parts = StatefulParts(parts)
        self._before_stop: Mapping[str, object] = {}

    def stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        """These are asked from now on."""
        self._stop, self._run.stopped_by = tuple(stop), None
        self._parts = StatefulParts([*(("stop", each) for each in stop), *self._beside])

    def should_stop(self) -> bool:
        """Every stopper is asked, so that all keep count; none counts where one could not answer."""
        run = self._run
        if run.stopped_by is None:
            self._before_stop = deepcopy(self._parts.state_dict(under="stop"))
            try:
                run.stopped_by = [
                    described(each)
                    for each in self._stop
                    if decided(f"{type(each).__name__}.should_stop", each.should_stop, run.state)
                ]
            except BaseException:
                self._parts.load_state_dict(self._before_stop, under="stop")
                raise
        if run.stopped_by:  # also where the end of the run was interrupted
            run.stop_reason = "; ".join(run.stopped_by)
        return bool(run.stopped_by)

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
        before, run = deepcopy(self.state_dict()), copy(vars(self._run))
        try:
            with rehearsing(self._step.model):
                yield
        finally:
            self._load(before)
            vars(self._run).update(run)  # with what is in no state: plots, failures

    def state_dict(self) -> dict[str, object]:
        """All of it; the stoppers as before they were asked: a restored run asks again."""
        asked: Mapping[str, object] = {} if self._run.stopped_by is None else self._before_stop
        return {
            "run": self._run.state_dict(),
            "model": self._step.model.state_dict(),
            "step": state_of(self._step),
            "parts": {**self._parts.state_dict(), **asked},
            "rng": rng_state(self._step.device),
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`. Raises `CheckpointError` if it does not fit, and leaves all
        as it was.
        """
        before, run = deepcopy(self.state_dict()), copy(vars(self._run))
        try:
            self._load(state_dict)
        except Exception:
            try:
                self._load(before)
            finally:  # a part that takes no state at all raises again
                vars(self._run).update(run, stopped_by=None)  # what is in no state: plots, failures
            raise

    def _load(self, state_dict: dict[str, object]) -> None:
        step, weights = self._step, read(state_dict, "model")
        try:
            step.model.load_state_dict(weights)
        except RuntimeError as error:
            raise CheckpointError(
                f"checkpoint: its weights do not fit {model_name(step.model)}; build the "
                f"model as it was built then. {error}"
            ) from error
        step.load_state_dict(deepcopy(read(state_dict, "step")))  # torch keeps the tensors
        self._run.load_state_dict(read(state_dict, "run"))
        if step.n_steps < self._run.state.n_steps:
            raise CheckpointError(
                f"step: {type(step).__name__}.n_steps is {step.n_steps} after load_state_dict, "
                f"expected at least the {self._run.state.n_steps} updates of the checkpoint; keep "
                "it in state_dict"
            )
        self._parts.load_state_dict(read(state_dict, "parts"))
        set_rng_state(read(state_dict, "rng"), step.device)
