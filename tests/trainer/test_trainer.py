"""The trainer against a loop written by hand, and everything that can go wrong around it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pytest
import torch
from torch import Tensor, nn, optim

from artifact_torch import (
    AnyStopper,
    BatchLossCallback,
    BatchRoutine,
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    bind,
    per_epoch,
    score,
    stop_when,
    track_best,
)
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import (
    ArtifactResults,
    Checkpointer,
    EarlyStopper,
    EpochState,
    ResultKind,
    ResultName,
    Schedule,
)
from artifact_torch.errors import (
    CheckpointError,
    ConfigurationError,
    ContractError,
    DataError,
    LossError,
    ValidationError,
)
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.trainer.movement import N_EPOCHS, N_UPDATES, Movement
from tests.toys import (
    Batches,
    Fit,
    Points,
    Regression,
    advance,
    points,
    same_weights,
    seeded_regression,
)

ADAM = partial(optim.Adam, lr=0.01)


class Recorded:
    """A tracking client that keeps what it is told."""

    def __init__(self) -> None:
        self.scores: list[tuple[str, float]] = []

    def log_score(self, score: float, name: str) -> None:
        self.scores.append((name, score))

    def log_array(self, array: object, name: str) -> None: ...
    def log_plot(self, plot: object, name: str) -> None: ...
    def log_score_collection(self, score_collection: object, name: str) -> None: ...
    def log_array_collection(self, array_collection: object, name: str) -> None: ...
    def log_plot_collection(self, plot_collection: object, name: str) -> None: ...
    def log_file(self, path_source: str, name: str) -> None: ...


class Noise:
    """An artifact routine that draws from every generator; its score is the epoch."""

    def __init__(self, every: int = 1, fails: bool = False) -> None:
        self.every = every
        self.fails = fails
        self.calls: list[tuple[int, bool]] = []

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "noise")]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        return (epoch % self.every == 0) is not final

    def validate(self, model: nn.Module, epoch: int, /, *, final: bool) -> ArtifactResults:
        assert not model.training
        assert not torch.is_grad_enabled()
        torch.rand(3)
        self.calls.append((epoch, final))
        if self.fails:
            raise RuntimeError("generate failed")
        return ArtifactResults(scores={"noise": float(epoch)})


def loader(n_rows: int = 20, batch_size: int = 5) -> DataLoader[Points]:
    return DataLoader(TensorTable(points(n_rows)), batch_size=batch_size, shuffle=True, seed=3)


def bare(model: Regression, n_epochs: int = 3) -> Trainer[Points, Fit]:
    return Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=n_epochs),
        progress=False,
    )


def full(
    model: Regression,
    folder: Path,
    n_epochs: int = 3,
    client: Recorded | None = None,
) -> Trainer[Points, Fit]:
    return Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=AnyStopper(
            EpochBoundStopper(max_n_epochs=n_epochs),
            stop_when(PatienceStopper(patience=99), on=score("loss")),
        ),
        best=track_best(BestScoreTracker(), by=score("loss")),
        checkpointer=FolderCheckpointer(folder, every=2),
        batch_routine=BatchRoutine[Points, Fit]([BatchLossCallback(every_n_steps=2)]),
        loader_routines=[
            DataLoaderRoutine[Points, Fit](loader(), scores=[LossCallback("loss")], every=2)
        ],
        artifact_routine=bind(Noise(), model),
        tracking_client=client,
        progress=False,
    )


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


def trained(trainer: Trainer[Points, Fit]) -> Trainer[Points, Fit]:
    torch.default_generator.manual_seed(7)
    trainer.train()
    return trainer


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
    step = OptimizerStep(model, optimizer=partial(optim.Adam, lr=0.01))
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=step,
        stop=EpochBoundStopper(max_n_epochs=2),
        batch_routine=Shuffles(),
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
    checkpoint = read(FolderCheckpointer(tmp_path, every=2).load(best_epoch), "model")
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
    result = trainer.train(stop=EpochBoundStopper(max_n_epochs=4))
    assert same_weights(model.state_dict(), by_hand(4)[0].state_dict())
    assert list(result.epoch_scores.index) == [1, 2, 3, 4]
    assert bare(seeded_regression(), 0).train().n_epochs_elapsed == 0


def test_a_checkpoint_continues_to_the_same_bits(tmp_path: Path) -> None:
    """D15: the published trainer restores neither epoch, stopper, history nor random state."""
    expected = trained(full(seeded_regression(), tmp_path / "whole", 6)).result
    trained(full(seeded_regression(), tmp_path / "parts", 4))
    torch.default_generator.manual_seed(99)
    second = full(seeded_regression(1), tmp_path / "parts", 6)
    assert second.restore() == 4
    result = second.train()
    assert result.epoch_scores.equals(expected.epoch_scores)
    assert same_weights(result.last_weights, expected.last_weights)
    assert result.best_epoch == expected.best_epoch
    assert result.n_steps == expected.n_steps == 24


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
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=2),
        batch_routine=Look(),
        loader_routines=[DataLoaderRoutine[Points, Fit](loader(), scores=[LossCallback("loss")])],
        progress=False,
    )
    trainer.train()
    assert modes == [True, False, False, False] * 2
    assert not norm.training


# -- what can go wrong -------------------------------------------------------------------------


def test_what_was_recorded_is_there_after_an_exception_and_after_ctrl_c() -> None:
    """D6 and 4.5: what an interrupted run had logged is lost."""
    for error in (RuntimeError("cable pulled"), KeyboardInterrupt()):
        client, model = Recorded(), seeded_regression()

        class Breaks:
            def __init__(self, error: BaseException) -> None:
                self.error = error

            def on_batch(self, step: int, batch: object, output: object) -> None:
                if step == 10:
                    raise self.error

        trainer = Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=9),
            batch_routine=Breaks(error),
            artifact_routine=bind(Noise(), model),
            tracking_client=client,
            progress=False,
        )
        with pytest.raises(type(error)):
            trainer.train()
        assert [value for name, value in client.scores if name == "noise"] == [1, 2]
        assert list(trainer.result.epoch_scores.index) == [1, 2]
        assert trainer.result.stop_reason.startswith(f"interrupted by {type(error).__name__}")


class Anything:
    """A batch source whose batches are not what it says."""

    def __init__(self, given: Callable[[], list[Points]]) -> None:
        self.given = given

    def batches(self, epoch: int) -> Iterator[Points]:
        return iter(self.given())

    def __len__(self) -> int:
        return 1


def with_loader(source: Anything) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer[Points, Fit](
        model=model,
        train_loader=source,
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=1),
        progress=False,
    )


def pretend_points(value: object) -> TypeGuard[Points]:
    """What a loader that yields `Any` does to the static checkers."""
    return value is not None


def lacking() -> list[Points]:
    batch: object = {"x": torch.zeros(4, 3)}
    assert pretend_points(batch)
    return [batch]


def test_a_batch_without_a_declared_key_is_named_before_forward() -> None:
    """4.4: a bare KeyError from the user's own code."""
    with pytest.raises(DataError, match=r'batch for Regression.*"y"'):
        with_loader(Anything(lacking)).train()


