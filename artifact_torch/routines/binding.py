"""A routine together with what it validates, the model itself or its evaluation; and one round of
all that are due, without a trace in the training.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol, TypeAlias, final, runtime_checkable

import torch
from torch import nn
from typing_extensions import TypeVar

from artifact_torch.checking.places import check_contracts, optional_places
from artifact_torch.contracts import (
    AnyStep,
    ArtifactRoutine,
    Averaged,
    Cadence,
    Clocked,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
    Stateful,
    StepCallback,
)
from artifact_torch.errors import ContractError, blamed_for, note_part
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.draws import KeptDraws
from artifact_torch.internal.failing import Failing
from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.internal.time_limit import reported_after
from artifact_torch.routines.results import Computed, checked, name_problems, names_due

ModelT = TypeVar("ModelT")

Compute: TypeAlias = Callable[[Collection[ResultName], Moment], object]
Within: TypeAlias = Callable[[], AbstractContextManager[None]]


@final
class BoundRoutine:
    """A routine that knows what it validates. Made by `bind`; the trainer makes those of loaders."""

    def __init__(
        self, routine: _Routine, compute: Compute, *, does: str, model: object = None
    ) -> None:
        self.name: str = type(routine).__name__
        refuse(announced_problems(routine))
        self.model: object = model
        self.result_names: Sequence[ResultName] = tuple(routine.result_names)
        self._routine = routine
        self._compute = compute
        self.does: str = does
        """The method that computes."""

    @property
    def held(self) -> Mapping[str, object]:
        """The routine, whose state is the run's."""
        return {"routine": self._routine}

    def due(self, moment: Moment, /) -> list[ResultName]:
        """What is to be computed. Raises `ValidationError` for an answer that is no such list."""
        return names_due(self._routine.due(moment), f"{self.name}.due", self.result_names)

    @property
    def cadences(self) -> Sequence[Every]:
        """When it is due within epochs."""
        return self._routine.cadences if isinstance(self._routine, Clocked) else ()

    def compute(self, names: Collection[ResultName], moment: Moment, /) -> Computed:
        """`names`, checked."""
        source = f"{moment}: {self.name}.{self.does}"
        return checked(self._compute(names, moment), source, self.result_names, names)

    def rehearse(self, moment: Moment, /) -> None:
        """All of it, for the errors alone."""
        returned = self._compute(self.result_names, moment)
        checked(returned, f"rehearsal: {self.name}.{self.does}", self.result_names, ())


@runtime_checkable
class _Announces(Protocol):
    """What says which results it can produce."""

    @property
    def result_names(self) -> Sequence[ResultName]: ...


def announced_problems(routine: object) -> list[str]:
    """What is wrong with the names that a routine announces, in words; with none, its contract
    says so.
    """
    if not isinstance(routine, _Announces) or isinstance(routine, type):
        return []
    return name_problems(routine.result_names, f"{type(routine).__name__}.result_names")


class _Routine(_Announces, Protocol):
    """What every routine has."""

    def due(self, moment: Moment, /) -> Collection[ResultName]: ...


@runtime_checkable
class _AsksOfModel(Protocol):
    """A routine that says by itself what a model needs, where its annotations cannot."""

    def contract_of(self, model: object, /) -> object: ...


def _is_model_alone(part: object) -> bool:
    return isinstance(part, nn.Module) and not isinstance(part, ArtifactRoutine)


def bind(routine: ArtifactRoutine[ModelT], model: ModelT) -> BoundRoutine:
    """Pair an artifact routine with the model it validates; a pair that does not fit is refused."""
    from artifact_torch.checking.annotations.forms import is_protocol, subscripted
    from artifact_torch.checking.contract import solve_contract

    if _is_model_alone(routine):
        raise ContractError(
            f"routine: got {shown(routine)}, which is a model; the routine comes first: "
            "bind(routine, model)"
        )
    refuse(announced_problems(routine))
    state = [place for place in optional_places("routine", routine) if place[2] is Stateful]
    check_contracts(("routine", routine, ArtifactRoutine), *state)
    if isinstance(routine, _AsksOfModel):
        check_contracts(("model", model, routine.contract_of(model)))
    else:
        check_contracts(("routine", routine, subscripted(ArtifactRoutine, type(model))))
        asked = solve_contract(routine, ArtifactRoutine).get("Model")
        if is_protocol(asked):  # an attribute is there or not on the object alone
            check_contracts(("model", model, asked))
    return BoundRoutine(
        routine,
        lambda names, moment: routine.validate(model, names, moment),
        does="validate",
        model=model,
    )


