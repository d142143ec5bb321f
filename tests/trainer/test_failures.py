"""Everything that can go wrong around a run is said in words."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

import pytest
import torch
from torch import nn, optim

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    PatienceStopper,
    Trainer,
    bind,
)
from artifact_torch.contracts import (
    ArtifactResults,
    Checkpointer,
    EarlyStopper,
    ModelTracker,
    Moment,
    ResultKind,
    ResultName,
    RunState,
)
from artifact_torch.errors import (
    ConfigurationError,
    ContractError,
    DataError,
    LossError,
    ValidationError,
)
from tests.toys import Batches, Fit, Points, Regression, points, same_weights, seeded_regression
from tests.trainer.composed import ADAM, SGD, Noise, Recorded, bare, full, loader, loose


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

        trainer = Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=9)],
            callbacks=[Breaks(error)],
            tracking_clients=[client],
            progress=False,
            routines=[bind(Noise(), model)],
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
    return Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=source,
        stop=[EpochBoundStopper(max_n_epochs=1)],
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
        Trainer(
            OptimizerStep(seeded_regression(), optimizer=ADAM),
            train_loader=Batches(points(0), 5),
            stop=[EpochBoundStopper(max_n_epochs=1)],
        )


def test_a_score_that_nobody_produces_is_refused_at_build(tmp_path: Path) -> None:
    model = seeded_regression()
    with pytest.raises(ConfigurationError) as refused:
        Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[PatienceStopper("validation_los", patience=2)],
            routines=[DataLoaderRoutine(loader(), scores=[LossCallback("validation_loss")])],
        )
    assert str(refused.value) == (
        'score "validation_los": is monitored, but no routine produces it; the scores of this '
        "trainer are ['validation_loss']; monitor one of them or add a routine that produces it"
    )
    with pytest.raises(ConfigurationError, match='score "nope": is monitored'):
        full(seeded_regression(), tmp_path).train(stop=[PatienceStopper("nope", patience=1)])


def test_two_results_of_one_name_are_refused_at_build() -> None:
    """D18: the second one silently replaces the first."""
    model = seeded_regression()
    with pytest.raises(ConfigurationError, match='score "noise": is produced 2 times, expected on'):
        Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            routines=[
                DataLoaderRoutine(loader(), scores=[LossCallback("noise")]),
                bind(Noise(), model),
            ],
        )


def test_a_routine_bound_to_another_model_is_refused() -> None:
    model = seeded_regression()
    with pytest.raises(ConfigurationError, match="routines: Noise is bound to another model"):
        Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            routines=[bind(Noise(), seeded_regression())],
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

    def pretend_stop(value: object) -> TypeGuard[EarlyStopper[RunState]]:
        return value is not None

    def pretend_checkpointer(value: object) -> TypeGuard[Checkpointer]:
        return value is not None

    stop: object = Stop()
    checkpointer: object = Stop()
    assert pretend_stop(stop)
    assert pretend_checkpointer(checkpointer)
    with pytest.raises(ContractError) as refused:
        Trainer(
            OptimizerStep(model, optimizer=ADAM),
            train_loader=loader(),
            stop=[stop],
            checkpointer=checkpointer,
        )
    message = str(refused.value)
    assert "stop= Stop does not satisfy EarlyStopper[RunState]:" in message
    assert "should_stop" in message
    assert "shouldstop" in message
    assert "checkpointer= Stop does not satisfy Checkpointer:" in message


def test_a_routine_that_produces_what_it_does_not_list_is_an_error() -> None:
    class Secret(Noise):
        @property
        def result_names(self) -> Sequence[ResultName]:
            return [(ResultKind.SCORE, "calm")]

    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
        routines=[bind(Secret(), model)],
    )
    with pytest.raises(ValidationError, match='score "noise" came from a routine that does not'):
        trainer.train()


def test_a_nan_score_is_recorded_as_it_is() -> None:
    class Nan(Noise):
        def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
            return ArtifactResults(scores={"noise": math.nan})

    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        best=BestScoreTracker("noise"),
        progress=False,
        routines=[bind(Nan(), model)],
    )
    result = trainer.train()
    assert math.isnan(result.epoch_scores["noise"].loc[1])
    assert result.best_epoch is None


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
        trainer = Trainer(
            OptimizerStep(model, optimizer=ADAM, accumulate=2),
            train_loader=loader(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            callbacks=[Once()],
            progress=False,
        )
        if first:
            with pytest.raises(RuntimeError, match="once"):
                trainer.train()
        assert trainer.train().n_steps == 2
        return model

    expected, got = interrupted(first=False), interrupted(first=True)
    assert same_weights(expected.state_dict(), got.state_dict())


def test_an_update_that_failed_leaves_no_scaled_gradient_behind() -> None:
    due = [True]

    def fail_once(*_: object) -> None:
        if due:
            due.clear()
            raise RuntimeError("out of memory")

    def hooked(parameters: Iterable[nn.Parameter]) -> optim.SGD:
        optimizer = SGD(parameters)
        optimizer.register_step_pre_hook(fail_once)
        return optimizer

    trainer = Trainer(
        OptimizerStep(seeded_regression(), optimizer=hooked, autocast=torch.float16, device="cpu"),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )
    with pytest.raises(RuntimeError, match="out of memory"):
        trainer.train()
    assert not due
    assert trainer.train().n_epochs_elapsed == 1


def test_a_gradient_of_nan_is_not_recorded(tmp_path: Path) -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(3))

        def forward(self, points: Points) -> Fit:
            residual = points["x"] * self.weight
            return Fit(loss=residual.square().sum().sqrt(), residual=residual)

    model = Root()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(5),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        checkpointer=FolderCheckpointer(tmp_path / "none", every=1),
        progress=False,
    )
    with pytest.raises(LossError, match="gradient: that of weight is not finite at step 1"):
        trainer.train()
    assert list((tmp_path / "none").iterdir()) == []


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
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[Reads()],
        progress=False,
    )
    with pytest.raises(DataError, match=r'output of Forgets.*"residual"'):
        trainer.train()


def failing(batch: Points) -> pytest.ExceptionInfo[Exception]:
    """What training on `batch` ends in, in its second step."""
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Anything(lambda: [points(4), batch]),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        progress=False,
    )
    with pytest.raises(Exception) as raised:  # noqa: PT011
        trainer.train()
    return raised


def test_an_error_in_forward_says_which_batch_it_was() -> None:
    wide = Points(x=torch.zeros(4, 5), y=torch.zeros(4))
    raised = failing(wide)
    assert raised.type is RuntimeError
    assert raised.value.__notes__ == [
        "in epoch 1, step 2: x: float32 [4, 5]; y: float32 [4]",
        (
            "after 0 completed epochs and 1 updates of the training of Regression, "
            "whose parameters are torch.float32"
        ),
    ]
    double = failing(Points(x=torch.zeros(4, 3, dtype=torch.float64), y=torch.zeros(4)))
    assert double.value.__notes__[0] == "in epoch 1, step 2: x: float64 [4, 3]; y: float32 [4]"


def test_an_error_in_validation_says_which_batch_it_was() -> None:
    wide = Points(x=torch.zeros(4, 5), y=torch.zeros(4))
    batches = [points(4)] * 3 + [wide]  # no longer one of those that are checked
    trainer = loose(
        routines=[DataLoaderRoutine(Anything(lambda: batches), scores=[LossCallback("l")])]
    )
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied") as raised:
        trainer.train()
    assert raised.value.__notes__[0] == (
        "in validation at epoch 1: x: float32 [4, 5]; y: float32 [4]"
    )


def test_a_batch_that_holds_nan_is_blamed_and_not_the_learning_rate() -> None:
    raised = failing(Points(x=torch.full((4, 3), math.nan), y=torch.zeros(4)))
    assert raised.type is LossError
    assert 'at step 2: nan, after batch["x"] with NaN or infinity; clean the' in str(raised.value)
    assert "learning rate" not in str(raised.value)


class Impatient:
    """Reads a score as if it were always there."""

    def __init__(self, name: str = "noise", unit: str = "seconds") -> None:
        self.name = name
        self.unit = unit
        self.limits = {"seconds": 2.0}

    def should_stop(self, update: RunState) -> bool:
        return update.scores[self.name] >= self.limits[self.unit]

    def is_best(self, criterion: RunState) -> bool:
        return self.should_stop(criterion)


def deciding(
    stop: EarlyStopper[RunState],
    best: ModelTracker[RunState] | None = None,
    noise: Noise | None = None,
) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=loader(),
        stop=[stop],
        best=best,
        routines=[bind(noise or Noise(), model)],
        progress=False,
    )


def test_a_stopper_that_reads_a_score_before_there_is_one_is_told() -> None:
    with pytest.raises(ValidationError) as refused:
        deciding(Impatient()).train()
    assert str(refused.value) == (
        'Impatient.should_stop: got no score "noise" in epoch 0, whose scores are []; there is '
        "none before the first epoch and where it is not due: read it with "
        'scores.get("noise"), or score("noise"), which give None then'
    )


def test_a_tracker_that_reads_a_score_where_it_is_not_due_is_told() -> None:
    run = deciding(EpochBoundStopper(max_n_epochs=2), Impatient(), Noise(every=2))
    with pytest.raises(ValidationError, match='Impatient.is_best: got no score "noise" in epoch 1'):
        run.train()


def test_a_missing_key_of_another_dict_is_the_users_own_error() -> None:
    """The score is there, no limit is called so."""
    run = deciding(EpochBoundStopper(max_n_epochs=1), Impatient("noise", unit="noise"))
    with pytest.raises(KeyError, match="noise") as raised:
        run.train()
    assert raised.value.__notes__[0] == (
        "Impatient.is_best was asked after epoch 1, whose scores are ['noise']"
    )


def test_whose_error_it_is_where_a_stopper_needs_some_score() -> None:
    class Greedy:
        def should_stop(self, update: RunState) -> bool:
            return min(update.scores.values()) < 0.5

    with pytest.raises(ValueError, match="empty") as raised:
        deciding(Greedy()).train()
    assert raised.value.__notes__[0] == (
        "Greedy.should_stop was asked after epoch 0, whose scores are []"
    )