def test_a_loader_that_gives_nothing_is_an_error() -> None:
    """D13: the published trainer runs all epochs with 0 batches."""
    with pytest.raises(DataError, match="train_loader: gave no batch in epoch 1, expected 1"):
        with_loader(Anything(list)).train()
    with pytest.raises(DataError, match="train_loader: has 0 batches, expected at least 1"):
        Trainer[Points, Fit](
            model=(model := seeded_regression()),
            train_loader=Batches(points(0), 5),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=1),
        )


def test_a_score_that_nobody_produces_is_refused_at_build(tmp_path: Path) -> None:
    model = seeded_regression()
    with pytest.raises(ConfigurationError) as refused:
        Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=stop_when(PatienceStopper(patience=2), on=score("validation_los")),
            loader_routines=[
                DataLoaderRoutine[Points, Fit](loader(), scores=[LossCallback("validation_loss")])
            ],
        )
    assert str(refused.value) == (
        'score "validation_los": is monitored, but no routine produces it; the scores of this '
        "trainer are ['validation_loss']; monitor one of them or add a routine that produces it"
    )
    with pytest.raises(ConfigurationError, match='score "nope": is monitored'):
        full(seeded_regression(), tmp_path).train(
            stop=stop_when(PatienceStopper(patience=1), on=score("nope"))
        )


def test_two_results_of_one_name_are_refused_at_build() -> None:
    """D18: the second one silently replaces the first."""
    model = seeded_regression()
    with pytest.raises(ConfigurationError, match='score "noise": is produced 2 times, expected on'):
        Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=1),
            loader_routines=[
                DataLoaderRoutine[Points, Fit](loader(), scores=[LossCallback("noise")])
            ],
            artifact_routine=bind(Noise(), model),
        )


