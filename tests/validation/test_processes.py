"""Worker processes that die, take too much, or cannot be sent what they would need."""

import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from torch import nn

from artifact_torch import (
    Beside,
    BestScoreTracker,
    Compile,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
    TrainingResult,
    bind,
    minutes,
)
from artifact_torch.contracts import ArtifactRoutine, Moment
from artifact_torch.errors import ValidationError
from artifact_torch.internal.failing import OnFailure
from artifact_torch.stepping.compiling.forward import compile_in_place
from artifact_torch.trainer.loop.pending import Pending
from artifact_torch.validation import elsewhere, parcels
from artifact_torch.validation.configuration import Where
from artifact_torch.validation.jobs import Answer, Job
from artifact_torch.validation.process import Sent, WorkerProcess
from artifact_torch.validation.rounds import Due
from artifact_torch.validation.surroundings import surroundings_here
from artifact_torch.validation.worker import sendable
from tests.toys import Fit, Points, Regression, points, seeded_regression
from tests.validation.doubles import slow_workers
from tests.validation.parts import SCORE, AwkwardError, Dies, Looks, Raises

ADAM = partial(torch.optim.Adam, lr=0.01)
ROOT = Path(__file__).parents[2]


def trained(
    routine: ArtifactRoutine[nn.Module],
    validation: Where,
    *,
    model: Regression | None = None,
    n_epochs: int = 2,
    on_failure: OnFailure = "raise",
) -> TrainingResult:
    net = model or seeded_regression()
    trainer: Trainer[Points, Fit] = Trainer(
        OptimizerStep(net, optimizer=ADAM, device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5, shuffle=True, seed=0),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        routines=[bind(routine, net)],
        progress=False,
        validation=validation,
        on_failure=on_failure,
    )
    return trainer.train()


@pytest.mark.parametrize("how", ["kill", "exit"])
def test_a_process_that_dies_is_started_again_and_nothing_is_missing(
    tmp_path: Path, how: str
) -> None:
    result = trained(Dies(tmp_path, how=how), "beside")
    assert (tmp_path / "died").exists()
    assert result.failures == {}
    assert list(result.scores["weight"].index) == [(1, 4), (2, 8)]


@pytest.mark.parametrize(
    ("how", "limits", "told"),
    [
        ("kill", Beside(), "lost: its process was ended by SIGKILL"),
        ("memory", Beside(memory_mib=1000), "lost: its process took more than 1000 MiB"),
        ("sleep", Beside(time_limit=minutes(0.05)), "lost: it took more than 0.05 minutes"),
    ],
)
def test_one_that_dies_again_is_a_failure_and_training_goes_on(
    tmp_path: Path, how: str, limits: Beside, told: str
) -> None:
    result = trained(Dies(tmp_path, how=how, always=True), limits, n_epochs=1)
    assert told in result.failures["weight"]
    assert result.n_epochs_elapsed == 1


def test_what_a_routine_raises_ends_the_run_with_its_place() -> None:
    with slow_workers(lambda: 0.0), pytest.raises(OSError, match="no table") as caught:
        trained(Raises(), "beside", n_epochs=4)
    notes = " ".join(caught.value.__notes__)
    assert "in Raises.validate, at epoch 2" in notes
    assert "beside the training" in notes


def test_or_it_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with slow_workers(lambda: 0.0):
        result = trained(Raises(), Beside(pending=1), n_epochs=4, on_failure="disable")
    assert "OSError: no table" in result.failures["weight"]
    assert result.n_epochs_elapsed == 4
    assert "seen at epoch 1" in caplog.messages
    assert list(result.scores["weight"].index) == [(1, 4)]


def test_an_error_that_no_other_process_can_make_again_is_told_in_words() -> None:
    answer = pickle.loads(sendable(Answer(error=AwkwardError("one", "two"))))  # noqa: S301
    assert isinstance(answer.error, ValidationError)
    assert "AwkwardError: one two" in str(answer.error)


def test_training_does_not_wait_for_what_cannot_be_sent() -> None:
    done = threading.Event()
    here = replace(surroundings_here(None, None), style={"a function": lambda: None})
    worker = WorkerProcess(here, time_limit=None, tell=done.set)
    sent = Sent(
        Job(
            routine=Path(),
            targets=Path(),
            position=0,
            names=[SCORE],
            moment=Moment(epoch=1, step=4),
            seed=0,
        )
    )
    worker.submit(sent)
    assert done.wait(60)
    assert sent.answer is not None
    assert "what is sent between it and its process cannot be" in sent.answer.unable
    worker.close()


def test_what_was_sent_before_it_was_left_out_is_not_taken() -> None:
    expected = trained(Raises(), "inline", n_epochs=4, on_failure="disable")
    with slow_workers(lambda: 0.2):
        result = trained(Raises(), Beside(pending=4), n_epochs=4, on_failure="disable")
    assert list(result.scores["weight"].index) == list(expected.scores["weight"].index) == [(1, 4)]


class _Open(Looks):
    def __init__(self, path: Path) -> None:
        super().__init__(names=[SCORE])
        self.file = path.open("w")


def test_what_cannot_be_sent_is_computed_here_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    routine = _Open(tmp_path / "open")
    result = trained(routine, "beside", n_epochs=3)
    routine.file.close()
    assert len(result.scores) == 3
    told = [
        each for each in caplog.messages if '_Open ("weight") is computed in the training' in each
    ]
    assert len(told) == 1
    assert "_Open.file cannot be pickled" in told[0]


