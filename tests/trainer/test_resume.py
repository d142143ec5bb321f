"""What a run keeps, and what a failure leaves as it was."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn, optim

from artifact_torch import (
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    OptimizerStep,
    PatienceStopper,
    Trainer,
    bind,
)
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import (
    ArtifactResults,
    BatchCallback,
    Checkpointer,
    EarlyStopper,
    ModelTracker,
    Moment,
    RunState,
)
from artifact_torch.errors import CheckpointError, ContractError, ValidationError
from tests.toys import Batches, Fit, Points, points, same_weights, seeded_regression
from tests.trainer.composed import ADAM, SGD, Noise, full, loader, trained


def trainer(
    *,
    stop: EarlyStopper[RunState] | None = None,
    best: ModelTracker[RunState] | None = None,
    checkpointer: Checkpointer | None = None,
    callback: BatchCallback[object, object] | None = None,
    adam: bool = False,
) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM if adam else SGD),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=3) if stop is None else stop],
        best=best,
        checkpointer=checkpointer,
        callbacks=[] if callback is None else [callback],
        progress=False,
    )


class Remembers:
    """Its state is its own list, as torch's optimizers give theirs."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def should_stop(self, state: RunState) -> bool:
        self.seen.append(state.n_epochs_elapsed)
        return state.n_epochs_elapsed >= 3

    def state_dict(self) -> dict[str, object]:
        return {"seen": self.seen}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.seen = [int(epoch) for epoch in str(state_dict["seen"]).strip("[]").split(",")]


def test_a_stopper_is_saved_as_it_was_before_it_was_asked_about_the_last_epoch(
    tmp_path: Path,
) -> None:
    folder = FolderCheckpointer(tmp_path, every=3)
    trainer(stop=Remembers(), checkpointer=folder).train()
    assert read(folder.load(epoch=3), "parts") == {
        "stop": {"type": "Remembers", "state": {"seen": [0, 1, 2]}}
    }
    stop = Remembers()
    again = trainer(stop=stop, checkpointer=folder)
    again.restore()
    again.train()
    assert stop.seen == [0, 1, 2, 3]


def test_stoppers_count_an_epoch_once_where_one_of_them_could_not_answer() -> None:
    class FailsOnce:
        failed = False

        def should_stop(self, state: RunState) -> bool:
            if state.n_epochs_elapsed == 2 and not self.failed:
                self.failed = True
                raise KeyboardInterrupt
            return False

    counts = Remembers()
    run = Trainer(
        OptimizerStep(seeded_regression(), optimizer=SGD),
        train_loader=Batches(points(), 10),
        stop=[counts, FailsOnce()],
        progress=False,
    )
    with pytest.raises(KeyboardInterrupt):
        run.train()
    assert counts.seen == [0, 1]
    run.train()
    assert counts.seen == [0, 1, 2, 3]


def test_a_refused_state_leaves_the_trainer_as_it_was(tmp_path: Path) -> None:
    folder = FolderCheckpointer(tmp_path, every=1)
    trainer(checkpointer=folder).train()
    other = trainer(checkpointer=folder, adam=True)
    before = other.result.last_weights
    with pytest.raises(CheckpointError, match="its optimizer state is of SGD, this step has Adam"):
        other.restore()
    assert same_weights(other.result.last_weights, before)
    assert other.result.n_epochs_elapsed == 0


class Shape:
    name = "shape"

    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> NDArray[np.floating]:
        return np.zeros(2)


def test_a_refused_state_leaves_the_results_that_no_state_holds() -> None:
    run = Trainer(
        OptimizerStep(seeded_regression(), optimizer=SGD),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(loader(), arrays=[Shape()])],
        progress=False,
    )
    run.train()
    with pytest.raises(CheckpointError, match="rng"):
        run.load_state_dict({**run.state_dict(), "rng": None})
    assert run.result.arrays["shape"].shape == (2,)
    assert run.train().n_epochs_elapsed == 1


class InMemory:
    """Keeps a copy of each state, and gives out what it keeps."""

    def __init__(self) -> None:
        self.states: dict[int, Mapping[str, object]] = {}

    def is_due(self, moment: Moment) -> bool:
        return True

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        self.states[moment.epoch] = deepcopy(dict(state))

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return self.states[max(self.states) if epoch is None else epoch]


def test_training_does_not_change_the_state_that_it_continued_from() -> None:
    memory = InMemory()
    run = trainer(checkpointer=memory, adam=True)
    run.train()
    weights: list[Mapping[str, object]] = []
    for _ in range(2):
        run.restore(epoch=1)
        weights.append(run.train().last_weights)
        assert run.result.stop_reason == "3 epochs completed"
    assert same_weights(*weights)
    run.restore(epoch=1)
    assert run.result.stop_reason == "not trained since it was restored"


class FullDisk:
    """Fails once, at the end of the run."""

    def __init__(self) -> None:
        self.saved: list[int] = []
        self.full = True

    def is_due(self, moment: Moment) -> bool:
        return False

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        if self.full:
            self.full = False
            raise OSError("no space left")
        self.saved.append(moment.epoch)

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        raise NotImplementedError


