"""Steps of the user's own, and the precision in which a step evaluates."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import pytest
import torch
from torch import Tensor, nn, optim
from torch.autograd import backward
from typing_extensions import override

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    Trainer,
)
from artifact_torch.contracts import Moment, TrainingStep
from artifact_torch.errors import CheckpointError, ConfigurationError, DataError, LossError
from tests.toys import Batches, Fit, Points, Regression, advance, points, same_weights
from tests.toys import seeded_regression as seeded
from tests.trainer.composed import ADAM, SGD, untyped


def trainer(step: TrainingStep[Points, Fit], n_epochs: int = 5) -> Trainer[Points, Fit]:
    return Trainer(
        step,
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        progress=False,
    )


class Generated(TypedDict):
    loss: Tensor


class Played(TypedDict):
    loss: Tensor
    d_loss: Tensor
    n_updates: int


class Generator(nn.Module):
    """Makes x from nothing; its own output has the loss alone."""

    def __init__(self) -> None:
        super().__init__()
        self.centre = nn.Parameter(torch.zeros(3))

    def forward(self, points: Points) -> Generated:
        return Generated(loss=(points["x"].mean(dim=0) - self.centre).square().sum())


class GanLike:
    """Two modules, two optimizers; what it returns is its own, not the model's output."""

    def __init__(self) -> None:
        self._generator = Generator()
        self._critic = nn.Linear(3, 1)
        nn.init.zeros_(self._critic.weight)
        nn.init.zeros_(self._critic.bias)
        self._g_optimizer = optim.SGD(self._generator.parameters(), lr=0.1)
        self._d_optimizer = optim.SGD(self._critic.parameters(), lr=0.1)
        self._n_steps = 0

    @property
    def model(self) -> nn.Module:
        return self._generator

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    @property
    def n_steps(self) -> int:
        return self._n_steps

    def _play(self, batch: Points) -> Played:
        real: Tensor = self._critic(batch["x"])
        fake: Tensor = self._critic(self._generator.centre[None])
        loss: Tensor = self._generator(batch)["loss"]
        return Played(loss=loss, d_loss=fake.mean() - real.mean(), n_updates=self._n_steps)

    def update(self, batch: Points) -> Played:
        played = self._play(batch)
        for optimizer, loss in (
            (self._d_optimizer, played["d_loss"]),
            (self._g_optimizer, played["loss"]),
        ):
            optimizer.zero_grad()
            backward(loss)
            advance(optimizer)
        self._n_steps += 1
        return played

    def evaluate(self, batch: Points) -> Played:
        assert not self._generator.training
        return self._play(batch)

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {
            "critic": self._critic.state_dict(),
            "optimizers": [self._g_optimizer.state_dict(), self._d_optimizer.state_dict()],
            "n_steps": self._n_steps,
        }

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Forgets(GanLike):
    """Returns no loss, though it says so."""

    @override
    def update(self, batch: Points) -> Played:
        played = super().update(batch)
        return untyped(Played, d_loss=played["d_loss"], n_updates=played["n_updates"])


class ReadsCritic:
    """A batch callback and a loader callback that need what only the step gives."""

    name = "d_loss"

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_batch(self, step: int, batch: object, output: Played) -> None:
        assert output["n_updates"] == step - 1
        self.seen.append(output["d_loss"].item())

    def start(self) -> None:
        self.seen = []

    def update(self, batch: object, output: Played) -> None:
        self.seen.append(output["d_loss"].item())

    def finish(self) -> float:
        return sum(self.seen)


def test_a_step_may_give_more_than_its_models_forward() -> None:
    in_training, in_validation, by_hand = ReadsCritic(), ReadsCritic(), GanLike()
    expected = [by_hand.update(batch)["d_loss"].item() for batch in Batches(points(), 5).batches(1)]
    by_hand.model.eval()
    validated = sum(
        by_hand.evaluate(each)["d_loss"].item() for each in Batches(points(), 10).batches(1)
    )
    step = GanLike()
    result = Trainer(
        step,
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[in_training],
        routines=[
            DataLoaderRoutine(Batches(points(), 10), scores=[in_validation, LossCallback("g_loss")])
        ],
        progress=False,
    ).train()
    assert in_training.seen == expected
    assert list(result.epoch_scores["d_loss"]) == [validated]
    assert same_weights(result.last_weights, by_hand.model.state_dict())
    assert result.n_steps == 4


