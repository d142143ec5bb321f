"""What to hand over instead of a part that is right somewhere else, or nearly right."""

from collections.abc import Iterator, Sequence
from typing import Final

from torch import nn

from artifact_torch.checking.places import Place, is_composed, raw_model
from artifact_torch.contracts import (
    BatchCallback,
    BatchSource,
    EarlyStopper,
    EpochState,
    LoaderCallback,
    LoaderRoutine,
    Model,
    ModelTracker,
    TrainingStep,
)
from artifact_torch.data.source import remedy
from artifact_torch.errors import Violation
from artifact_torch.internal.arguments import shown
from artifact_torch.routines.binding import announced_problems


def misplaced(name: str, part: object) -> Violation | None:
    """For a part whose missing members would say nothing to a user; None for any other."""
    message = None
    if name == "routines" and not is_composed(part):
        message = "\n".join(announced_problems(part))
    if not message and (expected := _expected(name, part)):
        message = f"got {shown(part)}, expected {expected}"
    if not message:
        return None
    return Violation(member=f"{name}=", code="value-type", message=message)


def _expected(name: str, part: object) -> str | None:
    expected = None
    match name:
        case "step" if isinstance(part, nn.Module) and not isinstance(part, TrainingStep):
            expected = "a step that trains it: OptimizerStep(model, optimizer=...)"
        case "train_loader" if not _is_source(part) and (fix := remedy(part)):
            expected = f"a source of batches; {fix}"
        case "stop" if isinstance(part, int):
            expected = f"a stopper: stop=[EpochBoundStopper(max_n_epochs={part})]"
        case "stop" | "best" | "checkpointer" if isinstance(part, str):
            expected = _BY_TEXT[name].format(part)
        case "callbacks" | "routines" if _is_of_pass(part):
            expected = "it in a routine, which gives it the batches of a pass: " + _OVER_LOADER
        case "routines" if _is_source(part):
            expected = f"a routine over it: {_OVER_LOADER}"
        case "routines" if _is_of_model(part):
            expected = "an artifact routine with its model: bind(routine, model)"
        case _:
            pass
    return expected


_OVER_LOADER: Final = "routines=[DataLoaderRoutine(loader, scores=[...])]"
_BY_TEXT: Final = {
    "stop": "a stopper: stop=[PatienceStopper({!r}, patience=...)]",
    "best": "a tracker: best=BestScoreTracker({!r})",
    "checkpointer": "a checkpointer: FolderCheckpointer({!r}, every=...)",
}


def _is_source(part: object) -> bool:
    return isinstance(part, BatchSource)


def _is_of_pass(part: object) -> bool:
    own = isinstance(part, BatchCallback | LoaderRoutine | type)
    return isinstance(part, LoaderCallback) and not own


def _is_of_model(part: object) -> bool:
    """By its class: a property of a composed routine may fail on parts that are wrong."""
    form = type(part)
    return hasattr(form, "validate") and hasattr(form, "due") and not hasattr(form, "run")


def about_forward(step: object) -> Iterator[str]:
    """What to do with the further parameters of a `forward` that is called with a batch alone."""
    from artifact_torch.checking.contract import check_contract

    if isinstance(step, TrainingStep) and not isinstance(step, type):
        model = raw_model(step.model)
        if any(each.code == "parameter-extra" for each in check_contract(model, Model)):
            yield (
                f"model: forward of {type(model).__name__} is called with one batch and nothing "
                "else; make what else it needs keys of the typed dict that it takes"
            )


def unpaired(places: Sequence[Place]) -> Iterator[str]:
    """How to pair a stopper or tracker that takes something else than the state of an epoch."""
    from artifact_torch.checking.contract import check_contract
    from artifact_torch.checking.violation import errors

    contracts = {
        "stop": (EarlyStopper, EarlyStopper[EpochState], "stop_when({}, on=...)"),
        "best": (ModelTracker, ModelTracker[EpochState], "track_best({}, by=...)"),
    }
    for name, part, _ in places:
        if name not in contracts or isinstance(part, type):
            continue
        bare, of_state, pair = contracts[name]
        if errors(check_contract(part, of_state)) and not errors(check_contract(part, bare)):
            kind = type(part).__name__
            yield (
                f"{name}: {kind} takes something else than the epoch's state, expected it paired "
                f"with what it takes: {pair.format(f'{kind}(...)')}, for example score('loss')"
            )