def test_a_routine_bound_to_another_model_is_refused() -> None:
    model = seeded_regression()
    with pytest.raises(ConfigurationError, match="artifact_routine: is bound to another model"):
        Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=1),
            artifact_routine=bind(Noise(), seeded_regression()),
        )


def test_a_step_for_another_model_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match="step: updates another Regression than model=, th"
    ):
        Trainer[Points, Fit](
            model=seeded_regression(),
            train_loader=loader(),
            step=OptimizerStep(seeded_regression(), optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=5),
            progress=False,
        )


class Elsewhere:
    """A step of the user's own: it does not say what it updates."""

    def __init__(self) -> None:
        self._inner = OptimizerStep[Points, Fit](seeded_regression(), optimizer=ADAM)

    @property
    def n_steps(self) -> int:
        return self._inner.n_steps

    def update(self, batch: Points) -> Fit:
        return self._inner.update(batch)

    def end_epoch(self) -> None: ...

    def after_scores(self, scores: Mapping[str, float]) -> None: ...

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


def test_a_step_for_another_model_is_noticed() -> None:
    with pytest.raises(LossError, match="no parameter changed in the first 5 epochs"):
        Trainer[Points, Fit](
            model=seeded_regression(),
            train_loader=loader(),
            step=Elsewhere(),
            stop=EpochBoundStopper(max_n_epochs=5),
            progress=False,
        ).train()


def test_a_device_that_is_not_there_is_named() -> None:
    model = seeded_regression()
    with pytest.raises(ConfigurationError, match="device.*tpu9"):
        Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=1),
            device="tpu9",
        )


def test_a_model_that_was_moved_away_is_noticed() -> None:
    """D16: the published model remembers the device it no longer is on."""
    trainer = bare(model := seeded_regression())
    model.to("meta")
    with pytest.raises(ConfigurationError, match="model: is on meta, the trainer's device is cpu"):
        trainer.train()


def test_parts_that_do_not_fit_are_all_named_at_once() -> None:
    model = seeded_regression()

    class Stop:
        def shouldstop(self, update: object) -> bool:
            return True

    def pretend_stop(value: object) -> TypeGuard[EarlyStopper[EpochState]]:
        return value is not None

    def pretend_checkpointer(value: object) -> TypeGuard[Checkpointer]:
        return value is not None

    stop: object = Stop()
    checkpointer: object = Stop()
    assert pretend_stop(stop)
    assert pretend_checkpointer(checkpointer)
    with pytest.raises(ContractError) as refused:
        Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=stop,
            checkpointer=checkpointer,
        )
    message = str(refused.value)
    assert "stop= Stop does not satisfy EarlyStopper[EpochState]:" in message
    assert "should_stop" in message
    assert "shouldstop" in message
    assert "checkpointer= Stop does not satisfy Checkpointer:" in message


def test_a_routine_that_produces_what_it_does_not_list_is_an_error() -> None:
    class Secret(Noise):
        @property
        def result_names(self) -> Sequence[ResultName]:
            return []

    model = seeded_regression()
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=1),
        artifact_routine=bind(Secret(), model),
        progress=False,
    )
    with pytest.raises(ValidationError, match='score "noise" came from a routine that does not'):
        trainer.train()


def test_a_nan_score_is_recorded_as_it_is() -> None:
    class Nan(Noise):
        def validate(self, model: nn.Module, epoch: int, /, *, final: bool) -> ArtifactResults:
            return ArtifactResults(scores={"noise": math.nan})

    model = seeded_regression()
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=1),
        best=track_best(BestScoreTracker(), by=score("noise")),
        artifact_routine=bind(Nan(), model),
        progress=False,
    )
    result = trainer.train()
    assert math.isnan(result.epoch_scores["noise"].loc[1])
    assert result.best_epoch is None


