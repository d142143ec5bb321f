"""What a trainer checks about its parts before the first batch, all problems in one error."""

from collections import Counter
from collections.abc import Sequence

from torch import nn

from artifact_torch.checking.places import Composed, check_groups, given, optional_places
from artifact_torch.contracts import (
    AnyModel,
    BatchCallback,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    EpochState,
    InT,
    LoaderRoutine,
    Model,
    ModelTracker,
    OutT,
    ResultKind,
    ResultName,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.errors import DataError
from artifact_torch.internal.arguments import boolean, integer, listed, refuse
from artifact_torch.routines import BoundRoutine
from artifact_torch.stopping.scores import monitored_names


def check_options(
    *,
    loader_routines: object,
    artifact_routine: object,
    validation_seed: object,
    fixed_dimensions: object,
    debug: object,
    progress: object,
) -> None:
    """What has no contract. Raises one `ConfigurationError` listing all."""
    problems = [
        *integer("validation_seed", validation_seed, least=0),
        *boolean("debug", debug),
        *boolean("progress", progress),
        *listed("loader_routines", loader_routines),
        *listed("fixed_dimensions", fixed_dimensions),
    ]
    if artifact_routine is not None and not isinstance(artifact_routine, BoundRoutine):
        problems.append(
            "artifact_routine must be a routine with its model, bind(routine, model), got "
            f"{type(artifact_routine).__name__}"
        )
    refuse([f"Trainer: {problem}" for problem in problems])


def check_parts(
    *,
    model: Model[InT, OutT],
    train_loader: BatchSource[InT],
    step: TrainingStep[InT, OutT],
    stop: EarlyStopper[EpochState],
    best: ModelTracker[EpochState] | None,
    checkpointer: Checkpointer | None,
    batch_routine: BatchCallback[InT, OutT] | None,
    loader_routines: Sequence[LoaderRoutine[InT, OutT]],
    tracking_client: TrackingClient | None,
) -> None:
    """Every part against its contract, and the parts against each other: what the loader gives,
    the model takes and a callback reads. Raises one `ContractError` listing all.
    """
    the_model = ("model", model, Model[InT, OutT])
    check_groups(
        [
            the_model,
            ("train_loader", train_loader, BatchSource[InT]),
            ("step", step, TrainingStep[InT, OutT]),
            ("stop", stop, EarlyStopper[EpochState]),
            *given(
                ("best", best, ModelTracker[EpochState]),
                ("checkpointer", checkpointer, Checkpointer),
                ("batch_routine", batch_routine, BatchCallback[InT, OutT]),
                ("tracking_client", tracking_client, TrackingClient),
            ),
            *optional_places("stop", stop),
            *optional_places("best", best),
        ],
        *(  # each has batches of its own
            [the_model, ("loader_routines", routine, LoaderRoutine[InT, OutT])]
            for routine in loader_routines
        ),
    )


def check_agreements(
    *,
    model: AnyModel,
    train_loader: BatchSource[object],
    step: object,
    artifact_routine: BoundRoutine | None,
    names: Sequence[ResultName],
    deciding: Sequence[object],
) -> None:
    """What no part can see alone. Raises `DataError` or one `ConfigurationError` listing all."""
    if len(train_loader) == 0:
        raise DataError(
            "train_loader: has 0 batches, expected at least 1; give it rows, or a smaller "
            "batch_size if drop_last leaves nothing"
        )
    problems = _repeated(names) + _nobody_produces(names, deciding) + _trained_apart(model, step)
    if artifact_routine is not None and artifact_routine.model is not model:
        problems.append(
            "artifact_routine: is bound to another model than model=; bind it to the same object: "
            "bind(routine, model)"
        )
    refuse(problems)


def _trained_apart(model: AnyModel, step: object) -> list[str]:
    """A step that says which model it updates has to say this one, perhaps in a wrapper."""
    own = {id(parameter) for parameter in model.parameters()}
    trained = [part for _, part, _ in step.contract_places] if isinstance(step, Composed) else []
    return [
        f"step: updates another {type(part).__name__} than model=, they share no parameter; build "
        "it from the same object: step=OptimizerStep(model, ...)"
        for part in trained
        if isinstance(part, nn.Module) and own.isdisjoint(map(id, part.parameters()))
    ]


def check_monitored(names: Sequence[ResultName], deciding: Sequence[object]) -> None:
    """Every score that a deciding part looks at is produced. Raises `ConfigurationError`."""
    refuse(_nobody_produces(names, deciding))


def _repeated(names: Sequence[ResultName]) -> list[str]:
    return [
        f'{kind.value} "{name}": is produced {count} times, expected once; '
        "give each callback, plan and routine names of their own"
        for (kind, name), count in Counter(names).items()
        if count > 1
    ]


def _nobody_produces(names: Sequence[ResultName], deciding: Sequence[object]) -> list[str]:
    produced = sorted(name for kind, name in names if kind is ResultKind.SCORE)
    return [
        f'score "{wanted}": is monitored, but no routine produces it; the scores of this trainer '
        f"are {produced}; monitor one of them or add a routine that produces it"
        for wanted in dict.fromkeys(monitored_names(*deciding))
        if wanted not in produced
    ]
