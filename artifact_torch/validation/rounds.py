"""One round of all that is due, without a trace in the training."""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeAlias, TypeVar, final

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
from artifact_torch.internal.agreement import by_all, by_first, is_agreed
from artifact_torch.internal.draws import KeptDraws, is_ours
from artifact_torch.internal.failing import Failing
from artifact_torch.internal.merging import as_merged
from artifact_torch.internal.modules import evaluating, resharded
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.internal.ranks import gathered, ranks, told
from artifact_torch.internal.time_limit import reported_after
from artifact_torch.routines.binding import BoundRoutine, averaging
from artifact_torch.routines.results import Computed, checked, without_plots
from artifact_torch.validation.whole_model import WholeModel, is_divided

T = TypeVar("T")
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
    whole: WholeModel = field(default_factory=WholeModel)
    """Of a model that is divided among processes."""
    _draws: KeptDraws = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_draws", KeptDraws(self.step.device))

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
        for position, left in by_first(lambda: self._callbacks_due(moment, done)).items():
            callback, after = self.callbacks[position], len(self.routines)
            results += self._of_callback(callback, left, moment, after + position, within)
        names_due = by_first(lambda: self._routines_due(moment, done))
        due = [
            Due(at, self.routines[at], names, derived_seed(self.seed, moment.step, at))
            for at, names in names_due.items()
        ]
        if due:
            with self._evaluating():
                for each in due if send is None else send(due, moment):
                    results += self._of_routine(
                        each.routine, each.names, moment, each.position, within
                    )
        return results

    def _callbacks_due(
        self, moment: Moment, done: Collection[ResultName]
    ) -> dict[int, list[ResultName]]:
        """By position, what is left of each; a callback that only acts has no names."""
        due: dict[int, list[ResultName]] = {}
        for position, callback in enumerate(self.callbacks):
            names = callback.result_names
            left = [name for name in names if name not in done]
            is_left = bool(left) or (not names and not moment.ends_run)
            is_due = is_left and not self.failing.is_out(callback)
            if is_due and (moment.ends_run or moment.reaches(callback.every)):
                due[position] = left
        return due

    def _routines_due(
        self, moment: Moment, done: Collection[ResultName]
    ) -> dict[int, list[ResultName]]:
        """By position, what is left of each."""
        return {
            position: names
            for position, routine in enumerate(self.routines)
            if (names := [name for name in self._due(routine, moment) if name not in done])
        }

    @contextmanager
    def _evaluating(self) -> Generator[None]:
        """Averaged weights, evaluation mode, no gradient."""
        model = self.step.model
        with averaging(self.step), evaluating(model):
            try:
                yield
            finally:
                resharded(model)

    def again(
        self, names: Collection[ResultName], moment: Moment, within: Within = nullcontext
    ) -> Computed:
        """`names` of a moment that was left before they were computed, by the same weights."""
        results: list[Result | Failure] = []
        with self._evaluating():
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
        if self._ends_run(moment, error) or not self.failing.leaves_out_results(
            routine.name, routine.does, moment, error, of
        ):
            raise error
        return _failed(gone, error), [name for name in names if name not in gone]

    def _ends_run(self, moment: Moment, error: Exception) -> bool:
        """Whatever the policy is: in a rehearsal, and where other processes do not raise here."""
        return moment.is_rehearsal or not (ranks().is_alone or is_agreed(error))

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
            own = nullcontext() if is_ours(callback) else self._isolated(moment, position)
            with torch.no_grad(), own, within():
                _merge(callback)
                return by_all(
                    lambda: checked(
                        callback.on_moment(self.step, moment),
                        source,
                        callback.result_names,
                        names,
                        needs_all=False,
                    ),
                    tell=without_plots,
                )
        except Exception as error:
            note_part(error, callback, "on_moment", moment)
            if self._ends_run(moment, error) or not self.failing.leaves_out(
                callback, "on_moment", moment, error, callback.result_names
            ):
                raise
            return _failed(names, error)

    def _due(self, routine: BoundRoutine, moment: Moment) -> Sequence[ResultName]:
        if self.failing.is_out(routine):
            return ()
        try:
            with nullcontext() if is_ours(routine.routine) else self._draws:
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
                return [
                    *self._by_whom(
                        routine, lambda each: each.compute(names, moment), tell=without_plots
                    )
                ]
        except Exception as error:  # noqa: BLE001  it is raised there, unless it is left out
            failures, left = self.raised(routine, names, moment, error)
            again = self._of_routine(routine, left, moment, position, within) if left else []
            return [*again, *failures]

    def rehearse(self) -> None:
        """Each routine once, over one batch where it can: one that raises does so before the first
        step. Nothing that it computes is kept.
        """
        moment = Moment(epoch=0, step=0, ends_epoch=False, is_rehearsal=True)
        with self._evaluating():
            for position, routine in enumerate(self.routines):
                with (
                    reported_after(self.time_limit, routine.name, "the rehearsal"),
                    self._isolated(moment, position),
                ):
                    try:
                        self._by_whom(routine, lambda each: each.rehearse(moment))
                    except Exception as error:
                        error.add_note(
                            f"in the look at {routine.name} before the first step, over one batch; "
                            "without it, sanity=False, it would be found after the first epoch"
                        )
                        raise

    def _by_whom(
        self,
        routine: BoundRoutine,
        call: Callable[[BoundRoutine], T],
        *,
        tell: Callable[[T], T] | None = None,
    ) -> T:
        """A pass over a loader by all processes, each over its rows; artifacts by the first alone, with
        a model that is whole.
        """
        if routine.does == "validate":
            is_of_model = routine.of is self.step.model
            if not ranks().is_alone and is_of_model and is_divided(self.step.model):
                twin = self.whole.of(self.step.model)
                routine = routine if twin is None else routine.on(twin)
            return by_first(lambda: call(routine), tell=tell)
        value = call(routine)
        return value if tell is None or ranks().is_alone else _of_first(value, tell)

    def _isolated(self, moment: Moment, position: int) -> AbstractContextManager[None]:
        return isolated_rng(self.step.device, derived_seed(self.seed, moment.step, position))


def _merge(callback: StepCallback) -> None:
    """It has seen the rows of all processes, where it can be told of them."""
    merged = None if ranks().is_alone else as_merged(callback)
    if merged is not None:
        merged.merge(gathered(merged.seen()))


def _of_first(value: T, tell: Callable[[T], T]) -> T:
    """The numbers of the first on all, bit for bit: they decide."""
    of_first = told(tell(value))
    return value if ranks().is_first else of_first


def _note(error: Exception, method: str, moment: Moment) -> None:
    error.add_note(f"in {method}, at {moment}")


def _failed(names: Collection[ResultName], error: Exception) -> list[Failure]:
    why = f"{type(error).__name__}: {error}".removesuffix(": ")
    return [Failure(kind, name, f"{why}; left out from here on") for kind, name in names]