def test_parts_are_checked_where_they_are_handed_over() -> None:
    """What slips past the static checkers through `Any` is named on its own line."""

    def pretend(value: object) -> TypeGuard[Callable[..., object]]:
        return value is not None

    model = seeded_regression()
    parts: list[tuple[object, tuple[object, ...], Mapping[str, object], str]] = [
        (OptimizerStep, (model,), {"optimizer": optim.LBFGS}, "LBFGS does not satisfy Optimizer"),
        (stop_when, (EpochBoundStopper,), {"on": score("loss")}, "got the class EpochBoundStopper"),
        (stop_when, (3,), {"on": score("loss")}, "stopper= int does not satisfy EarlyStopper"),
        (track_best, (3,), {"by": score("loss")}, "tracker= int does not satisfy ModelTracker"),
        (bind, (3, model), {}, "routine= int does not satisfy ArtifactRoutine"),
        (BatchRoutine, ([LossCallback("loss")],), {}, "LossCallback does not satisfy BatchCallb"),
        (DataLoaderRoutine, (loader(),), {"scores": [LossCallback]}, "got the class LossCallback"),
        (per_epoch, (plateau(),), {}, "ReduceLROnPlateau does not satisfy Scheduler"),
    ]
    for function, arguments, named, message in parts:
        assert pretend(function)
        with pytest.raises(ContractError, match=message):
            function(*arguments, **named)


def plateau() -> optim.lr_scheduler.ReduceLROnPlateau:
    return optim.lr_scheduler.ReduceLROnPlateau(ADAM(seeded_regression().parameters()))


# -- what a review found -----------------------------------------------------------------------


def test_parameters_that_moved_but_kept_their_sum_have_moved() -> None:
    layer = nn.Linear(2, 1, bias=False)
    nn.init.zeros_(layer.weight)
    movement = Movement(layer)
    movement.start()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.7, -0.7]]))
    movement.after(N_EPOCHS, N_UPDATES)


def test_a_model_that_stands_still_is_named_once_it_had_its_epochs_and_updates() -> None:
    movement = Movement(nn.Linear(2, 1))
    movement.start()
    movement.after(N_EPOCHS - 1, 1000)
    movement.after(N_UPDATES - 1, N_UPDATES - 1)
    with pytest.raises(LossError) as refused:
        movement.after(N_UPDATES, N_UPDATES)
    assert str(refused.value) == (
        "model: no parameter changed in the first 20 epochs (20 updates), expected some to; the "
        "training step updates another model than the trainer's, its learning rate is 0, or its "
        "float16 loss scale skips every update: give the step the trainer's model, a learning rate "
        "above 0, or autocast=torch.bfloat16"
    )


def test_what_moved_once_is_not_looked_at_again() -> None:
    layer = nn.Linear(2, 1)
    before = layer.weight.detach().clone()
    movement = Movement(layer)
    movement.start()
    with torch.no_grad():
        layer.weight.add_(1)
    movement.after(1, 1)
    with torch.no_grad():
        layer.weight.copy_(before)
    movement.after(N_EPOCHS, N_UPDATES)


@pytest.mark.parametrize("model", [nn.Flatten(), nn.Linear(2, 1).requires_grad_(False)])
def test_a_model_whose_step_trains_no_gradient_is_left_alone(model: nn.Module) -> None:
    movement = Movement(model)
    movement.start()
    movement.after(N_EPOCHS, N_UPDATES)


class Loud(nn.Module):
    """A loss so high that its gradients are infinite until the scale has been halved often."""

    def __init__(self, model: Regression) -> None:
        super().__init__()
        self.model = model

    def forward(self, points: Points) -> Fit:
        output: Fit = self.model(points)
        return Fit(loss=output["loss"] * 1e3, residual=output["residual"])


def test_updates_that_a_float16_loss_scale_skips_are_waited_for() -> None:
    model = seeded_regression()
    weights = [p.detach().clone() for p in model.parameters()]
    step = OptimizerStep[Points, Fit](
        Loud(model), optimizer=lambda p: optim.SGD(p, lr=1e-6), autocast=torch.float16
    )
    movement = Movement(model)
    movement.start()
    for epoch in range(1, N_UPDATES + 1):
        step.update(points(4))
        step.end_epoch()
        if epoch == N_EPOCHS:  # the scale is still too high
            assert all(map(torch.equal, weights, model.parameters()))
        movement.after(epoch, step.n_steps)
    assert not all(map(torch.equal, weights, model.parameters()))


@pytest.mark.parametrize("n_still", [1, 2])
def test_a_warm_up_may_begin_with_a_learning_rate_of_zero(n_still: int) -> None:
    model = seeded_regression()

    def warm_up(optimizer: optim.Adam) -> Schedule:
        return per_epoch(
            optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: float(epoch >= n_still))
        )

    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(batch_size=2),
        step=OptimizerStep(model, optimizer=ADAM, schedule=warm_up),
        stop=EpochBoundStopper(max_n_epochs=3),
        progress=False,
    )
    assert trainer.train().n_epochs_elapsed == 3