def test_a_final_checkpoint_that_failed_is_written_by_the_next_call() -> None:
    disk = FullDisk()
    run = trainer(checkpointer=disk)
    with pytest.raises(OSError, match="no space left") as raised:
        run.train()
    assert raised.value.__notes__ == [
        (
            "after 3 completed epochs and 6 updates of the training of Regression, "
            "whose parameters are torch.float32"
        )
    ]
    assert run.result.stop_reason == "interrupted by OSError: no space left"
    result = run.train()
    assert result.n_epochs_elapsed == 3
    assert result.stop_reason == "3 epochs completed"
    assert disk.saved == [3]
    run.train()
    assert disk.saved == [3]


def test_a_run_that_went_back_saves_its_end_again() -> None:
    disk = FullDisk()
    disk.full = False
    run = trainer(checkpointer=disk)
    start = dict(run.state_dict())
    run.train()
    run.load_state_dict(start)
    run.train()
    assert disk.saved == [3, 3]


def test_ctrl_c_without_words_is_named_without_a_colon() -> None:
    class Interrupts:
        def on_batch(self, step: int, batch: object, output: object) -> None:
            raise KeyboardInterrupt

    run = trainer(callback=Interrupts())
    with pytest.raises(KeyboardInterrupt):
        run.train()
    assert run.result.stop_reason == "interrupted by KeyboardInterrupt"
    assert run.result.n_epochs_elapsed == 0


class HalfStateful:
    def should_stop(self, state: RunState) -> bool:
        return True

    def state_dict(self) -> dict[str, object]:
        return {}


def test_half_a_contract_is_refused_wherever_a_stopper_is_given() -> None:
    with pytest.raises(ContractError, match="HalfStateful does not satisfy Stateful"):
        trainer(stop=HalfStateful())
    with pytest.raises(ContractError, match="HalfStateful does not satisfy Stateful"):
        trainer().train(stop=[HalfStateful()])


class Draws:
    places = 3  # decimal places: a name of the user's own

    def __init__(self) -> None:
        self.drawn: list[float] = []

    def on_batch(self, step: int, batch: object, output: object) -> None:
        self.drawn.append(torch.rand(()).item())


def test_a_batch_callback_draws_other_numbers_at_each_step_and_the_same_in_each_run() -> None:
    first, second = Draws(), Draws()
    trainer(callback=first).train()
    torch.rand(5)
    trainer(callback=second).train()
    assert len(set(first.drawn)) == 6
    assert first.drawn == second.drawn


def test_an_answer_that_is_no_bool_is_named() -> None:
    class Says:
        def should_stop(self, state: RunState) -> bool:
            word: bool = vars(self).get("word", state)
            return word

    with pytest.raises(
        ValidationError, match=r"Says.should_stop: got a RunState, expected True or"
    ):
        trainer(stop=Says()).train()


def test_going_back_forgets_what_came_after(tmp_path: Path) -> None:
    trainer = trained(full(seeded_regression(), tmp_path, 6))
    assert trainer.result.best_epoch is not None
    assert trainer.result.best_epoch > 2
    assert trainer.restore(epoch=4).n_epochs_elapsed == 4
    assert list(trainer.result.epoch_scores.index) == [1, 2, 3, 4]
    assert trainer.result.best_epoch in {None, 2, 4}


def test_a_checkpoint_with_another_stopper_starts_it_afresh(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = full(seeded_regression(), tmp_path, 2)
    trainer.train(stop=[PatienceStopper(lambda _state: 1.0, patience=1)])
    second = full(seeded_regression(), tmp_path, 4)
    assert second.restore().n_epochs_elapsed == 1
    assert second.train().n_epochs_elapsed == 4
    assert "was written without it; stop.1 (PatienceStopper) starts afresh" in caplog.text


def test_a_checkpoint_of_another_optimizer_is_refused(tmp_path: Path) -> None:
    trained(full(seeded_regression(), tmp_path, 2))
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=lambda p: optim.SGD(p, lr=0.1)),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        checkpointer=FolderCheckpointer(tmp_path, every=1),
        progress=False,
    )
    with pytest.raises(CheckpointError, match="its optimizer state is of Adam, this step has SGD"):
        trainer.restore()


def test_scores_of_any_number_type_survive_a_checkpoint(tmp_path: Path) -> None:
    class Numpy(Noise):
        def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
            return ArtifactResults(scores={"noise": np.float64(moment.epoch)})

    def build(n_epochs: int) -> Trainer[Points, Fit]:
        model = seeded_regression()
        return Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
            checkpointer=FolderCheckpointer(tmp_path, every=1),
            progress=False,
            routines=[bind(Numpy(), model)],
        )

    build(1).train()
    second = build(2)
    second.restore()
    assert list(second.train().epoch_scores["noise"]) == [1.0, 2.0]
