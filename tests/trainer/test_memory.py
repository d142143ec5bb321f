"""What is kept in memory no longer than it is needed: outputs of steps, states that are loaded."""

import gc
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import final

import pytest
import torch
from torch import Tensor, optim

from artifact_torch import (
    BatchRoutine,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainLoss,
    averaged,
    ema,
    steps,
)
from artifact_torch.checkpoints.optimizers import optimizers_in
from artifact_torch.contracts import BatchCallback, TrainingStep
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_mapping
from tests.toys import Batches, Fit, Points, Regression, points, same_weights, seeded_regression

ADAM = partial(optim.Adam, lr=0.01)


@final
class Sees:
    """A batch callback of the user's own, at one update in two."""

    every = steps(2)

    def __init__(self) -> None:
        self.means: list[float] = []

    def on_batch(self, step: int, batch: Points, output: Fit, /) -> None:
        self.means.append(output["residual"].mean().item())


@final
class Traced(Regression):
    """Counts the outputs that are alive whenever a forward pass begins."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[weakref.ref[Tensor]] = []
        self.alive: list[int] = []

    def forward(self, points: Points) -> Fit:
        self.alive.append(sum(each() is not None for each in self.given))
        fit = super().forward(points)
        self.given += [weakref.ref(fit["residual"]), weakref.ref(fit["loss"])]
        return fit


@pytest.fixture
def counted() -> Iterator[None]:
    """Nothing may be freed by chance: reference counts alone."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seen() -> list[BatchCallback[Points, Fit]]:
    return [TrainLoss(every=steps(3)), Sees(), BatchRoutine([Sees()])]


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("callbacks", [list, seen])
def test_an_output_is_gone_before_the_next_forward_pass(
    callbacks: Callable[[], Sequence[BatchCallback[Points, Fit]]], debug: bool
) -> None:
    model = Traced()
    validation = DataLoaderRoutine(
        Batches(points(6), 2), scores=[LossCallback("loss")], every=steps(4)
    )
    Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(12), 2),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=callbacks(),
        routines=[validation],
        progress=False,
        debug=debug,
    ).train()
    assert len(model.alive) > 2 * 6
    assert model.alive == [0] * len(model.alive)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("average", [False, True])
def test_so_it_is_of_a_step_by_itself(average: bool, accumulate: int) -> None:
    model = Traced()
    plain = OptimizerStep(model, optimizer=ADAM, accumulate=accumulate)
    step = averaged(plain, ema(0.9)) if average else plain
    for _ in range(5):
        step.update(points(4))
    assert model.alive == [0] * 5


@final
class Looks:
    """A callback with a state, which looks around while a state is loaded."""

    def __init__(self) -> None:
        self.look: Callable[[], object] = list

    def on_batch(self, step: int, batch: Points, output: Fit, /) -> None: ...

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self.look()


def trained(step: TrainingStep[Points, Fit], looks: Looks) -> Trainer[Points, Fit]:
    trainer = Trainer(
        step,
        train_loader=Batches(points(6), 2),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[looks],
        progress=False,
    )
    trainer.train()
    return trainer


def moments(step: object) -> list[Tensor]:
    (optimizer,) = optimizers_in(step)
    assert isinstance(optimizer, optim.Optimizer)
    found: list[object] = [v for entry in optimizer.state.values() for v in entry.values()]
    return [each for each in found if isinstance(each, Tensor)]


def in_memory(tensors: Sequence[Tensor]) -> list[int]:
    return [each.data_ptr() for each in tensors]


def saved_moments(state: Mapping[str, object]) -> list[Tensor]:
    node: object = state["step"]
    while is_mapping(node) and "optimizer" not in node:
        node = node["step"]
    assert is_mapping(node)
    assert is_mapping(node["optimizer"])
    entries = node["optimizer"]["state"]
    assert is_mapping(entries)
    values = [v for each in entries.values() if is_mapping(each) for v in each.values()]
    return [each for each in values if isinstance(each, Tensor)]


def state_of_another() -> dict[str, object]:
    other = OptimizerStep(seeded_regression(1), optimizer=ADAM)
    return dict(deepcopy(trained(other, Looks()).state_dict()))


@pytest.mark.parametrize("fused", [False, True])
def test_loading_copies_the_moments_once_the_old_ones_are_gone(fused: bool) -> None:
    looks = Looks()
    step = OptimizerStep(seeded_regression(), optimizer=partial(ADAM, fused=fused))
    run, state = trained(step, looks), state_of_another()
    before = [weakref.ref(each) for each in moments(step)]
    given, values = saved_moments(state), deepcopy(saved_moments(state))
    found: list[list[int]] = []
    looks.look = lambda: found.append(in_memory(moments(step)))
    run.load_state_dict(state)
    assert found == [in_memory(given)]  # not copied while the old ones may be needed again
    assert [each() for each in before] == [None] * len(before)
    assert set(in_memory(moments(step))).isdisjoint(in_memory(given))
    assert all(map(torch.equal, moments(step), values))
    run.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    assert all(map(torch.equal, saved_moments(state), values))


def fail() -> None:
    raise RuntimeError("no")


@pytest.mark.parametrize("average", [False, True])
def test_where_a_part_fails_the_old_moments_are_there_again(average: bool) -> None:
    looks = Looks()
    plain = OptimizerStep(seeded_regression(), optimizer=ADAM)
    step = averaged(plain, ema(0.9)) if average else plain
    run = trained(step, looks)
    other = OptimizerStep(seeded_regression(1), optimizer=ADAM)
    state = dict(trained(averaged(other, ema(0.9)) if average else other, Looks()).state_dict())
    before, kept = deepcopy(run.state_dict()), deepcopy(moments(step))
    looks.look = fail
    with pytest.raises(CheckpointError, match="Looks.load_state_dict raised RuntimeError: no"):
        run.load_state_dict(deepcopy(state))
    after = run.state_dict()
    assert all(map(torch.equal, moments(step), kept))
    for there, was in zip(weights_in(after), weights_in(before), strict=True):
        assert same_weights(there, was)


def weights_in(state: Mapping[str, object]) -> list[dict[str, object]]:
    """The model's, and an average of them."""
    step = state["step"]
    assert is_mapping(step)
    found = [state["model"], step.get("average", {})]
    return [{str(name): each for name, each in w.items()} for w in found if is_mapping(w)]


@final
class Keeps:
    """A step of the user's own, which keeps what it is given."""

    def __init__(self, step: OptimizerStep[Points, Fit]) -> None:
        self._step = step
        self.model = step.model
        self.device = step.device
        self.update = step.update
        self.evaluate = step.evaluate
        self.end_epoch = step.end_epoch
        self.after_scores = step.after_scores
        self.state_dict = step.state_dict
        self.kept: dict[str, object] = {}

    @property
    def n_steps(self) -> int:
        return self._step.n_steps

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self.kept = state_dict
        self._step.load_state_dict(state_dict)


@pytest.mark.parametrize("average", [False, True])
def test_a_step_of_ones_own_is_given_copies_from_the_start(average: bool) -> None:
    keeps = Keeps(OptimizerStep(seeded_regression(), optimizer=ADAM))
    step = averaged(keeps, ema(0.9)) if average else keeps
    run = trained(step, Looks())
    state = dict(deepcopy(run.state_dict()))
    run.load_state_dict(state)
    kept = saved_moments({"step": keeps.kept})
    assert len(kept) == 12
    assert set(in_memory(kept)).isdisjoint(in_memory(saved_moments(state)))
