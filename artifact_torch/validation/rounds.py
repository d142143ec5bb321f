"""One round of all that is due, without a trace in the training."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeAlias, final

import torch

from artifact_torch.contracts import (
    AnyStep,
    Cadence,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
    StepCallback,
)
from artifact_torch.errors import blamed_for, note_part
from artifact_torch.internal.draws import KeptDraws
from artifact_torch.internal.failing import Failing
from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.internal.time_limit import reported_after
from artifact_torch.routines.binding import BoundRoutine, averaging
from artifact_torch.routines.results import Computed, checked

Within: TypeAlias = Callable[[], AbstractContextManager[None]]


@final
@dataclass(frozen=True)
class Due:
    """What is due of one routine at a moment."""

    position: int
    """Of the routine among all."""
    routine: BoundRoutine
    names: Sequence[ResultName]
    seed: int
    """Of its random numbers there."""


Send: TypeAlias = Callable[[Sequence[Due], Moment], Sequence[Due]]
"""Has of it what it can computed elsewhere; what it returns is left to be computed here."""


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
        send: Send | None = None,
    ) -> Computed:
        """What is due at `moment` and not `computed` yet: a result or a failure for each name. Put
        `into` that list part by part, so that it is there too where a later part raises. `within` is
        entered around what the parts themselves do. What `send` takes of the routines is computed
        elsewhere, by the weights as they are.

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
            Due(position, routine, names, derived_seed(self.seed, moment.step, position))
            for position, routine in enumerate(self.routines)
            if (names := [name for name in self._due(routine, moment) if name not in done])
        ]
        if due:
            with averaging(self.step), evaluating(self.step.model):
                for each in due if send is None else send(due, moment):
                    results += self._of_routine(
                        each.routine, each.names, moment, each.position, within
                    )
        return results

    def again(
        self, names: Collection[ResultName], moment: Moment, within: Within = nullcontext
    ) -> Computed:
        """`names` of a moment that was left before they were computed, by the same weights."""
        results: list[Result | Failure] = []
        with averaging(self.step), evaluating(self.step.model):
            for position, routine in enumerate(self.routines):
                own = [name for name in routine.result_names if name in names]
                if own and not self.failing.is_out(routine):
                    results += self._of_routine(routine, own, moment, position, within)
        return results

    def raised(
        self,
        routine: BoundRoutine,
        names: Sequence[ResultName],
        moment: Moment,
        error: Exception,
    ) -> tuple[list[Failure], list[ResultName]]:
        """What becomes of `names` where it raised `error` for them: those that are left out from here
        on, and those that another try may bring. Raises `error` where that ends the run.
        """
        gone = [name for name in names if name == blamed_for(error)] or [*names]
        of = routine.result_names if len(gone) == len(names) else gone
        _note(error, f"{routine.name}.{routine.does}", moment)
        if moment.is_rehearsal or not self.failing.leaves_out_results(
            routine.name, routine.does, moment, error, of
        ):
            raise error
        return _failed(gone, error), [name for name in names if name not in gone]

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
        except Exception as error:  # noqa: BLE001  it is raised there, unless it is left out
            failures, left = self.raised(routine, names, moment, error)
            again = self._of_routine(routine, left, moment, position, within) if left else []
            return [*again, *failures]

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


def _failed(names: Collection[ResultName], error: Exception) -> list[Failure]:
    why = f"{type(error).__name__}: {error}".removesuffix(": ")
    return [Failure(kind, name, f"{why}; left out from here on") for kind, name in names]
