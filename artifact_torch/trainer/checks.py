"""What a trainer checks about its parts before the first batch, all problems in one error."""

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import torch.distributed
from torch import nn

from artifact_torch.checking.places import (
    Place,
    check_contracts,
    check_groups,
    given,
    optional_places,
)
from artifact_torch.contracts import (
    BatchCallback,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    EpochState,
    InT,
    LoaderRoutine,
    ModelTracker,
    OutT,
    ResultKind,
    ResultName,
    TrackingClient,
    TrainingStep,
)
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.arguments import boolean, integer, listed, refuse
from artifact_torch.routines import BoundRoutine
from artifact_torch.stopping.scores import monitored_names


def check_options(lists: Mapping[str, object], seed: object, flags: Mapping[str, object]) -> None:
    """What has no contract. Raises one `ConfigurationError` listing all."""
    problems = [
        *(problem for name, value in lists.items() for problem in listed(name, value)),
        *integer("validation_seed", seed, least=0),
        *(problem for name, value in flags.items() for problem in boolean(name, value)),
    ]
    if not lists["stop"]:
        problems.append(
            "stop must name at least one stopper, got none; without one training never ends: "
            "stop=[EpochBoundStopper(max_n_epochs=100)]"
        )
    refuse([f"Trainer: {problem}" for problem in problems])


def check_parts(
    step: TrainingStep[InT, OutT],
    *,
    train_loader: BatchSource[InT],
    stop: Sequence[EarlyStopper[EpochState]],
    best: ModelTracker[EpochState] | None,
    checkpointer: Checkpointer | None,
    callbacks: Collection[BatchCallback[InT, OutT]],
    routines: Collection[LoaderRoutine[InT, OutT] | BoundRoutine],
    tracking_clients: Sequence[TrackingClient],
) -> None:
    """Every part against its contract, and the parts against each other: what the loader gives,
    the step takes and a callback reads. Raises one `ContractError` listing all.
    """
    the_step: Place = ("step", step, TrainingStep[InT, OutT])
    deciding = [("stop", each, EarlyStopper[EpochState]) for each in stop]
    check_groups(
        [
            the_step,
            ("train_loader", train_loader, BatchSource[InT]),
            *deciding,
            *given(
                ("best", best, ModelTracker[EpochState]),
                ("checkpointer", checkpointer, Checkpointer),
            ),
            *(("callbacks", each, BatchCallback[InT, OutT]) for each in callbacks),
            *(("tracking_clients", each, TrackingClient) for each in tracking_clients),
            *(place for _, each, _ in deciding for place in optional_places("stop", each)),
            *(place for each in callbacks for place in optional_places("callbacks", each)),
            *optional_places("best", best),
        ],
        *(  # each has batches of its own; a bound one was checked with its model
            [the_step, ("routines", routine, LoaderRoutine[InT, OutT])]
            for routine in routines
            if not isinstance(routine, BoundRoutine)
        ),
    )


def check_agreements(
    module: nn.Module,
    train_loader: BatchSource[object],
    routines: Sequence[BoundRoutine],
    deciding: Iterable[object],
) -> None:
    """What no part can see alone. Raises `DataError` or one `ConfigurationError` listing all."""
    if len(train_loader) == 0:
        raise DataError(
            "train_loader: has 0 batches, expected at least 1; give it rows, or a smaller "
            "batch_size if drop_last leaves nothing"
        )
    names = [name for routine in routines for name in routine.result_names]
    problems = _repeated(names) + _nobody_produces(names, deciding)
    problems += [
        f"routines: {routine.name} is bound to another model than the step's; bind it to the same "
        "object: bind(routine, model)"
        for routine in routines
        if routine.model is not None and routine.model is not module
    ]
    refuse(problems)


def check_stop(stop: Sequence[EarlyStopper[EpochState]], names: Sequence[ResultName]) -> None:
    """Stoppers that take over from the trainer's own. Raises as the trainer does."""
    refuse([f"train: {problem}" for problem in listed("stop", stop)])
    check_contracts(
        *(("stop", each, EarlyStopper[EpochState]) for each in stop),
        *(place for each in stop for place in optional_places("stop", each)),
    )
    refuse(_nobody_produces(names, stop))


def check_alone(module: nn.Module) -> None:
    """Several processes are not supported yet: each would write the same checkpoint, and scores
    would be those of its own rows. Raises `ConfigurationError`.
    """
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        size = distributed.get_world_size()
        if size > 1:
            raise ConfigurationError(
                f"Trainer: runs in a world of {size} processes, which is not supported yet: each "
                "would write the same checkpoint files, and scores would be of its own rows "
                "alone; train in one process, or do not initialize torch.distributed"
            )
    tensors = sys.modules.get("torch.distributed.tensor")  # a sharded parameter brought it
    sharded: object = getattr(tensors, "DTensor", None)
    if isinstance(sharded, type):
        for name, parameter in module.named_parameters():
            if isinstance(parameter, sharded):
                raise ConfigurationError(
                    f"Trainer: parameter {name} is sharded (DTensor), which is not supported yet: "
                    "a checkpoint would hold one process's part of it; hand over the model "
                    "before fully_shard"
                )


def _repeated(names: Sequence[ResultName]) -> list[str]:
    return [
        f'{kind.value} "{name}": is produced {count} times, expected once; '
        "give each callback, plan and routine names of their own"
        for (kind, name), count in Counter(names).items()
        if count > 1
    ]


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
