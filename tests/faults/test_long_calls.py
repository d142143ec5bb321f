"""SIGTERM in what takes long beside training: drawing, the first compilation, waiting for a client."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from torch import Tensor, fx, nn, optim

from artifact_torch import Compile, OptimizerStep, Trainer, TrainingResult, bind
from artifact_torch.contracts import (
    ArtifactResults,
    Ending,
    Moment,
    Recorded,
    ResultKind,
    ResultName,
    RunIdentity,
    TrainingStep,
)
from artifact_torch.run_folder import read_status
from artifact_torch.trainer.loop import keeper
from tests.faults.trainers import short
from tests.toys import Fit, Points, same_weights, seeded_regression


class Once:
    """SIGTERM to this process, the first time that it is called."""

    def __init__(self) -> None:
        self.is_sent = False

    def __call__(self) -> None:
        if not self.is_sent:
            self.is_sent = True
            signal.raise_signal(signal.SIGTERM)


class Signals(Artist):
    """Part of a picture."""

    def __init__(self, send: Once) -> None:
        super().__init__()
        self.send = send

    def draw(self, renderer: RendererBase) -> None:
        self.send()


class Draws:
    """A picture of each epoch; `send` is called where it is made, or where it is drawn."""

    result_names: Sequence[ResultName] = [(ResultKind.PLOT, "line")]

    def __init__(self, send: Once, *, in_routine: bool) -> None:
        self.send, self.in_routine = send, in_routine

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return [] if moment.ends_run else self.result_names

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        figure = Figure(figsize=(1, 1))
        figure.add_artist(Signals(self.send))
        if self.in_routine and moment.epoch == 2:
            self.send()
        return ArtifactResults(plots={"line": figure})


def left_and_gone_on(folder: Path, make: Callable[[], Trainer[Points, Fit]]) -> TrainingResult:
    """The first process leaves with 143, saved; the second ends as if nothing had been."""
    first = make()
    with pytest.raises(SystemExit) as left:
        first.train()
    assert left.value.code == 143
    assert first.result.stop_reason == "interrupted by SIGTERM"
    status = read_status(folder)
    assert status is not None
    assert (status.status, status.reason) == ("stopped", "interrupted by SIGTERM")
    saved = sorted(path.name for path in (folder / "checkpoints").glob("*step_*"))
    assert saved[-1].endswith(f"step_{first.result.n_steps:08d}")
    result = make().train()
    assert same_weights(result.last_weights, short(None).train().last_weights)
    return result


@pytest.mark.parametrize("in_routine", [True, False])
def test_while_a_picture_is_made_or_drawn(tmp_path: Path, *, in_routine: bool) -> None:
    send = Once()

    def make() -> Trainer[Points, Fit]:
        model = seeded_regression()
        step = OptimizerStep(model, optimizer=partial(optim.SGD, lr=0.1), device="cpu")
        draws = Draws(send, in_routine=in_routine)
        return short(tmp_path, step=step, routines=[bind(draws, model)])

    left_and_gone_on(tmp_path, make)
    assert send.is_sent
    drawn = sorted(path.name for path in (tmp_path / "plots" / "line").iterdir())
    assert drawn == [f"epoch_{n:06d}_step_{2 * n:08d}.png" for n in (1, 2, 3)]


def test_while_the_model_is_compiled_for_the_first_time(tmp_path: Path) -> None:
    send = Once()

    def backend(graph: fx.GraphModule, _inputs: list[Tensor]) -> Callable[..., object]:
        send()
        return graph.forward

    def compiled() -> TrainingStep[Points, Fit]:
        return OptimizerStep(
            seeded_regression(),
            optimizer=partial(optim.SGD, lr=0.1),
            compile=Compile(backend=backend),
            device="cpu",
        )

    result = left_and_gone_on(tmp_path, lambda: short(tmp_path, step=compiled()))
    assert send.is_sent
    assert result.n_steps == 6


class Hangs:
    """A client that is told of the end, signals the process that trains, and never returns."""

    def __init__(self) -> None:
        self.training = os.getpid()

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        return {}

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def log_results(self, results: Sequence[Recorded], /) -> None: ...

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, how: Ending, reason: str, /) -> None:
        os.kill(self.training, signal.SIGTERM)
        time.sleep(1e6)


def test_while_a_client_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_DRAIN_S", 500.0)  # who waited would be seen
    began = time.monotonic()
    trainer = short(tmp_path, clients=[Hangs()])
    with pytest.raises(SystemExit) as left:
        trainer.train()
    assert left.value.code == 143
    assert time.monotonic() - began < 400
    assert trainer.result.n_epochs_elapsed == 3
    assert same_weights(trainer.result.last_weights, short(None).train().last_weights)
    assert short(tmp_path).train().n_steps == 6
