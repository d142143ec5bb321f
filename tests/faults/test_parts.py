"""Callbacks, routines and hooks that raise, and clients that misbehave."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from torch import optim

from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    LossCallback,
    OptimizerStep,
    TensorTable,
    bind,
)
from artifact_torch.contracts import AnyStep, Moment, ResultKind, ResultName, RunState
from artifact_torch.testing.asked import Client
from artifact_torch.testing.promises import TRACKERS, kept_beside_trackers
from artifact_torch.testing.runs import require_same
from tests.faults.conftest import CAUSES_ALL, Leads
from tests.faults.trainers import forty_steps, short
from tests.toys import Fit, Points, points, same_weights, seeded_regression


class Raises:
    """At one of its methods, in epoch 2, once."""

    name = "raises"

    def __init__(self, method: str) -> None:
        self.method = method
        self.n_calls = 0

    def _pass(self, method: str) -> None:
        if method == self.method:
            self.n_calls += 1
            if self.n_calls == 2:
                raise ZeroDivisionError(f"in {method}")


class OnBatch(Raises):
    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        self._pass("on_batch")


class OnMoment(Raises):
    every = 1
    result_names = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        self._pass("on_moment")
        return {}


class Validates(Raises):
    result_names = ((ResultKind.SCORE, "odd"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names

    def validate(
        self, model: object, names: Collection[ResultName], moment: Moment
    ) -> Mapping[str, float]:
        if not moment.is_rehearsal:
            self._pass("validate")
        return {"odd": 1.0}


class InHook(Raises):
    def on_epoch_end(self, state: RunState) -> None:
        self._pass("on_epoch_end")


class InScore(Raises):
    def start(self) -> None:
        self._pass("start")

    def update(self, batch: Points, output: object) -> None:
        self._pass("update")

    def finish(self) -> float:
        self._pass("finish")
        return 0.0


def test_a_batch_callback_that_raises_is_named_and_the_run_goes_on_after(tmp_path: Path) -> None:
    trainer = short(tmp_path / "run", callbacks=[OnBatch("on_batch")])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    notes = "\n".join(raised.value.__notes__)
    assert "OnBatch.on_batch" in notes
    assert "step 2" in notes
    assert same_weights(trainer.train().last_weights, short(None).train().last_weights)


def test_a_step_callback_that_raises_is_named_and_the_run_goes_on_after(tmp_path: Path) -> None:
    trainer = short(tmp_path / "run", callbacks=[OnMoment("on_moment")])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    assert "in OnMoment.on_moment, at epoch 2" in raised.value.__notes__
    assert same_weights(trainer.train().last_weights, short(None).train().last_weights)


def test_a_routine_that_raises_is_named_and_the_run_goes_on_after(tmp_path: Path) -> None:
    step = OptimizerStep(seeded_regression(), optimizer=partial(optim.Adam, lr=0.01))
    routine = bind(Validates("validate"), step.model)
    trainer = short(tmp_path / "run", step=step, routines=[routine])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    assert "in Validates.validate, at epoch 2" in raised.value.__notes__
    assert trainer.train().n_epochs_elapsed == 3


def test_a_hook_that_raises_is_named_and_the_run_goes_on_after(tmp_path: Path) -> None:
    trainer = short(tmp_path / "run", hooks=[InHook("on_epoch_end")])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    assert any("InHook.on_epoch_end" in note for note in raised.value.__notes__)
    assert same_weights(trainer.train().last_weights, short(None).train().last_weights)


@pytest.mark.parametrize("method", ["start", "update", "finish"])
def test_a_score_that_raises_is_named_and_the_run_goes_on_after(
    tmp_path: Path, method: str
) -> None:
    loader = DataLoader(TensorTable(points(10)), batch_size=10)
    routine = DataLoaderRoutine(loader, scores=[LossCallback("loss"), InScore(method)])
    trainer = short(tmp_path / "run", routines=[routine])
    with pytest.raises(ZeroDivisionError) as raised:
        trainer.train()
    assert any(f"InScore.{method}" in note for note in raised.value.__notes__)
    result = trainer.train()
    assert same_weights(result.last_weights, short(None).train().last_weights)
    assert list(result.epoch_scores["loss"].notna()) == [True, True, True]


class Interrupts:
    """Ctrl-C at the third batch."""

    def __init__(self) -> None:
        self.n_batches = 0

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        self.n_batches += 1
        if self.n_batches == 3:
            raise KeyboardInterrupt


def test_ctrl_c_leaves_history_and_model_usable(tmp_path: Path) -> None:
    trainer = short(tmp_path / "run", callbacks=[Interrupts()])
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert trainer.result.n_epochs_elapsed == 1
    assert trainer.result.stop_reason == "interrupted by KeyboardInterrupt"
    assert same_weights(trainer.train().last_weights, short(None).train().last_weights)


def test_no_tracking_client_can_touch_a_run(leads: Leads) -> None:
    runs = leads(forty_steps)
    if CAUSES_ALL:
        kept_beside_trackers(runs)
        return
    runs.begin()
    for client in (Client(how="hangs", shape="results"), Client(how="draws", shape="tracking")):
        (end,) = runs.led(runs.new_folder(), [client])
        require_same(end, TRACKERS, client.how)