@final
@dataclass(frozen=True)
class Validation:
    """Runs what is due at a moment, each part with its own random numbers.

    They depend on (seed, step, part) alone, so a routine gives the same results whichever others
    are due, and the training the same bits whether anything is. Routines run in evaluation mode,
    without gradient, and with the averaged weights of a step that has some.
    """

    step: AnyStep
    _: KW_ONLY
    callbacks: Sequence[StepCallback]
    routines: Sequence[BoundRoutine]
    seed: int
    failing: Failing = field(default_factory=Failing)
    """What becomes of a part that raises; not before the first step, where it always ends the run."""
    time_limit: Cadence | None = None
    """Of each part, after which it is reported while it still runs."""

    @property
    def result_names(self) -> list[ResultName]:
        """All that any part can produce."""
        of_callbacks = [name for callback in self.callbacks for name in callback.result_names]
        return [*of_callbacks, *(name for each in self.routines for name in each.result_names)]

    @property
    def cadences(self) -> list[Every]:
        """When anything is due within epochs."""
        of_routines = [each for routine in self.routines for each in routine.cadences]
        return [*(callback.every for callback in self.callbacks), *of_routines]

    def run(
        self,
        moment: Moment,
        *,
        computed: Collection[ResultName] = (),
        into: list[Result | Failure] | None = None,
        within: Within = nullcontext,
    ) -> Computed:
        """What is due at `moment` and not `computed` yet: a result or a failure for each name. Put
        `into` that list part by part, so that it is there too where a later part raises. `within` is
        entered around what the parts themselves do.

        Raises `ValidationError` for results that are not what their part announced.
        """
        results: list[Result | Failure] = [] if into is None else into
        done = {*computed, *self.failing.names}
        for position, callback in enumerate(self.callbacks, start=len(self.routines)):
            names = callback.result_names
            left = [name for name in names if name not in done]
            is_left = bool(left) or (not names and not moment.ends_run)
            is_due = is_left and not self.failing.is_out(callback)
            if is_due and (moment.ends_run or moment.reaches(callback.every)):
                results += self._of_callback(callback, left, moment, position, within)
        due = [
            (position, routine, names)
            for position, routine in enumerate(self.routines)
            if (names := [name for name in self._due(routine, moment) if name not in done])
        ]
        if due:
            with averaging(self.step), evaluating(self.step.model):
                for position, routine, names in due:
                    results += self._of_routine(routine, names, moment, position, within)
        return results

    def _of_callback(
        self,
        callback: StepCallback,
        names: Sequence[ResultName],
        moment: Moment,
        position: int,
        within: Within,
    ) -> Computed:
        source = f"{moment}: {type(callback).__name__}.on_moment"
        try:
            with torch.no_grad(), self._isolated(moment, position), within():
                returned = callback.on_moment(self.step, moment)
            return checked(returned, source, callback.result_names, names, needs_all=False)
        except Exception as error:
            note_part(error, callback, "on_moment", moment)
            if moment.is_rehearsal or not self.failing.leaves_out(
                callback, "on_moment", moment, error, callback.result_names
            ):
                raise
            return _failed(names, error)

    def _due(self, routine: BoundRoutine, moment: Moment) -> Sequence[ResultName]:
        if self.failing.is_out(routine):
            return ()
        try:
            with KeptDraws(self.step.device):
                return routine.due(moment)
        except Exception as error:
            names = routine.result_names
            _note(error, f"{routine.name}.due", moment)
            if not self.failing.leaves_out(routine, "due", moment, error, names, name=routine.name):
                raise
            return ()

    def _of_routine(
        self,
        routine: BoundRoutine,
        names: Sequence[ResultName],
        moment: Moment,
        position: int,
        within: Within,
    ) -> list[Result | Failure]:
        """Where it raises for one of its callbacks, the others are computed again, without that."""
        try:
            with (
                reported_after(self.time_limit, routine.name, moment),
                self._isolated(moment, position),
                within(),
            ):
                return [*routine.compute(names, moment)]
        except Exception as error:
            gone = [name for name in names if name == blamed_for(error)] or names
            of = routine.result_names if gone is names else gone
            _note(error, f"{routine.name}.{routine.does}", moment)
            if moment.is_rehearsal or not self.failing.leaves_out_results(
                routine.name, routine.does, moment, error, of
            ):
                raise
            left = [name for name in names if name not in gone]
            again = self._of_routine(routine, left, moment, position, within) if left else []
            return [*again, *_failed(gone, error)]

    def rehearse(self) -> None:
        """Each routine once, over one batch where it can: one that raises does so before the first
        step. Nothing that it computes is kept.
        """
        moment = Moment(epoch=0, step=0, ends_epoch=False, is_rehearsal=True)
        with averaging(self.step), evaluating(self.step.model):
            for position, routine in enumerate(self.routines):
                with (
                    reported_after(self.time_limit, routine.name, "the rehearsal"),
                    self._isolated(moment, position),
                ):
                    try:
                        routine.rehearse(moment)
                    except Exception as error:
                        error.add_note(
                            f"in the look at {routine.name} before the first step, over one batch; "
                            "without it, sanity=False, it would be found after the first epoch"
                        )
                        raise

    def _isolated(self, moment: Moment, position: int) -> AbstractContextManager[None]:
        return isolated_rng(self.step.device, derived_seed(self.seed, moment.step, position))


def _note(error: Exception, method: str, moment: Moment) -> None:
    error.add_note(f"in {method}, at {moment}")


def _failed(names: Collection[ResultName], error: Exception) -> list[Result | Failure]:
    why = f"{type(error).__name__}: {error}".removesuffix(": ")
    return [Failure(kind, name, f"{why}; left out from here on") for kind, name in names]


def averaging(step: object) -> AbstractContextManager[object]:
    """The averaged weights inside, for a step that has some."""
    return step.averaged() if isinstance(step, Averaged) else nullcontext()
