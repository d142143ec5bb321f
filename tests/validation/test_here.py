"""What another process cannot do is done here: nothing is lost, and it is told once."""

import subprocess
import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from artifact_torch import (
    Beside,
    DataLoader,
    EpochBoundStopper,
    OptimizerStep,
    PatienceStopper,
    TensorTable,
    Trainer,
    bind,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultName, RunState
from artifact_torch.validation import process
from artifact_torch.validation.parcels import unsendable
from tests.toys import Fit, Points, points, seeded_regression
from tests.validation.doubles import slow_workers
from tests.validation.parts import SCORE, Looks
from tests.validation.test_late import falling
from tests.validation.test_processes import trained


class NeedsModule(Looks):
    """Of a module that only the process that trains has."""

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        __import__("only_here")

        return super().validate(model, names, moment)


def test_an_error_of_another_process_alone_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "only_here", ModuleType("only_here"))
    expected = trained(NeedsModule(names=[SCORE]), "inline", n_epochs=3)
    result = trained(NeedsModule(names=[SCORE]), "beside", n_epochs=3)
    assert result.failures == {}
    assert list(result.scores["weight"]) == list(expected.scores["weight"])
    (told,) = [each for each in caplog.messages if "is computed in the training" in each]
    assert 'NeedsModule ("weight")' in told
    assert "No module named 'only_here'" in told


@pytest.mark.parametrize("how", ["no python", "no fork", "broken"])
def test_where_no_process_can_be_started_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    def refused(*_args: object, **_options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    match how:
        case "no python":
            monkeypatch.setattr(sys, "executable", "/no/such/python")
        case "no fork":
            monkeypatch.setattr(process, "Popen", refused)
        case _:
            monkeypatch.setattr(process, "_MODULE", "no_such_module")
    expected = trained(Looks(names=[SCORE]), "inline", n_epochs=3)
    result = trained(Looks(names=[SCORE]), "beside", n_epochs=3)
    assert result.failures == {}
    assert list(result.scores["weight"]) == list(expected.scores["weight"])
    assert len([each for each in caplog.messages if "all is computed in the training" in each]) == 1


def test_a_more_patient_stopper_goes_on_where_another_ended_it(tmp_path: Path) -> None:
    how = Beside(staleness=1)
    with slow_workers(lambda: 0.0):
        first = falling(how, PatienceStopper("here", patience=2), folder=tmp_path).train()
        assert first.n_epochs_elapsed == 5
        patient = falling(how, PatienceStopper("here", patience=5), folder=tmp_path)
        assert patient.train().n_epochs_elapsed > 5


class Silent:
    """Does not say what it reads."""

    def should_stop(self, update: RunState, /) -> bool:
        return update.n_epochs_elapsed > 1


def test_a_stopper_that_names_no_score_is_told_of_where_it_may_decide_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = seeded_regression()
    _: Trainer[Points, Fit] = Trainer(
        OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=0.01), device="cpu"),
        train_loader=DataLoader(TensorTable(points(20)), batch_size=5),
        stop=[Silent(), EpochBoundStopper(max_n_epochs=3)],
        routines=[bind(Looks(names=[SCORE]), model)],
        progress=False,
        validation=Beside(staleness=1),
    )
    (told,) = [each for each in caplog.messages if "Silent" in each]
    assert 'stop_when(Silent(...), on=score("loss"))' in told


class Divides(Looks):
    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        is_raised = np.geterr()["divide"] == "raise"
        return ArtifactResults(scores={name: float(is_raised) for _, name in names})


def test_what_numpy_does_about_errors_is_the_same_there() -> None:
    with np.errstate(divide="raise"):
        result = trained(Divides(names=[SCORE]), "beside")
    assert list(result.scores["weight"]) == [1.0, 1.0]


class Held:
    def __init__(self, path: Path) -> None:
        self.fine = 1
        self.file = path.open("w")


def test_what_cannot_be_sent_is_named_by_its_place(tmp_path: Path) -> None:
    held = Held(tmp_path / "open")
    routine = Looks()
    vars(routine)["part"] = held
    assert unsendable(routine) == "Looks.part.file"
    assert unsendable(Looks()) == ""
    held.file.close()


def test_its_folder_goes_with_a_run_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal\n"
        "from tests.validation.parts import SCORE, Looks\n"
        "from tests.validation.test_here import Kills\n"
        "from tests.validation.test_processes import trained\n"
        "trained(Kills(names=[SCORE]), 'beside', n_epochs=3)\n"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, str(program)],
        env={
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TMPDIR": str(temporary),
            "OMP_NUM_THREADS": "1",
            "PATH": "/usr/bin:/bin",
        },
        stderr=subprocess.PIPE,  # of the worker too: it is open until that ended
        check=False,
    )
    assert done.returncode < 0
    assert list(temporary.glob("artifact-torch-beside-*")) == []


class Kills(Looks):
    """Kills the process that trains."""

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        import os
        import signal

        if moment.epoch:
            os.kill(os.getppid(), signal.SIGKILL)
        return super().validate(model, names, moment)
