"""How a run with results under way ends: other stoppers, a second Ctrl-C, children of a part."""

import os
import signal
import threading
from collections.abc import Sequence
from functools import partial

import pytest
import torch

from artifact_torch import (
    Beside,
    BestScoreTracker,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    bind,
)
from artifact_torch.contracts import AnyStep, EarlyStopper, Every, Moment, ResultName, RunState
from artifact_torch.trainer.loop.pending import Pending
from artifact_torch.trainer.loop.signals import Signals
from artifact_torch.validation.configuration import Where
from artifact_torch.validation.elsewhere import Elsewhere
from tests.toys import Fit, Points, points, seeded_regression
from tests.validation.doubles import slow_workers
from tests.validation.parts import SCORE, Looks

ADAM = partial(torch.optim.Adam, lr=0.01)


class Stumbles:
    """Raises at one step."""

    every: Every = 1
    result_names: Sequence[ResultName] = ()

    def __init__(self, at: int) -> None:
        self._at = at

    def on_moment(self, step: AnyStep, moment: Moment) -> dict[str, float]:
        if moment.step == self._at:
            raise OSError("stumbled")
        return {}


def trainer(validation: Where, *stop: EarlyStopper[RunState], at: int = -1) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=[*stop, EpochBoundStopper(max_n_epochs=6)],
        best=BestScoreTracker("weight", mode="max"),
        callbacks=[Stumbles(at)],
        routines=[bind(Looks(names=[SCORE]), model)],
        progress=False,
        validation=validation,
    )


def test_other_stoppers_go_on_where_one_that_decides_late_ended_it() -> None:
    with slow_workers(lambda: 0.0):
        late = trainer(Beside(staleness=1), PatienceStopper("weight", patience=1, mode="max"))
        first = late.train()
        assert "no improvement" in first.stop_reason
        result = late.train(stop=[EpochBoundStopper(max_n_epochs=9)])
    assert (result.n_epochs_elapsed, result.stop_reason) == (9, "9 epochs completed")


def test_a_second_ctrl_c_while_it_waits_ends_the_processes_and_closes_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[Elsewhere] = []
    close, waits = Elsewhere.close, list[float]()

    def interrupted(
        _pending: Pending, timeout_s: float, _why: str, *, before: int | None = None
    ) -> None:
        assert before is None
        waits.append(timeout_s)
        raise KeyboardInterrupt

    def noting(elsewhere: Elsewhere) -> None:
        closed.append(elsewhere)
        close(elsewhere)

    monkeypatch.setattr(Pending, "give_up", interrupted)
    monkeypatch.setattr(Elsewhere, "close", noting)
    with slow_workers(lambda: 0.0, ready=threading.Event()):
        stumbling = trainer(Beside(staleness=3), at=8)
        with pytest.raises(KeyboardInterrupt):
            stumbling.train()
    assert len(closed) == 1
    assert len(waits) == 1
    assert "the run ended before it was computed" in stumbling.result.failures["weight"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_that_a_part_forks_is_ended_by_sigterm_as_ever() -> None:
    with Signals(grace_s=30.0).heard(lambda: None):
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(0)
        _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGTERM
