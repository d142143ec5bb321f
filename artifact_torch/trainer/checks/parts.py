"""What a trainer checks about its parts before the first batch, all problems in one error."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from artifact_torch.checking.places import Place, given
from artifact_torch.contracts import (
    AnyStep,
    BatchCallback,
    BatchSource,
    Bounded,
    Checkpointer,
    Continued,
    Drained,
    EarlyStopper,
    InT,
    LoaderRoutine,
    ModelTracker,
    OnEnd,
    OnEpochEnd,
    OnException,
    OnStart,
    OutT,
    Periodic,
    ResultKind,
    ResultName,
    ResultsClient,
    RunHook,
    RunState,
    Skipping,
    StepBounded,
    StepCallback,
    TrackingClient,
    TrainingStep,
    Watching,
    Windowed,
)
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.routines import BoundRoutine
from artifact_torch.stopping.scores import monitored_names
from artifact_torch.trainer.checks.advice import check_advised, elsewhere
from artifact_torch.trainer.checks.options import stop_problems
from artifact_torch.validation.rounds import Validation


def check_parts(
    step: TrainingStep[InT, OutT],
    *,
    train_loader: BatchSource[InT],
    stop: Sequence[EarlyStopper[RunState]],
    best: ModelTracker[RunState] | None,
    checkpointer: Checkpointer | None,
    callbacks: Collection[BatchCallback[InT, OutT] | StepCallback],
    routines: Collection[LoaderRoutine[InT, OutT] | BoundRoutine],
    hooks: Sequence[RunHook],
    tracking_clients: Sequence[TrackingClient | ResultsClient],
) -> list[Place]:
    """Every part but the routines in its place. All were checked against their contracts, and
    against each other: what the loader gives, the step takes and a callback reads. Raises one
    `ContractError` listing all that is wrong.
    """
    the_step: Place = ("step", step, TrainingStep[InT, OutT])
    beside: list[Place] = [
        the_step,
        ("train_loader", train_loader, BatchSource[InT]),
        *(("stop", each, EarlyStopper[RunState]) for each in stop),
        *given(("best", best, ModelTracker[RunState])),
        *given(("checkpointer", checkpointer, Checkpointer)),
        *_of_what_it_has("step", step, _OF_STEPS),
        *_of_what_it_has("checkpointer", checkpointer, _OF_CHECKPOINTERS),
        *(place for each in callbacks for place in _of_callback(each)),
        *(place for each in hooks for place in _of_hook(each)),
        *(_of_client(each) for each in tracking_clients),
    ]
    check_advised(
        beside,
        *(  # each has batches of its own; a bound one was checked with its model
            [the_step, ("routines", routine, LoaderRoutine[InT, OutT])]
            for routine in routines
            if not isinstance(routine, BoundRoutine)
        ),
    )
    return beside


def _of_client(client: TrackingClient | ResultsClient) -> Place:
    """The contract of which it has a member."""
    if hasattr(client, "log_results"):
        return "tracking_clients", client, ResultsClient
    return "tracking_clients", client, TrackingClient


def _of_callback(callback: BatchCallback[InT, OutT] | StepCallback) -> Iterator[Place]:
    """The contracts of which it has a member; `BatchCallback` where it has none."""
    acts = hasattr(callback, "on_moment")
    if acts:
        yield "callbacks", callback, StepCallback
    if not acts or hasattr(callback, "on_batch"):
        yield "callbacks", callback, BatchCallback[InT, OutT]
    if hasattr(callback, "watching"):
        yield "callbacks", callback, Watching
    if hasattr(callback, "every") and not acts:
        yield "callbacks", callback, Periodic


_HOOKS: Final = {
    "on_start": OnStart,
    "on_epoch_end": OnEpochEnd,
    "on_exception": OnException,
    "on_end": OnEnd,
}


_OF_STEPS: Final = {"drop_window": Windowed, "n_skipped": Skipping}
_OF_CHECKPOINTERS: Final = {"begin": Continued, "drain": Drained}


def _of_what_it_has(place: str, part: object, forms: Mapping[str, object]) -> list[Place]:
    """The contract of each member that it has, spelled as there."""
    return [(place, part, form) for name, form in forms.items() if hasattr(part, name)]


def _of_hook(hook: object) -> list[Place]:
    """Each method that it has."""
    found = _of_what_it_has("hooks", hook, _HOOKS)
    if not found:
        home = elsewhere("hooks", hook)
        lacks = f"an object with one of the methods {', '.join(_HOOKS)}"
        raise ContractError(f"hooks= got {shown(hook)}, expected {home or lacks}")
    return found


def check_agreements(
    validation: Validation, train_loader: BatchSource[object], deciding: Iterable[object]
) -> None:
    """What no part can see alone. Raises `DataError` or one `ConfigurationError` listing all."""
    if len(train_loader) == 0:
        raise DataError(
            "train_loader: has 0 batches, expected at least 1; give it rows, or a smaller "
            "batch_size if drop_last leaves nothing"
        )
    names = validation.result_names
    problems = [
        f'{kind.value} "{name}": is produced {count} times, expected once; '
        "give each callback, plan and routine names of their own"
        for (kind, name), count in Counter(names).items()
        if count > 1
    ]
    problems += [
        f"routines: {routine.name} is bound to another model than the step's; bind it to the same "
        "object: bind(routine, model)"
        for routine in validation.routines
        if routine.does == "validate" and routine.of is not validation.step.model
    ]
    refuse(problems + _nobody_produces(names, deciding))


def check_stop(stop: Sequence[EarlyStopper[RunState]], names: Sequence[ResultName]) -> None:
    """Stoppers that take over from the trainer's own. Raises as the trainer does."""
    refuse([f"train: {problem}" for problem in stop_problems("stop", stop)])
    places: list[Place] = [("stop", each, EarlyStopper[RunState]) for each in stop]
    check_advised(places)
    refuse(_nobody_produces(names, stop))


def require_counting(step: AnyStep, n_steps: int, epoch: int) -> None:
    """Raise `ConfigurationError` if `step` counts no update in an epoch that began at `n_steps`."""
    if step.n_steps == n_steps:
        raise ConfigurationError(
            f"step: {type(step).__name__}.n_steps is still {n_steps} after epoch {epoch}, "
            "expected the number of updates; count each in update()"
        )


def bounds(stop: Sequence[object]) -> tuple[int | None, int | None]:
    """The epochs and the steps after which training ends at the latest, as far as stoppers say."""
    epochs = [each.max_n_epochs for each in stop if isinstance(each, Bounded)]
    steps = [each.max_n_steps for each in stop if isinstance(each, StepBounded)]
    first_epoch = min((n for n in epochs if n is not None), default=None)
    return first_epoch, min((n for n in steps if n is not None), default=None)


def _nobody_produces(names: Sequence[ResultName], deciding: Iterable[object]) -> list[str]:
    produced = sorted(name for kind, name in names if kind is ResultKind.SCORE)
    collections = sorted(name for kind, name in names if kind is ResultKind.SCORE_COLLECTION)
    more = f", its score collections {collections} (their keys cannot be monitored)"
    return [
        f'score "{wanted}": is monitored, but no routine produces it; the scores of this trainer '
        f"are {produced}{more if collections else ''}; monitor one of them or add a routine that "
        "produces it"
        for wanted in dict.fromkeys(monitored_names(*deciding))
        if wanted not in produced
    ]
