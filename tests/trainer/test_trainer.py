"""The trainer against a loop written by hand, and what a run keeps and gives back."""

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    Trainer,
)
from artifact_torch.checkpoints.state import read
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.narrowing import is_state_dict
from tests.toys import Regression, advance, same_weights, seeded_regression
from tests.trainer.composed import ADAM, Recorded, bare, full, loader, trained


def by_hand(n_epochs: int) -> tuple[Regression, optim.Adam]:
    model = seeded_regression()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    train_loader = loader()
    torch.default_generator.manual_seed(7)
    for epoch in range(1, n_epochs + 1):
        model.train()
        for batch in train_loader.batches(epoch):
            optimizer.zero_grad()
            output = model(batch)
            torch.autograd.backward(output["loss"])
            advance(optimizer)
    return model, optimizer


def flat_tensors(state: object) -> list[float]:
    """Every number of every tensor in an optimizer's state, in order."""
    if isinstance(state, Tensor):
        return [value.item() for value in state.flatten().double()]
    if is_state_dict(state):
        return [number for value in state.values() for number in flat_tensors(value)]
    return []


@pytest.mark.parametrize("composed", ["bare", "full"])
def test_it_equals_the_hand_written_loop_bit_for_bit(composed: str, tmp_path: Path) -> None:
    """Weights, optimizer state and the random numbers after: validation changes none of them."""
    expected, optimizer = by_hand(4)
    drawn = torch.rand(3)
    model = seeded_regression()
    trainer = bare(model, 4) if composed == "bare" else full(model, tmp_path, 4, Recorded())
    trained(trainer)
    assert torch.equal(torch.rand(3), drawn)
    assert same_weights(model.state_dict(), expected.state_dict())
    mine = read(read(trainer.state_dict(), "step"), "optimizer")
    assert str(mine) == str(optimizer.state_dict())
    assert flat_tensors(mine) == flat_tensors(optimizer.state_dict())


class Shuffles:
    def on_batch(self, step: int, batch: object, output: object) -> None:
        torch.randperm(10)


def test_what_a_batch_callback_draws_is_given_back() -> None:
    """D14: a plot that shuffles changes the weights."""
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[Shuffles()],
        progress=False,
    )
    trained(trainer)
    assert same_weights(model.state_dict(), by_hand(2)[0].state_dict())


def test_the_result_has_a_row_per_epoch_and_true_copies(tmp_path: Path) -> None:
    """D2, D4: best weights that are the live model, rows that are not epochs."""
    client = Recorded()
    model = seeded_regression()
    result = trained(full(model, tmp_path, 5, client)).result
    assert list(result.epoch_scores.index) == [1, 2, 3, 4, 5]
    present = result.epoch_scores["loss"].notna()
    assert [bool(there) for there in present] == [False, True, False, True, True]
    assert [float(v) for v in result.epoch_scores["noise"]] == [1, 2, 3, 4, 5]
    assert result.n_steps == 20
    assert result.stop_reason.startswith("5 epochs completed")
    assert same_weights(result.last_weights, model.state_dict())
    best_epoch = int(result.epoch_scores["loss"].idxmin())
    assert result.best_epoch == best_epoch
    assert result.best_weights is not None
    checkpoint = read(FolderCheckpointer(tmp_path, every=2).load(epoch=best_epoch), "model")
    assert same_weights(result.best_weights, checkpoint)
    with torch.no_grad():
        next(model.parameters()).zero_()
    assert same_weights(result.best_weights, checkpoint)
    assert [value for name, value in client.scores if name == "noise"] == [1, 2, 3, 4, 5]


def test_train_again_continues_up_to_a_later_bound(tmp_path: Path) -> None:
    """D11: the published trainer trains an epoch for a bound of 0, and never continues."""
    model = seeded_regression()
    trainer = trained(full(model, tmp_path, 2))
    assert trainer.train().n_epochs_elapsed == 2
    result = trainer.train(stop=[EpochBoundStopper(max_n_epochs=4)])
    assert same_weights(model.state_dict(), by_hand(4)[0].state_dict())
    assert list(result.epoch_scores.index) == [1, 2, 3, 4]
    assert bare(seeded_regression(), 0).train().n_epochs_elapsed == 0


def test_a_checkpoint_continues_to_the_same_bits(tmp_path: Path) -> None:
    """D15: the published trainer restores neither epoch, stopper, history nor random state."""
    expected = trained(full(seeded_regression(), tmp_path / "whole", 6)).result
    trained(full(seeded_regression(), tmp_path / "parts", 4))
    torch.default_generator.manual_seed(99)
    second = full(seeded_regression(1), tmp_path / "parts", 6)
    assert second.restore().n_epochs_elapsed == 4
    result = second.train()
    assert result.epoch_scores.equals(expected.epoch_scores)
    assert same_weights(result.last_weights, expected.last_weights)
    assert result.best_epoch == expected.best_epoch
    assert result.n_steps == expected.n_steps == 24


def test_a_run_goes_on_from_the_folder_of_another(tmp_path: Path) -> None:
    expected = trained(full(seeded_regression(), tmp_path / "whole", 6)).result
    trained(full(seeded_regression(), tmp_path / "there", 4))
    before = sorted((tmp_path / "there").iterdir())
    torch.default_generator.manual_seed(99)
    second = full(seeded_regression(1), tmp_path / "here", 6)
    assert second.restore(tmp_path / "there").n_epochs_elapsed == 4
    assert same_weights(second.train().last_weights, expected.last_weights)
    assert sorted((tmp_path / "there").iterdir()) == before
    without = bare(seeded_regression(1))
    with pytest.raises(
        CheckpointError, match=r"restore: .*nowhere is no folder; give the one with"
    ):
        without.restore(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_run_folder_that_is_a_file_is_refused_by_the_name_of_the_argument(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = (
        f"run_folder: folder must be a folder, or not there yet, got the file {tmp_path}/file; give"
    )
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        Trainer(
            OptimizerStep(seeded_regression(), optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            run_folder=tmp_path / "file",
        )


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    trained(full(seeded_regression(), tmp_path, 2))
    other = seeded_regression()
    other.layers.append(nn.Linear(1, 1))
    trainer = full(other, tmp_path, 2)
    with pytest.raises(CheckpointError, match="its weights do not fit Regression; build the model"):
        trainer.restore()
    with pytest.raises(ConfigurationError, match="this trainer has no checkpointer"):
        bare(seeded_regression()).restore()


def test_a_frozen_batch_norm_stays_frozen_through_validation() -> None:
    model = seeded_regression()
    model.layers.append(nn.BatchNorm1d(1))
    norm = model.layers[5]
    modes: list[bool] = []

    class Look:
        def on_batch(self, step: int, batch: object, output: object) -> None:
            modes.append(norm.training)
            norm.eval()

    model.layers[4] = nn.Identity()
    model.layers.append(nn.Flatten(0))
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[Look()],
        progress=False,
        routines=[DataLoaderRoutine(loader(), scores=[LossCallback("loss")])],
    )
    trainer.train()
    assert modes == [True] + [False] * 7
    assert not norm.training
