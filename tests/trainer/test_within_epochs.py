"""Runs that stop, are saved, restored and interrupted in the middle of an epoch."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.optim.lr_scheduler import StepLR

from artifact_torch import (
    BestScoreTracker,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    TensorTable,
    Throughput,
    Trainer,
    per_step,
    steps,
)
from artifact_torch.contracts import (
    AnyStep,
    EarlyStopper,
    Every,
    Moment,
    ResultName,
    RunState,
    StepCallback,
)
from tests.toys import Fit, Points, points, same_weights, seeded_regression
from tests.trainer.composed import ADAM

N_STEPS = 14


class Interrupts:
    """A batch callback that is interrupted once, at the update it is told."""

    def __init__(self, at: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.at: int | None = at
        self.error = error

    def on_batch(self, step: int, batch: object, output: object) -> None:
        if step == self.at:
            self.at = None
            raise self.error


def build(
    folder: Path | None = None,
    *,
    every: int = 1,
    accumulate: int = 1,
    stop: EarlyStopper[RunState] | None = None,
    callbacks: tuple[Interrupts | StepCallback, ...] = (),
) -> Trainer[Points, Fit]:
    table = TensorTable(points())
    return Trainer(
        OptimizerStep(
            seeded_regression(),
            optimizer=ADAM,
            accumulate=accumulate,
            schedule=lambda optimizer: per_step(StepLR(optimizer, 3, gamma=0.5)),
        ),
        train_loader=DataLoader(table, batch_size=3, shuffle=True),
        stop=[stop or StepBoundStopper(max_n_steps=N_STEPS)],
        best=BestScoreTracker("v"),
        checkpointer=None
        if folder is None
        else FolderCheckpointer(folder, every=steps(every), keep=None),
        callbacks=callbacks,
        routines=[
            DataLoaderRoutine(
                DataLoader(table, batch_size=20), scores=[LossCallback("v")], every=steps(4)
            )
        ],
        progress=False,
    )


def fresh(make: Callable[[], Trainer[Points, Fit]]) -> Trainer[Points, Fit]:
    run = make()
    torch.default_generator.manual_seed(7)  # dropout draws from it
    return run


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(step=st.integers(1, N_STEPS), accumulate=st.integers(1, 3))
def test_a_run_goes_on_from_any_step_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, step: int, accumulate: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    whole = fresh(lambda: build(folder, accumulate=accumulate)).train()
    again = build(folder, accumulate=accumulate)
    torch.rand(5)  # another place of the generator
    assert again.restore(step=step).n_steps == step
    result = again.train()
    assert same_weights(result.last_weights, whole.last_weights)
    assert result.best_step == whole.best_step
    assert result.best_weights is not None
    assert whole.best_weights is not None
    assert same_weights(result.best_weights, whole.best_weights)
    assert result.scores.equals(whole.scores)
    assert result.epoch_scores.equals(whole.epoch_scores)


@pytest.mark.parametrize("accumulate", [1, 2, 3])
@pytest.mark.parametrize("at", [1, 5, 7, 10])
def test_an_interrupted_epoch_goes_on_with_the_batch_that_was_not_done(
    at: int, accumulate: int
) -> None:
    """Interrupted after an update: nothing is trained twice, nothing is left out."""
    expected = fresh(lambda: build(accumulate=accumulate)).train()
    run = fresh(lambda: build(accumulate=accumulate, callbacks=(Interrupts(at),)))
    with pytest.raises(KeyboardInterrupt):
        run.train()
    result = run.train()
    assert result.n_steps == N_STEPS
    assert result.n_epochs_elapsed == expected.n_epochs_elapsed
    if accumulate == 1:  # else the window that was interrupted draws its dropout again
        assert same_weights(result.last_weights, expected.last_weights)
        assert result.scores.equals(expected.scores)


def test_a_whole_epoch_has_its_steps_however_often_it_is_interrupted() -> None:
    run = fresh(
        lambda: build(
            stop=EpochBoundStopper(max_n_epochs=2), callbacks=(Interrupts(3), Interrupts(9))
        )
    )
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run.train()
    result = run.train()
    assert (result.n_epochs_elapsed, result.n_steps) == (2, 14)
    assert list(result.epoch_scores.index) == [1, 2]


def test_an_error_says_where_it_was_and_whose() -> None:
    run = build(callbacks=(Interrupts(9, ValueError),))
    with pytest.raises(ValueError) as raised:  # noqa: PT011 its notes are looked at
        run.train()
    notes = "\n".join(raised.value.__notes__)
    assert "in Interrupts.on_batch" in notes
    assert "in epoch 2, step 9" in notes
    assert run.result.n_steps == 9


def test_a_stop_within_an_epoch_is_gone_on_from() -> None:
    in_two = fresh(lambda: build(stop=StepBoundStopper(max_n_steps=5)))
    assert in_two.train().n_steps == 5
    result = in_two.train(stop=[StepBoundStopper(max_n_steps=N_STEPS)])
    whole = fresh(build).train()
    assert same_weights(result.last_weights, whole.last_weights)
    assert result.n_epochs_elapsed == whole.n_epochs_elapsed


class Fails:
    """A step callback that fails once, at the step it is told."""

    every: Every = steps(1)
    result_names: Sequence[ResultName] = ()

    def __init__(self, at: int) -> None:
        self.at: int | None = at

    def on_moment(self, _step: AnyStep, moment: Moment) -> Mapping[str, float]:
        if moment.step == self.at:
            self.at = None
            raise OSError
        return {}


@pytest.mark.parametrize("at", [4, 7, 8, N_STEPS])
@pytest.mark.parametrize("failing", [Interrupts, Fails])
def test_a_moment_that_failed_is_there_when_the_run_goes_on(
    failing: type[Interrupts] | type[Fails], at: int
) -> None:
    """Its scores, and the stop that is asked there; the last step of an epoch is no second one."""
    expected = fresh(build).train()
    run = fresh(lambda: build(callbacks=(failing(at),)))
    with pytest.raises((KeyboardInterrupt, OSError)):
        run.train()
    result = run.train()
    assert result.n_steps == N_STEPS
    assert result.scores.equals(expected.scores)
    assert same_weights(result.last_weights, expected.last_weights)


def test_what_is_computed_at_the_end_of_a_run_knows_its_time() -> None:
    rates = build(callbacks=(Throughput(every=steps(10)),)).train().scores["steps_per_second"]
    assert [*rates.dropna().index] == [(1, 10), (2, N_STEPS)]
    assert (rates.dropna() > 0).all()


class Clings:
    """A watch that cannot let go."""

    every: Every = 1

    def on_batch(self, step: int, batch: object, output: object) -> None:
        """Nothing to do."""

    @contextmanager
    def watching(self) -> Generator[None]:
        yield
        raise OSError("here")


def test_a_hook_that_fails_at_the_end_takes_nothing_along() -> None:
    ended: list[int] = []

    class Ends:
        def on_end(self, state: RunState) -> None:
            ended.append(state.n_steps)

    run = Trainer(
        OptimizerStep(seeded_regression(), optimizer=ADAM),
        train_loader=DataLoader(TensorTable(points()), batch_size=3),
        stop=[StepBoundStopper(max_n_steps=3)],
        callbacks=[Clings()],
        hooks=[Ends()],
        progress=False,
    )
    with pytest.raises(OSError, match="here"):
        run.train()
    assert ended == [3]
