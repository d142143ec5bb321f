"""What a result costs, and that its weights are those of its moment or none."""

import copy
import pickle
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam

from artifact_torch import (
    AveragedStep,
    BestScoreTracker,
    ConfigurationError,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
    TrainingResult,
    averaged,
    ema,
)
from artifact_torch.contracts import AnyStep, RunState, TrainingStep
from artifact_torch.trainer import held
from artifact_torch.trainer.held import HeldWeights
from artifact_torch.trainer.weights import copied
from tests.toys import Fit, Points, Still, advance, points, same_weights, seeded_regression

SGD_ = partial(SGD, lr=0.05)


def trainer_of(
    step: TrainingStep[Points, Fit], n_epochs: int = 2, hooks: list["Reader"] | None = None
) -> Trainer[Points, Fit]:
    loader = DataLoader(TensorTable(points()), batch_size=5, shuffle=True, seed=0)
    return Trainer(
        step,
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=BestScoreTracker("loss"),
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")], every=1)],
        hooks=hooks or [],
        progress=False,
    )


def plain() -> tuple[Trainer[Points, Fit], nn.Module]:
    model = seeded_regression()
    return trainer_of(OptimizerStep(model, optimizer=SGD_)), model


@pytest.fixture
def n_copies(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a result copied the weights."""
    made: list[nn.Module] = []

    def counted(module: nn.Module) -> dict[str, object]:
        made.append(module)
        return copied(module)

    monkeypatch.setattr(held, "copied", counted)
    return lambda: len(made)


def test_nothing_is_copied_before_it_is_read(n_copies: Callable[[], int]) -> None:
    trainer, _ = plain()
    result = trainer.train()
    assert (result.n_epochs_elapsed, result.stop_reason) == (2, "2 epochs completed")
    assert list(result.epoch_scores.index) == [1, 2]
    assert n_copies() == 0
    assert same_weights(result.last_weights, result.last_weights)
    assert n_copies() == 1


def test_what_is_dropped_is_never_copied(n_copies: Callable[[], int]) -> None:
    trainer, _ = plain()
    trainer.train()
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=3)])
    assert n_copies() == 0


def test_frames_and_weights_are_those_of_the_moment_also_after_more_training() -> None:
    trainer, model = plain()
    before, early = trainer.result, copied(seeded_regression())
    result = trainer.train()
    two = copied(model)
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=4)])
    assert not same_weights(two, copied(model))
    assert same_weights(before.last_weights, early)
    assert same_weights(result.last_weights, two)
    assert list(before.epoch_scores.index) == []
    assert (
        list(result.epoch_scores.index) == list(result.scores.index.get_level_values(0)) == [1, 2]
    )
    assert list(trainer.result.epoch_scores.index) == [1, 2, 3, 4]


def test_restoring_leaves_a_result_as_it_was() -> None:
    trainer, model = plain()
    untrained = copy.deepcopy(dict(trainer.state_dict()))
    result = trainer.train()
    two = copied(model)
    trainer.load_state_dict(untrained)
    assert same_weights(result.last_weights, two)
    assert list(result.epoch_scores.index) == [1, 2]
    assert list(trainer.result.epoch_scores.index) == []


def test_rehearsals_and_evaluations_leave_it_readable() -> None:
    step = OptimizerStep(seeded_regression(), optimizer=SGD_)
    trainer = trainer_of(step)
    result = trainer.train()
    trainer.rehearse()
    loader = DataLoader(TensorTable(points()), batch_size=5)
    trainer.evaluate(DataLoaderRoutine(loader, scores=[LossCallback("x")]), weights="best")
    assert same_weights(result.last_weights, step.model.state_dict())


def changed_by_adam(model: nn.Module) -> None:
    """A fused one does not count versions up."""
    optimizer = Adam(model.parameters(), lr=0.1, fused=True)
    for each in model.parameters():
        each.grad = torch.ones_like(each)
    advance(optimizer)


def changed_by_data(model: nn.Module) -> None:
    next(model.parameters()).data.add_(1.0)


def changed_in_one_bit(model: nn.Module) -> None:
    last = list(model.parameters())[-1].data
    last.view(torch.int32).add_(1)


def changed_in_sign(model: nn.Module) -> None:
    with torch.no_grad():
        for each in model.parameters():
            each.neg_()


def replaced(model: nn.Module) -> None:
    model.load_state_dict(seeded_regression(7).state_dict())


CHANGES = [changed_by_adam, changed_by_data, changed_in_one_bit, changed_in_sign, replaced]


@pytest.mark.parametrize("change", CHANGES)
def test_other_weights_are_never_given_for_those_of_the_run(
    change: Callable[[nn.Module], None],
) -> None:
    model = seeded_regression()
    result = trainer_of(OptimizerStep(model, optimizer=SGD_)).train()
    change(model)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="read result.last_weights before you change"):
            _ = result.last_weights
    assert result.best_weights is not None


@pytest.mark.parametrize("change", CHANGES)
def test_reading_any_of_them_makes_the_copies(change: Callable[[nn.Module], None]) -> None:
    model = seeded_regression()
    result = trainer_of(OptimizerStep(model, optimizer=SGD_)).train()
    last = copied(model)
    assert result.best_weights is not None
    change(model)
    assert same_weights(result.last_weights, last)


def test_another_device_or_memory_format_is_no_change() -> None:
    step = Still(nn.Conv2d(2, 3, 3))
    weights = copied(step.model)
    result = HeldWeights(step)
    for each in step.model.parameters():
        if each.dim() == 4:
            each.data = each.data.contiguous(memory_format=torch.channels_last)
    last = result.copies.last
    assert last is not None
    assert same_weights(last, weights)


def test_the_average_is_that_of_the_moment() -> None:
    step = averaged(OptimizerStep(seeded_regression(), optimizer=SGD_), ema(0.5))
    assert isinstance(step, AveragedStep)
    result = trainer_of(step).train()
    with step.averaged():
        expected = copied(step.model)
    trainer_of(step, 4).train()
    with pytest.raises(ConfigurationError):  # another trainer
        _ = result.averaged_weights
    again = averaged(OptimizerStep(seeded_regression(), optimizer=SGD_), ema(0.5))
    trainer = trainer_of(again)
    result = trainer.train()
    trainer.train(stop=[EpochBoundStopper(max_n_epochs=4)])
    assert result.averaged_weights is not None
    assert same_weights(result.averaged_weights, expected)


def test_a_result_is_sent_with_its_copies() -> None:
    step = OptimizerStep(seeded_regression(), optimizer=SGD_)
    result = trainer_of(step).train()
    last = copied(step.model)
    sent: object = pickle.loads(pickle.dumps(result))  # noqa: S301  (our own)
    assert isinstance(sent, TrainingResult)
    replaced(step.model)
    assert same_weights(sent.last_weights, last)
    assert list(sent.epoch_scores.index) == [1, 2]


class Reader:
    """Takes a result at the end of every epoch, and reads it after the run."""

    def __init__(self) -> None:
        self.read: Callable[[], TrainingResult] | None = None
        self.taken: list[tuple[TrainingResult, dict[str, object]]] = []

    def on_start(self, step: AnyStep, state: RunState) -> None:
        self._model = step.model

    def on_epoch_end(self, state: RunState) -> None:
        assert self.read is not None
        self.taken.append((self.read(), copied(self._model)))


def test_a_result_of_a_run_in_progress_has_its_weights_at_once() -> None:
    reader = Reader()
    trainer = trainer_of(OptimizerStep(seeded_regression(), optimizer=SGD_), 3, [reader])
    reader.read = lambda: trainer.result
    trainer.train()
    for n, (result, weights) in enumerate(reader.taken, start=1):
        assert same_weights(result.last_weights, weights)
        assert list(result.epoch_scores.index) == list(range(1, n + 1))
    assert len(reader.taken) == 3


class Extra(nn.Module):
    """Has state that is no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = ["a"]

    def get_extra_state(self) -> list[str]:
        return self.words

    def set_extra_state(self, state: list[str]) -> None:
        self.words = state


def test_what_cannot_be_summed_is_copied_at_once(n_copies: Callable[[], int]) -> None:
    model = Extra()
    result = HeldWeights(Still(model))
    assert n_copies() == 1
    model.words.append("b")
    assert result.copies.last == {"_extra_state": ["a"]}
    assert n_copies() == 1
