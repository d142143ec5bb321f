"""Trainers whose states are edited, with their digest bit for bit."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import cache, partial

import pytest
import torch
from torch import Tensor, optim
from torch.nn import Parameter
from torch.optim.lr_scheduler import ReduceLROnPlateau, SequentialLR, StepLR

from artifact_torch import (
    AlternatingStep,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Part,
    PatienceStopper,
    Throughput,
    Trainer,
    TrainLoss,
    averaged,
    by_score,
    ema,
    per_epoch,
    per_step,
)
from artifact_torch.checkpoints.trees import cloned
from artifact_torch.contracts import TrainingStep, Turn
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import (
    is_list,
    is_mapping,
    is_mutable_mapping,
    is_state_dict,
    is_tuple,
)
from tests.toys import Batches, Fit, Points, points, seeded_regression

ADAM = partial(optim.Adam, lr=0.01)


class Counts:
    """A callback of one's own, with a state of every kind of leaf."""

    def __init__(self) -> None:
        self.state: dict[str, object] = {
            "n_batches": 0,
            "best": None,
            "name": "counts",
            "is_on": True,
            "sums": torch.zeros(2),
            "seen": [],
        }

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.state = {**self.state, "n_batches": step, "best": 0.5, "seen": [*range(step)]}

    def state_dict(self) -> Mapping[str, object]:
        return self.state

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        assert isinstance(state_dict["n_batches"], int)  # an error of a user's, in the middle
        self.state = state_dict


def trainer(step: TrainingStep[Points, Fit], n_epochs: int = 3) -> Trainer[Points, Fit]:
    return Trainer(
        step,
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs), PatienceStopper("loss", patience=99)],
        best=BestScoreTracker("loss"),
        callbacks=[TrainLoss(), Throughput(), Counts()],
        routines=[DataLoaderRoutine(Batches(points(), 10), scores=[LossCallback("loss")])],
        progress=False,
    )


def plain(
    optimizer: Callable[[Iterable[Parameter]], optim.Optimizer] = ADAM,
) -> OptimizerStep[Points, Fit]:
    return OptimizerStep(
        seeded_regression(), optimizer=optimizer, schedule=lambda o: per_epoch(StepLR(o, 2))
    )


def in_float16() -> TrainingStep[Points, Fit]:
    """With a loss scale; averaged; a schedule made of schedules."""
    step = OptimizerStep(
        seeded_regression(),
        optimizer=partial(optim.SGD, lr=0.01, momentum=0.9),
        schedule=lambda o: per_step(SequentialLR(o, [StepLR(o, 2), StepLR(o, 3)], [4])),
        autocast=torch.float16,
    )
    return averaged(step, ema(0.9))


def in_turns() -> TrainingStep[Points, Fit]:
    model = seeded_regression()
    first, last = model.get_submodule("layers.0"), model.get_submodule("layers.3")

    def play(batch: Points, turn: Turn) -> Fit:
        for name in ("first", "last"):
            turn(name, lambda: model(batch)["loss"])
        output: Fit = model(batch)
        return Fit(loss=output["loss"].detach(), residual=output["residual"].detach())

    plateau = partial(ReduceLROnPlateau, patience=0)
    return AlternatingStep(
        model,
        play=play,
        parts={
            "first": Part(first, optimizer=ADAM, schedule=lambda o: by_score(plateau(o), "loss")),
            "last": Part(last, optimizer=partial(optim.AdamW, amsgrad=True), every=2),
        },
    )


STEPS: list[Callable[[], TrainingStep[Points, Fit]]] = [plain, in_float16, in_turns]


@cache
def saved(make: Callable[[], TrainingStep[Points, Fit]]) -> dict[str, object]:
    """The state of a trained trainer."""
    run = trainer(make())
    run.train()
    return copied(run.state_dict())


def saved_and_fresh(
    make: Callable[[], TrainingStep[Points, Fit]],
) -> tuple[dict[str, object], Trainer[Points, Fit]]:
    """And another that may take it."""
    return saved(make), trainer(make())


taking = cache(saved_and_fresh)


def copied(state: Mapping[str, object]) -> dict[str, object]:
    return as_state(cloned(dict(state)))


def as_state(value: object) -> dict[str, object]:
    assert is_state_dict(value)
    return value


# -- a digest of everything ----------------------------------------------------------------------


def digest(run: Trainer[Points, Fit]) -> str:
    """Of all its state, bit for bit."""
    return digest_of(run.state_dict())


def digest_of(state: Mapping[str, object]) -> str:
    total = hashlib.sha256()
    for path, value in leaves(state):
        total.update(repr(path).encode())
        if isinstance(value, Tensor):
            whole = value.detach().cpu().contiguous()
            total.update(repr((whole.dtype, whole.shape)).encode())
            total.update(whole.reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            total.update(repr(value).encode())
    return total.hexdigest()


Path = tuple[object, ...]


def leaves(tree: object, at: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf with the way to it; what is empty is one."""
    inside: list[tuple[object, object]] = []
    if is_mapping(tree):
        inside = [*tree.items()]
    elif is_list(tree) or is_tuple(tree):
        inside = [*enumerate(tree)]
    if not inside:
        yield at, tree
    for key, value in inside:
        yield from leaves(value, (*at, key))


GONE = object()


def edited(tree: object, at: Path, value: object) -> object:
    """A copy of the containers on the way, with another value there, or without it."""
    if not at:
        return value
    key, *rest = at
    if is_mutable_mapping(tree):
        made = copy(tree)
        if value is GONE and not rest:
            del made[key]
        else:
            made[key] = edited(tree.get(key), tuple(rest), value)
        return made
    assert is_list(tree) or is_tuple(tree)
    items = [
        edited(each, tuple(rest), value) if index == key else each
        for index, each in enumerate(tree)
        if not (index == key and value is GONE and not rest)
    ]
    return tuple(items) if is_tuple(tree) else items


def refused(run: Trainer[Points, Fit], state: dict[str, object]) -> str:
    """Why it is refused; nothing has changed."""
    before = digest(run)
    with pytest.raises(CheckpointError) as error:
        run.load_state_dict(state)
    assert digest(run) == before
    return str(error.value)


def by_way(state: dict[str, object], edits: dict[str, object]) -> dict[str, object]:
    """Names of parts and parameters have dots of their own."""
    tree: object = state
    for way, value in edits.items():
        at: list[object] = []
        node, rest = tree, way
        while rest:
            keys = [str(key) for key in node] if is_mapping(node) else [rest.partition(".")[0]]
            fitting = [key for key in keys if rest == key or rest.startswith(f"{key}.")]
            name = max(fitting, key=len) if fitting else rest
            rest = rest[len(name) + 1 :]
            key: object = int(name) if name.isdigit() else name
            at.append(key)
            if is_mapping(node):
                node = node.get(key)
            elif is_list(node) or is_tuple(node):
                node = node[int(name)]
        tree = edited(tree, tuple(at), value)
    return as_state(tree)
