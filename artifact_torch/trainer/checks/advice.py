"""Parts against their contracts, with what to hand over instead of one that is right somewhere else,
or nearly right.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Never

from torch import nn

from artifact_torch.checking.places import (
    Place,
    check_groups,
    is_composed,
    opened,
    optional_places,
    raw_model,
)
from artifact_torch.contracts import (
    BatchCallback,
    BatchSource,
    Checkpointer,
    EarlyStopper,
    LoaderCallback,
    LoaderRoutine,
    Model,
    ModelTracker,
    OnEnd,
    OnEpochEnd,
    OnException,
    OnStart,
    ResultKind,
    RunState,
    Stateful,
    StepCallback,
    TrainingStep,
)
from artifact_torch.contracts.kinds import Array, ArrayCollection, ScoreCollection
from artifact_torch.data.source import remedy
from artifact_torch.errors import ContractError, Violation
from artifact_torch.internal.arguments import shown
from artifact_torch.routines.binding import BoundRoutine, announced_problems

_NOT_SAVED_AS_PARTS = {"step", "checkpointer", "tracking_clients"}


def check_advised(*groups: Sequence[Place]) -> None:
    """As `check_groups`; where a part belongs elsewhere, what to hand over is said instead of the
    members that it lacks.
    """
    try:
        check_groups(*([*group, *_optional(group)] for group in groups))
    except ContractError:
        pass
    else:
        return
    advised = {id(part): _instead(name, part) for group in groups for name, part, _ in group}
    names = {id(part): name for group in groups for name, part, _ in group}
    found: list[Violation] = [
        Violation(member=f"{names[part]}=", code="value-type", message=text)
        for part, text in advised.items()
        if text
    ]
    problems = [f"{each.member} {each.message}" for each in found]
    kept = [[place for place in group if not advised[id(place[1])]] for group in groups]
    try:
        check_groups(*([*group, *_optional(group)] for group in kept))
    except ContractError as error:
        problems += [str(error), *_unpaired(groups[0]), *_about_forward(groups[0][0][1])]
        problems += _inside(kept)
        found += error.violations
    raise ContractError("\n".join(problems), found)


def _optional(places: Sequence[Place]) -> Iterator[Place]:
    """Half a `Stateful` would be taken for none; only stoppers and trackers are asked for more."""
    saved = [place for place in places if place[0] not in _NOT_SAVED_AS_PARTS]
    for name, part, _ in opened(saved):
        for place in optional_places(name, part):
            if place[2] is Stateful or name in {"stop", "best"}:
                yield place


def _inside(groups: Sequence[Sequence[Place]]) -> Iterator[str]:
    """Of what parts are made of, what belongs in a list of the trainer."""
    own = {id(part) for group in groups for _, part, _ in group}
    for name, part, _ in (place for group in groups for place in opened(group)):
        is_of_pass = id(part) not in own and name in _OF_PASSES
        if is_of_pass and not _is(part, LoaderCallback) and (home := elsewhere(name, part)):
            yield f"{name}= got {shown(part)}, expected {home}"
        elif is_of_pass and (kind := _kind_of(part)) not in {None, name}:
            yield f"{name}= got {shown(part)}, expected it in {kind}=[...]"


def _kind_of(part: object) -> str | None:
    """The list of a routine for what a callback computes; None where that is not one alone."""
    from artifact_torch.checking.contract import check_contract
    from artifact_torch.checking.violation import errors

    contracts: dict[ResultKind, object] = {  # plots need an extra, and are seldom mistaken
        ResultKind.SCORE: LoaderCallback[Never, Never, float],
        ResultKind.ARRAY: LoaderCallback[Never, Never, Array],
        ResultKind.SCORE_COLLECTION: LoaderCallback[Never, Never, ScoreCollection],
        ResultKind.ARRAY_COLLECTION: LoaderCallback[Never, Never, ArrayCollection],
    }
    fits = [kind for kind, form in contracts.items() if not errors(check_contract(part, form))]
    return f"{fits[0].value}s" if len(fits) == 1 else None


def elsewhere(name: str, part: object) -> str | None:
    """The list of the trainer in which a part would be right that is none for `name`."""
    own = _HOMES.get(name)
    if isinstance(part, type) or (own and any(_is(part, form) for form in own[1])):
        return None
    return next(
        (
            f"it in {written}"
            for written, forms in _HOMES.values()
            if any(_is(part, form) for form in forms)
        ),
        None,
    )


def _instead(name: str, part: object) -> str:
    """For a part whose missing members would say nothing to a user; empty for any other."""
    if name == "routines" and not is_composed(part) and (problems := announced_problems(part)):
        return "\n".join(problems)
    expected = _expected(name, part)
    return f"got {shown(part)}, expected {expected}" if expected else ""


def _expected(name: str, part: object) -> str | None:
    expected = None
    match name:
        case "step" if _is(part, nn.Module) and not _is(part, TrainingStep):
            expected = "a step that trains it: OptimizerStep(model, optimizer=...)"
        case "train_loader" | "loader" if not _is(part, BatchSource) and (fix := remedy(part)):
            expected = f"a source of batches; {fix}"
        case "stop" if isinstance(part, int):
            expected = f"a stopper: stop=[EpochBoundStopper(max_n_epochs={part})]"
        case "stop" | "best" | "checkpointer" if isinstance(part, str):
            expected = _BY_TEXT[name].format(part)
        case "callbacks" | "routines" if _is_of_pass(part):
            expected = "it in a routine, which gives it the batches of a pass: " + _OVER_LOADER
        case "routines" if _is(part, BatchSource):
            expected = f"a routine over it: {_OVER_LOADER}"
        case "routine" if _is_of_pass(part) or _is(part, BatchSource) or remedy(part):
            expected = "a routine over a loader: DataLoaderRoutine(loader, scores=[...])"
        case "routines" if _is_of_model(part):
            expected = "an artifact routine with its model: bind(routine, model)"
        case _ if name in _HOMES:
            expected = elsewhere(name, part)
        case _:
            pass
    return expected


_OVER_LOADER: Final = "routines=[DataLoaderRoutine(loader, scores=[...])]"
_HOMES: Final[Mapping[str, tuple[str, Sequence[type]]]] = {
    "callbacks": ("callbacks=[...] of the trainer", (BatchCallback, StepCallback)),
    "routines": ("routines=[...] of the trainer", (LoaderRoutine, BoundRoutine)),
    "hooks": ("hooks=[...] of the trainer", (OnStart, OnEpochEnd, OnException, OnEnd)),
    "stop": ("stop=[...]", (EarlyStopper,)),
    "best": ("best=", (ModelTracker,)),
    "checkpointer": ("checkpointer=", (Checkpointer,)),
}
_OF_PASSES: Final = {f"{kind.value}s" for kind in ResultKind}
_BY_TEXT: Final = {
    "stop": "a stopper: stop=[PatienceStopper({!r}, patience=...)]",
    "best": "a tracker: best=BestScoreTracker({!r})",
    "checkpointer": "a checkpointer: FolderCheckpointer({!r}, every=...)",
}


def _is(part: object, kind: type) -> bool:
    return isinstance(part, kind)


def _is_of_pass(part: object) -> bool:
    own = isinstance(part, BatchCallback | LoaderRoutine | type)
    return isinstance(part, LoaderCallback) and not own


def _is_of_model(part: object) -> bool:
    """By its class: a property of a composed routine may fail on parts that are wrong."""
    form = type(part)
    return hasattr(form, "validate") and hasattr(form, "due") and not hasattr(form, "run")


def _about_forward(step: object) -> Iterator[str]:
    """What to do with the further parameters of a `forward` that is called with a batch alone."""
    from artifact_torch.checking.contract import check_contract

    if isinstance(step, TrainingStep) and not isinstance(step, type):
        model = raw_model(step.model)
        if any(each.code == "parameter-extra" for each in check_contract(model, Model)):
            yield (
                f"model: forward of {type(model).__name__} is called with one batch and nothing "
                "else; make what else it needs keys of the typed dict that it takes"
            )


def _unpaired(places: Sequence[Place]) -> Iterator[str]:
    """How to pair a stopper or tracker that takes something else than the state of an epoch."""
    from artifact_torch.checking.contract import check_contract
    from artifact_torch.checking.violation import errors

    contracts = {
        "stop": (EarlyStopper, EarlyStopper[RunState], "stop_when({}, on=...)"),
        "best": (ModelTracker, ModelTracker[RunState], "track_best({}, by=...)"),
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
