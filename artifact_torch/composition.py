"""What a trainer checks about its parts before the first batch, all problems in one error."""

from collections import Counter
from collections.abc import Sequence

from torch import nn

from artifact_torch.contracts import AnyModel, BatchSource, ResultKind, ResultName
from artifact_torch.errors import DataError
from artifact_torch.parts import Composed
from artifact_torch.routines import BoundRoutine
from artifact_torch.scores import monitored_names, refuse


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
    trained = [part for _, part, _ in step.places] if isinstance(step, Composed) else []
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