def test_going_back_forgets_what_came_after(tmp_path: Path) -> None:
    trainer = trained(full(seeded_regression(), tmp_path, 6))
    assert trainer.result.best_epoch is not None
    assert trainer.result.best_epoch > 2
    assert trainer.restore(4) == 4
    assert list(trainer.result.epoch_scores.index) == [1, 2, 3, 4]
    assert trainer.result.best_epoch in {None, 2, 4}


def test_a_checkpoint_with_another_stopper_starts_it_afresh(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = full(seeded_regression(), tmp_path, 2)
    trainer.train(stop=stop_when(PatienceStopper(patience=1), on=lambda _state: 1.0))
    second = full(seeded_regression(), tmp_path, 4)
    assert second.restore() == 1
    assert second.train().n_epochs_elapsed == 4
    assert "AnyStopper starts afresh" in caplog.text


def test_a_checkpoint_of_another_optimizer_is_refused(tmp_path: Path) -> None:
    trained(full(seeded_regression(), tmp_path, 2))
    model = seeded_regression()
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=lambda p: optim.SGD(p, lr=0.1)),
        stop=EpochBoundStopper(max_n_epochs=3),
        checkpointer=FolderCheckpointer(tmp_path, every=1),
        progress=False,
    )
    with pytest.raises(CheckpointError, match="its optimizer state is of Adam, this step has SGD"):
        trainer.restore()


def test_an_interrupted_accumulation_leaves_nothing_behind() -> None:
    def interrupted(*, first: bool) -> Regression:
        model = seeded_regression().eval()

        class Once:
            def __init__(self) -> None:
                self.due = first

            def on_batch(self, step: int, batch: object, output: object) -> None:
                if self.due:
                    self.due = False
                    raise RuntimeError("once")

        for part in model.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
        trainer = Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM, accumulate=2),
            stop=EpochBoundStopper(max_n_epochs=1),
            batch_routine=Once(),
            progress=False,
        )
        if first:
            with pytest.raises(RuntimeError, match="once"):
                trainer.train()
        assert trainer.train().n_steps == 2
        return model

    expected, got = interrupted(first=False), interrupted(first=True)
    assert same_weights(expected.state_dict(), got.state_dict())


def test_a_gradient_of_nan_in_the_last_batch_is_not_recorded(tmp_path: Path) -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(3))

        def forward(self, points: Points) -> Fit:
            residual = points["x"] * self.weight
            return Fit(loss=residual.square().sum().sqrt(), residual=residual)

    model = Root()
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(5),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=1),
        checkpointer=FolderCheckpointer(tmp_path / "none", every=1),
        progress=False,
    )
    with pytest.raises(LossError, match="a parameter is NaN or infinite after this epoch"):
        trainer.train()
    assert not (tmp_path / "none").exists()


def test_scores_of_any_number_type_survive_a_checkpoint(tmp_path: Path) -> None:
    class Numpy(Noise):
        def validate(self, model: nn.Module, epoch: int, /, *, final: bool) -> ArtifactResults:
            return ArtifactResults(scores={"noise": np.float64(epoch)})

    def build(n_epochs: int) -> Trainer[Points, Fit]:
        model = seeded_regression()
        return Trainer[Points, Fit](
            model=model,
            train_loader=loader(),
            step=OptimizerStep(model, optimizer=ADAM),
            stop=EpochBoundStopper(max_n_epochs=n_epochs),
            checkpointer=FolderCheckpointer(tmp_path, every=1),
            artifact_routine=bind(Numpy(), model),
            progress=False,
        )

    build(1).train()
    second = build(2)
    second.restore()
    assert list(second.train().epoch_scores["noise"]) == [1.0, 2.0]


def test_a_missing_output_key_is_named_before_a_callback_sees_it() -> None:
    class Forgets(Regression):
        def forward(self, points: Points) -> Fit:
            output: object = {"loss": super().forward(points)["loss"]}
            assert pretend_fit(output)
            return output

    def pretend_fit(value: object) -> TypeGuard[Fit]:
        return value is not None

    class Reads:
        def on_batch(self, step: int, batch: object, output: Fit) -> None:
            assert output["residual"].dim()

    model = Forgets()
    trainer = Trainer[Points, Fit](
        model=model,
        train_loader=loader(),
        step=OptimizerStep(model, optimizer=ADAM),
        stop=EpochBoundStopper(max_n_epochs=1),
        batch_routine=Reads(),
        progress=False,
    )
    with pytest.raises(DataError, match=r'output of Forgets.*"residual"'):
        trainer.train()