class _Counts(Looks):
    n = 0

    def state_dict(self) -> dict[str, object]:
        return {"n": self.n}

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.n = int(str(state_dict["n"]))


def test_one_with_a_state_stays(caplog: pytest.LogCaptureFixture) -> None:
    with slow_workers(lambda: 0.0):
        trained(_Counts(), "beside")
    assert "_Counts keeps a state from one validation to the next" in caplog.text


def test_a_compiled_model_stays(caplog: pytest.LogCaptureFixture) -> None:
    model = seeded_regression()
    compile_in_place(model, Compile(backend="eager"))
    with slow_workers(lambda: 0.0):
        trained(Looks(), "beside", model=model)
    assert "its model is compiled" in caplog.text


def test_under_an_autocast_around_the_run_it_is_computed_here() -> None:
    def no_process() -> int:
        raise AssertionError("something was sent")

    with slow_workers(lambda: 0.0, deaths=no_process), torch.autocast("cpu", dtype=torch.bfloat16):
        beside = trained(Looks(names=[SCORE]), "beside")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inline = trained(Looks(names=[SCORE]), "inline")
    assert list(beside.scores["weight"]) == list(inline.scores["weight"])


def test_where_all_are_busy_a_moment_may_be_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left_out = threading.Event()
    tell = Pending.tell_left_out

    def told(pending: Pending) -> None:
        tell(pending)
        left_out.set()

    monkeypatch.setattr(Pending, "tell_left_out", told)
    with slow_workers(lambda: 0.0, ready=left_out):
        result = trained(Looks(names=[SCORE]), Beside(pending=1, when_full="skip"), n_epochs=3)
    assert list(result.scores["weight"].dropna().index) == [(1, 4), (3, 12)]
    assert "what is due now is left out" in caplog.text


def test_a_pass_over_a_loader_goes_as_a_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    real = parcels.pack

    def seen(content: object, file: Path) -> None:
        sent.append(f"{content}")
        real(content, file)

    monkeypatch.setattr("artifact_torch.validation.sendable.pack", seen)
    model = seeded_regression()
    loader = DataLoader(TensorTable(points(20)), batch_size=5)
    with slow_workers(lambda: 0.0):
        trainer: Trainer[Points, Fit] = Trainer(
            OptimizerStep(model, optimizer=ADAM, device="cpu"),
            train_loader=loader,
            stop=[EpochBoundStopper(max_n_epochs=1)],
            best=BestScoreTracker("a"),
            routines=[
                DataLoaderRoutine(loader, scores=[LossCallback("a"), LossCallback("b")]),
                DataLoaderRoutine(loader, scores=[LossCallback("c")]),
            ],
            progress=False,
            validation="beside",
        )
        assert {*trainer.train().scores} == {"a", "b", "c"}
    assert len(sent) == 1
    assert "1: Target(does='run'" in sent[0]
    assert "0: Target" not in sent[0]


def test_by_itself_it_starts_where_validation_takes_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started: list[int] = []
    monkeypatch.setattr(elsewhere, "PAYS_AFTER_S", 0.0)
    monkeypatch.setattr(elsewhere, "idle_cores", lambda: len(started) + 1)
    submitted = elsewhere.Elsewhere.submitted

    def noting(sender: elsewhere.Elsewhere, due: Due, job: Job) -> elsewhere.SentRoutine:
        started.append(due.position)
        return submitted(sender, due, job)

    model = seeded_regression()
    loader = DataLoader(TensorTable(points(20)), batch_size=5)
    with slow_workers(lambda: 0.0):
        trainer: Trainer[Points, Fit] = Trainer(
            OptimizerStep(model, optimizer=ADAM, device="cpu"),
            train_loader=loader,
            stop=[EpochBoundStopper(max_n_epochs=2)],
            routines=[
                DataLoaderRoutine(loader, scores=[LossCallback("ours")]),
                bind(Looks(names=[SCORE]), model),  # not ours: it may keep something on itself
            ],
            progress=False,
        )
        monkeypatch.setattr(elsewhere.Elsewhere, "submitted", noting)
        assert len(trainer.train().scores) == 2
    assert started == [0, 0]
    assert caplog.messages == []


def test_a_script_without_a_guard(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        dedent("""
        from typing import TypedDict
        import os
        import torch
        from torch import Tensor, nn
        from artifact_torch import *

        print("begun")

        class Rows(TypedDict):
            x: Tensor

        class Out(TypedDict):
            loss: Tensor

        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layer = nn.Linear(3, 1)
                self.scale = lambda x: 2 * x

            def forward(self, rows: Rows) -> Out:
                return Out(loss=self.scale(self.layer(rows["x"])).square().mean())

        class Process:
            name = "process"
            def start(self) -> None: ...
            def update(self, batch: object, output: object) -> None: ...
            def finish(self) -> float:
                return float(os.getpid())

        loader = DataLoader(TensorTable(Rows(x=torch.ones(8, 3))), batch_size=4)
        trainer = Trainer(
            OptimizerStep(Net(), optimizer=torch.optim.Adam),
            train_loader=loader,
            stop=[EpochBoundStopper(max_n_epochs=2)],
            routines=[DataLoaderRoutine(loader, scores=[Process(), LossCallback("loss")])],
            validation="beside",
            progress=False,
        )
        result = trainer.train()
        print(len({*result.scores["process"]}), os.getpid() in {*result.scores["process"]})
        """)
    )
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "begun\n1 False\n"
