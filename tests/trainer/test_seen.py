"""What a whole run shows: off a terminal plain lines, the summary first, the end last."""

from functools import partial

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
    steps,
)
from artifact_torch.contracts import BatchSource
from artifact_torch.trainer.display.progress import Progress
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.trainer.loop.clock import Clock
from tests.toys import Points, points, same_weights, seeded_regression


def trained(mode: Mode) -> dict[str, object]:
    loader: BatchSource[Points] = DataLoader(TensorTable(points()), batch_size=5)
    trainer = Trainer(
        OptimizerStep(seeded_regression(), optimizer=partial(torch.optim.SGD, lr=0.1)),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=3)],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("val_loss")], every=steps(3))],
        progress=mode,
    )
    return dict(trainer.train().last_weights)


def test_a_run_off_a_terminal_has_a_summary_a_first_line_its_last_scores_and_an_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained("lines")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Regression: 41 parameters, 41 trainable; ")
    first = [line for line in lines if line.startswith("epoch")]
    assert first[0].startswith("epoch 1/3  batch 1/4  loss ")
    assert first[-1].startswith("epoch 3/3  step 12  val_loss ")
    assert lines[-1].startswith("3 epochs completed: 3 epochs, 12 steps; ")


def test_what_is_shown_changes_no_bit(capsys: pytest.CaptureFixture[str]) -> None:
    silent = trained(False)
    assert capsys.readouterr().err == ""
    assert same_weights(trained("lines"), silent)
    assert same_weights(trained("bar"), silent)


def test_a_loss_belongs_to_the_epoch_whose_batch_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of an epoch too, which is shown before the next begins."""
    seen: list[tuple[int, int, int]] = []

    def batches(self: Progress, epoch: int, n_done: int, loss: Tensor | None, *, step: int) -> None:
        seen.append((epoch, n_done, step))

    def ticks(self: Clock) -> bool:
        return True

    def wind(self: Clock, step: int, *, is_watched: bool = False) -> None:
        """Every step is looked at."""

    monkeypatch.setattr(Progress, "batches", batches)
    monkeypatch.setattr(Clock, "ticks", ticks)
    monkeypatch.setattr(Clock, "wind", wind)
    trained("lines")
    assert seen == [((step + 3) // 4, (step - 1) % 4 + 1, step) for step in range(1, 13)]


def test_what_an_interruption_leaves_undone_is_counted_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Interrupts:
        def on_batch(self, step: int, batch: object, output: object) -> None:
            if step == 6:
                raise KeyboardInterrupt

    loader: BatchSource[Points] = DataLoader(TensorTable(points()), batch_size=5)
    step = OptimizerStep(seeded_regression(), optimizer=torch.optim.SGD)
    stop = [EpochBoundStopper(max_n_epochs=3)]
    trainer = Trainer(
        step, train_loader=loader, stop=stop, callbacks=[Interrupts()], progress="lines"
    )
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("interrupted by KeyboardInterrupt: 1 epochs, 6 steps; ")
