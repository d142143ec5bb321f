"""Evaluation, prediction and rehearsal: right numbers, and the training none the wiser."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    Trainer,
    WatchActivations,
    bind,
)
from artifact_torch.contracts import Moment, ResultKind, ResultName
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.inside import Mean
from tests.toys import Batches, Fit, Points, Regression, points, same_weights, seeded_regression
from tests.trainer.composed import ADAM, Recorded


def trainer(model: Regression) -> Trainer[Points, Fit]:
    validation = DataLoaderRoutine(Batches(points(), 20), scores=[LossCallback("v")])
    made: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=4)],
        best=BestScoreTracker(lambda state: abs(state.n_epochs_elapsed - 2)),
        routines=[validation],
        progress=False,
    )
    return made


def loss_by_hand(weights: Mapping[str, object], table: Points) -> float:
    model = Regression()
    model.load_state_dict(dict(weights))
    model.eval()
    with torch.no_grad():
        output: Fit = model(table)
        return output["loss"].item()


def test_evaluation_uses_the_weights_that_are_asked_for() -> None:
    run = trainer(seeded_regression())
    result = run.train()
    test = points(30, seed=5)
    routine = DataLoaderRoutine[Points, Fit](Batches(test, 30), scores=[LossCallback("test")])
    assert result.best_epoch == 2
    assert result.best_weights is not None
    assert run.evaluate(routine) == {"test": loss_by_hand(result.last_weights, test)}
    best = run.evaluate(routine, weights="best")
    assert best == {"test": loss_by_hand(result.best_weights, test)}
    assert best != run.evaluate(routine)
    assert same_weights(run.result.last_weights, result.last_weights)
    (output,) = run.predict(Batches(test, 30), weights="best")
    assert output["loss"].item() == best["test"]
    assert not output["residual"].requires_grad


def test_there_are_no_best_weights_before_training() -> None:
    run = trainer(seeded_regression())
    with pytest.raises(
        ConfigurationError, match="no best weights are known.*best=BestScoreTracker"
    ):
        run.predict(Batches(points(), 5), weights="best")


def test_looking_in_between_changes_no_bit_of_the_training() -> None:
    plain = trainer(seeded_regression()).train()
    run = trainer(seeded_regression())
    run.rehearse()
    run.train(stop=[EpochBoundStopper(max_n_epochs=2)])
    run.evaluate(DataLoaderRoutine(Batches(points(), 7), scores=[LossCallback("x")]))
    run.rehearse()
    run.predict(Batches(points(), 7), weights="best")
    result = run.train(stop=[EpochBoundStopper(max_n_epochs=4)])
    assert same_weights(result.last_weights, plain.last_weights)
    assert result.scores.equals(plain.scores)
    assert result.n_steps == plain.n_steps


class Fails:
    """An artifact routine that is due at the end alone, and fails there."""

    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "late"),)

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if moment.ends_run else ()

    def validate(
        self, model: Regression, names: Collection[ResultName], moment: Moment
    ) -> dict[str, float]:
        raise RuntimeError("found in seconds")


def test_a_rehearsal_finds_what_would_fail_at_the_end() -> None:
    model = seeded_regression()
    run = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[bind(Fails(), model)],
        progress=False,
    )
    with pytest.raises(RuntimeError, match="found in seconds"):
        run.rehearse()
    assert run.result.n_steps == 0


class Breaks:
    def on_batch(self, step: int, batch: object, output: object) -> None:
        raise OSError("here")


def test_a_rehearsal_that_fails_leaves_no_hook_in_the_model() -> None:
    model = seeded_regression()
    run = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[WatchActivations("mean", Mean, model), Breaks()],
        progress=False,
    )
    with pytest.raises(OSError, match="here"):
        run.rehearse()
    assert not any(vars(part)["_forward_hooks"] for part in model.modules())


class Counting(Regression):
    """Has a buffer that is in no state."""

    n_trained: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("n_trained", torch.zeros(()), persistent=False)

    def forward(self, points: Points) -> Fit:
        if self.training:
            self.n_trained += 1
        return super().forward(points)


def test_a_rehearsal_trains_and_leaves_modes_gradients_and_unsaved_buffers() -> None:
    model, seen = Counting(), list[float]()

    class Sees:
        def on_batch(self, step: int, batch: object, output: object) -> None:
            seen.append(model.n_trained.item())

    run = Trainer(
        OptimizerStep(model.eval(), optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[Sees()],
        progress=False,
    )
    run.rehearse()
    assert seen == [1, 2]
    assert model.n_trained == 0
    assert not any(part.training for part in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


class Epochs:
    def __init__(self) -> None:
        self.asked: list[int] = []

    def batches(self, epoch: int) -> Iterator[Points]:
        self.asked.append(epoch)
        yield points()

    def __len__(self) -> int:
        return 1


def test_a_look_before_training_reads_the_first_epoch() -> None:
    source = Epochs()
    trainer(seeded_regression()).evaluate(DataLoaderRoutine(source, scores=[LossCallback("v")]))
    assert source.asked == [1]


class Unsaved:
    """A batch callback whose state no checkpoint can hold."""

    def on_batch(self, step: int, batch: object, output: object) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {"path": Path("x")}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


def test_a_rehearsal_finds_a_state_that_cannot_be_saved() -> None:
    run = Trainer(
        OptimizerStep(seeded_regression(), optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[Unsaved()],
        progress=False,
    )
    with pytest.raises(CheckpointError, match="path"):
        run.rehearse()


class Nan:
    name = "nan"

    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> float:
        raise ValueError("one class only")


def test_the_sanity_round_names_the_routine_before_the_first_step() -> None:
    model = seeded_regression()
    run = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(Batches(points(), 5), scores=[Nan()])],
        progress=False,
    )
    with pytest.raises(ValueError, match="one class only") as raised:
        run.train()
    assert "in the look at DataLoaderRoutine before the first step" in "".join(
        raised.value.__notes__
    )
    assert run.result.n_steps == 0


@dataclass(frozen=True)
class Rate:
    lr: float
    warm: bool = True


def test_settings_are_in_the_result_the_checkpoint_and_the_clients(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Files(Recorded):
        def log_file(self, path_source: str, name: str) -> None:
            sent.append((name, Path(path_source).read_text(encoding="utf-8")))

    def run(lr: float) -> Trainer[Points, Fit]:
        return Trainer(
            OptimizerStep(seeded_regression(), optimizer=ADAM),
            train_loader=Batches(points(), 10),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            checkpointer=FolderCheckpointer(tmp_path, every=1),
            tracking_clients=[Files()],
            settings={"optimizer": Rate(lr), "width": 8},
            progress=False,
        )

    sent: list[tuple[str, str]] = []
    expected = {"optimizer.lr": 0.1, "optimizer.warm": True, "width": 8}
    assert run(0.1).train().settings == expected
    assert [(name, json.loads(text)) for name, text in sent] == [("settings", expected)]
    caplog.clear()
    run(0.2).restore()
    assert "optimizer.lr was 0.1, is 0.2" in caplog.text
    assert "width" not in caplog.text
