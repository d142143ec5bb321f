"""What people do every day: compile a part, set a mode by hand, pickle a stopper, run out of memory."""

import pickle
import weakref
from functools import partial

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
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
from artifact_torch.contracts import RunState
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression

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