class Around:
    """A step of one's own around a complete one; each test changes one of its answers."""

    def __init__(self, **answers: object) -> None:
        self._inner = OptimizerStep(seeded(), optimizer=SGD)
        self._answers = answers
        self.n_loads = 0

    @property
    def model(self) -> nn.Module:
        model: nn.Module = vars(self)["_answers"].get("model", self._inner.model)
        return model

    @property
    def device(self) -> torch.device:
        return self._inner.device

    @property
    def n_steps(self) -> int:
        n_steps: int = vars(self)["_answers"].get("n_steps", self._inner.n_steps)
        return n_steps

    def update(self, batch: Points) -> Fit:
        return self._inner.update(batch)

    def evaluate(self, batch: Points) -> Fit:
        return self._inner.evaluate(batch)

    def end_epoch(self) -> None:
        self._inner.end_epoch()

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        self._inner.after_scores(scores, moment)

    def state_dict(self) -> Mapping[str, object]:
        state: Mapping[str, object] = vars(self)["_answers"].get(
            "state_dict", self._inner.state_dict()
        )
        return state

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.n_loads += 1
        self._inner.load_state_dict(state_dict)


def test_a_step_around_another_trains_the_same() -> None:
    weights: list[Mapping[str, object]] = []
    for step in (Around(), OptimizerStep(seeded(), optimizer=SGD)):
        torch.default_generator.manual_seed(7)
        weights.append(trainer(step, 2).train().last_weights)
    assert same_weights(*weights)


@pytest.mark.parametrize("n_steps", [0, 7])
def test_a_step_that_never_counts_is_told_after_its_first_epoch(n_steps: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        trainer(Around(n_steps=n_steps)).train()
    assert str(refused.value) == (
        f"step: Around.n_steps is still {n_steps} after epoch 1, expected the number of updates; "
        "count each in update()"
    )


def test_a_step_that_forgets_its_updates_is_refused_where_it_goes_on() -> None:
    class Forgets:
        """All of the step that it is around, but its state."""

        def __init__(self) -> None:
            self._around = Around()
            self.model, self.device = self._around.model, self._around.device
            self.update, self.evaluate = self._around.update, self._around.evaluate
            self.end_epoch, self.after_scores = self._around.end_epoch, self._around.after_scores

        @property
        def n_steps(self) -> int:
            return self._around.n_steps

        def state_dict(self) -> dict[str, object]:
            return {}

        def load_state_dict(self, state_dict: dict[str, object]) -> None: ...

    run = trainer(Forgets(), 1)
    run.train()
    fresh = trainer(Forgets(), 2)
    before = fresh.result.last_weights
    with pytest.raises(CheckpointError) as refused:
        fresh.load_state_dict(dict(run.state_dict()))
    assert str(refused.value) == (
        "step: Forgets.n_steps is 0 after load_state_dict, expected at least the 4 updates of the "
        "checkpoint; keep it in state_dict"
    )
    assert same_weights(fresh.result.last_weights, before)


def test_a_step_whose_model_is_not_the_one_that_it_updates_is_noticed() -> None:
    with pytest.raises(LossError, match="no parameter changed in the first 5 epochs"):
        trainer(Around(model=seeded(1))).train()


def test_a_state_of_none_is_named() -> None:
    with pytest.raises(CheckpointError) as refused:
        trainer(Around(state_dict=None)).state_dict()
    assert str(refused.value) == (
        "Around.state_dict: got None, expected a mapping of str to what it is made of; return a "
        "dict, an empty one where there is nothing to keep"
    )


def test_a_step_gets_its_own_state_back_where_something_may_be_pending() -> None:
    """After an interruption, and where another trainer used it before."""
    step = Around()
    run = trainer(step, 1)
    run.train()
    run.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    assert step.n_loads == 0
    used = trainer(step)
    used.train()
    assert step.n_loads == 1

    class Interrupts:
        def should_stop(self, update: object) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        used.train(stop=[Interrupts()])
    used.train(stop=[EpochBoundStopper(max_n_epochs=6)])
    assert step.n_loads == 2


# -- precision ---------------------------------------------------------------------------------


def wide() -> Regression:
    """Wide enough that bfloat16 differs from float32 in the loss."""
    return seeded(3)


@pytest.mark.parametrize("autocast", [None, torch.bfloat16])
def test_validation_runs_in_the_precision_of_training(autocast: torch.dtype | None) -> None:
    """Bit for bit what a hand-written evaluation gives."""
    model = wide()
    batch = points(20, seed=2)
    result = Trainer(
        OptimizerStep(model, optimizer=ADAM, autocast=autocast),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[DataLoaderRoutine(Batches(batch, 20), scores=[LossCallback("loss")])],
        progress=False,
    ).train()
    model.eval()
    losses: dict[torch.dtype | None, float] = {}
    with torch.no_grad():
        losses[None] = model(batch)["loss"].item()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            losses[torch.bfloat16] = model(batch)["loss"].item()
    assert losses[None] != losses[torch.bfloat16]
    assert result.epoch_scores["loss"].loc[2] == losses[autocast]


@pytest.mark.parametrize("ledger", [False, True])
def test_a_loss_that_was_declared_and_is_not_there_is_named(ledger: bool, tmp_path: Path) -> None:
    forgetting = Trainer(
        Forgets(),
        train_loader=Batches(points(), 5),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        run_folder=tmp_path,
        ledger=ledger,
        progress=False,
    )
    with pytest.raises(DataError, match=r'\["loss"\]: is missing'):
        forgetting.train()
