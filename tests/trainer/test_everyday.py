"""What people do every day: compile a part, set a mode by hand, pickle a stopper, run out of memory."""

import copy
import pickle
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    GradientNorm,
    LearningRate,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainLoss,
    score,
    steps,
    stop_when,
    track_best,
)
from artifact_torch.contracts import Every, RunState
from artifact_torch.errors import CheckpointError, ConfigurationError
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression
from tests.trainer.composed import ADAM

SGD = partial(optim.SGD, lr=0.01)


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.core: nn.Module = nn.Linear(3, 1)

    def forward(self, points: Points) -> Fit:
        output: Tensor = self.core(points["x"])
        residual = output.flatten() - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def compiled(part: nn.Module) -> nn.Module:
    """As `torch.compile` does, whose signature is not all known."""
    made: object = vars(torch)["compile"](part, backend="eager")
    assert isinstance(made, nn.Module)
    return made


def a_pass() -> DataLoaderRoutine[Points, Fit]:
    return DataLoaderRoutine(Batches(points(), 5), scores=[LossCallback("v")])


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_weights_of_a_model_with_a_compiled_part_load_into_the_plain_one() -> None:
    model = Inner()
    model.core = compiled(model.core)
    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        best=BestScoreTracker("v"),
        routines=[a_pass()],
        progress=False,
    )
    result = trainer.train()
    plain = Inner()
    assert result.best_weights is not None
    plain.load_state_dict(dict(result.best_weights))
    plain.load_state_dict(dict(result.last_weights))
    assert trainer.evaluate(a_pass(), weights="best") == trainer.evaluate(a_pass())
    assert same_weights(trainer.result.last_weights, result.last_weights)


def test_a_part_that_was_put_into_evaluation_mode_after_the_build_stays_in_it() -> None:
    model = seeded_regression()
    seen: list[tuple[bool, bool]] = []

    class Sees:
        def on_batch(self, step: int, batch: Points, output: Fit) -> None:
            seen.append((model.training, model.layers[2].training))

    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=Batches(points(), 20),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[Sees()],
        routines=[a_pass()],
        progress=False,
    )
    trainer.train()
    model.layers[2].eval()
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    model.eval()  # of the whole model: for a look at it, between two calls
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=3)])
    assert seen == [(True, True), (True, False), (True, False)]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_the_output_before_is_gone_when_the_next_is_computed(accumulate: int) -> None:
    alive: list[bool] = []
    newest: list[weakref.ref[Tensor]] = []

    class Watched(Inner):
        def forward(self, points: Points) -> Fit:
            alive.extend(each() is not None for each in newest)
            output = Inner.forward(self, points)
            newest[:] = [weakref.ref(output["residual"])]
            return output

    class Sees:
        def on_batch(self, step: int, batch: Points, output: Fit) -> None: ...

    Trainer(
        OptimizerStep(Watched(), optimizer=SGD, accumulate=accumulate),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[Sees(), TrainLoss(), LearningRate(every=steps(1)), GradientNorm()],
        routines=[a_pass()],
        progress="lines",
    ).train()
    assert len(alive) > 12
    assert not any(alive)


@dataclass
class SixSteps:
    """A stopper of one's own that says when it wants to be asked."""

    cadences: Sequence[Every] = (steps(1),)

    def should_stop(self, update: RunState) -> bool:
        return update.n_steps >= 6


def test_a_stopper_of_ones_own_stops_within_an_epoch() -> None:
    trainer = Trainer(
        OptimizerStep(Inner(), optimizer=SGD),
        train_loader=Batches(points(), 5),
        stop=[SixSteps()],
        progress=False,
    )
    assert trainer.train().n_steps == 6


class Adapted(nn.Module):
    """An adapter in a frozen weight while it is evaluated, as `peft` does."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)
        self.adapter = nn.Parameter(torch.zeros(3))

    def train(self, mode: bool = True) -> "Adapted":
        if mode != self.training:
            with torch.no_grad():
                self.frozen.add_(self.adapter, alpha=-1 if mode else 1)
        super().train(mode)
        return self

    def forward(self, points: Points) -> Fit:
        weight = self.frozen + self.adapter if self.training else self.frozen
        residual = points["x"] @ weight - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


def test_an_adapter_is_looked_at_by_its_own_weights_whenever() -> None:
    model = Adapted()
    trainer = Trainer(
        OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.1)),
        train_loader=Batches(Points(x=points()["x"], y=points()["y"] * 3), 5),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        best=BestScoreTracker("v", mode="max"),
        routines=[a_pass()],
        progress=False,
    )
    result = trainer.train()
    assert result.best_epoch == 3
    by_hand = torch.ones(3) + model.adapter.detach()
    assert torch.allclose(model.frozen, torch.ones(3), atol=1e-6)
    assert trainer.evaluate(a_pass())["v"] == pytest.approx(_loss(by_hand), rel=1e-4)
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=4)])
    best = trainer.result.best_weights
    assert best is not None
    then = best["frozen"], best["adapter"]
    assert isinstance(then[0], Tensor)
    assert isinstance(then[1], Tensor)
    assert trainer.evaluate(a_pass(), weights="best")["v"] == pytest.approx(
        _loss(then[0] + then[1]), rel=1e-4
    )
    assert torch.allclose(model.frozen, torch.ones(3), atol=1e-6)


def _loss(weight: Tensor) -> float:
    return float((points()["x"] @ weight - points()["y"]).square().mean())


class Extra(Inner):
    """A state that no checkpoint can hold."""

    def get_extra_state(self) -> object:
        return np.ones(3)

    def set_extra_state(self, state: object) -> None: ...


def test_a_state_that_cannot_be_saved_is_noticed_before_the_first_batch(tmp_path: Path) -> None:
    trainer = Trainer(
        OptimizerStep(Extra(), optimizer=SGD),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=9)],
        checkpointer=FolderCheckpointer(tmp_path, every=9),
        progress=False,
    )
    with pytest.raises(
        CheckpointError, match="_extra_state: got numpy.ndarray, save torch.as_tens"
    ):
        trainer.train()
    assert trainer.result.n_steps == 0


class Below:
    def __init__(self, bound: float) -> None:
        self.bound = bound

    def should_stop(self, update: float | None) -> bool:
        return update is not None and update < self.bound

    def is_best(self, criterion: float | None) -> bool:
        return criterion is not None and criterion < self.bound


def test_pairs_of_a_part_and_a_function_are_pickled() -> None:
    state = RunState(n_epochs_elapsed=1, n_steps=1, scores={"loss": 1.0})
    stopper = pickle.loads(pickle.dumps(stop_when(Below(2), on=score("loss"))))  # noqa: S301
    tracker = pickle.loads(pickle.dumps(track_best(Below(2), by=score("loss"))))  # noqa: S301
    assert stopper.should_stop(state)
    assert tracker.is_best(state)


def test_a_trainer_that_is_pickled_or_copied_says_what_to_keep() -> None:
    trainer = Trainer(
        OptimizerStep(seeded_regression(), optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )
    with pytest.raises(ConfigurationError, match=r"keep trainer.state_dict\(\)"):
        pickle.dumps(trainer)
    with pytest.raises(ConfigurationError, match=r"keep trainer.state_dict\(\)"):
        copy.copy(trainer)
