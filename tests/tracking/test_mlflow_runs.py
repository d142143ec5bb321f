"""A real MLflow server refuses, dies, hangs beside a run, and the run dies beside it: training never
waits, and the server has each score once, at its epoch and step.
"""

import logging
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.running import lives, until
from tests.tracking.mlflow_runs import (
    N_STEPS,
    At,
    delivered,
    held,
    network,
    new_trainer,
    recorded,
    run_of,
    standing,
)
from tests.tracking.mlflow_server import MlflowServer
from tests.tracking.mlflow_store import stored

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes long to load MLflow; what the end of a run waits for is tested apart."""
    caplog.set_level(logging.WARNING, "artifact_torch")
    patient = partial(Delivery, patience=Patience(longest_silence=120, longest_start=300))
    monkeypatch.setattr("artifact_torch.tracking.delivery.delivery.Delivery", patient)
    monkeypatch.setattr("artifact_torch.trainer.loop.keeper._DRAIN_S", 300.0)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name.startswith("artifact_torch")]


def status(server: MlflowServer, folder: Path) -> str:
    return stored(server.database, run_of(folder)).status


def fail() -> None:
    raise ValueError("no more")


def test_refused_at_the_start_and_there_later(
    server: MlflowServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    synced, goes_on = tmp_path / "synced", tmp_path / "goes on"
    at = At()
    with network() as used:
        result = new_trainer(server.uri, synced, at).train()
    assert used == []
    assert at.events == [f"step {step}" for step in range(1, N_STEPS + 1)]
    n_scores = N_STEPS + N_STEPS // 4 + 1
    began, rest = told(caplog)
    assert began.startswith("MLflowClient cannot be reached since ")
    port = server.uri.rpartition(":")[2]
    for said in (began, result.outages["mlflow"]):
        assert "127.0.0.1" in said
        assert port in said
        assert "Connection refused" in said
    command = f"artifact-torch sync {synced} --to mlflow"
    assert (
        rest
        == f"{n_scores} results are not delivered to MLflowClient. Deliver them with: {command}"
    )
    assert result.outages["mlflow"].endswith(f"; {n_scores} results are not delivered")

    with pytest.raises(ValueError, match="no more"):
        new_trainer(server.uri, goes_on, At(step_6=fail)).train()
    assert [standing(each).kept for each in (synced, goes_on)] == [{}, {}]

    server.start()
    assert delivered(synced) == 0
    assert held(server.database, run_of(synced)) == recorded(result)
    assert status(server, synced) == "FINISHED"
    assert stored(server.database, run_of(synced)).params == {"lr": "0.001"}

    result = new_trainer(server.uri, goes_on).train()
    assert delivered(goes_on) == 0
    assert held(server.database, run_of(goes_on)) == recorded(result)
    assert status(server, goes_on) == "FINISHED"


def test_killed_and_started_again_within_the_run(
    server: MlflowServer, uri: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "vae"

    def kill() -> None:
        run_of(folder)
        server.kill()

    def start() -> None:
        until(lambda: "cannot be reached" in caplog.text)  # training went on, and it was noticed
        server.start()

    at = At(step_4=kill, step_10=start)
    result = new_trainer(uri, folder, at).train()
    assert at.events == [f"step {step}" for step in range(1, N_STEPS + 1)]
    assert "127.0.0.1" in result.outages["mlflow"]
    assert delivered(folder) == 0
    assert held(server.database, run_of(folder)) == recorded(result)
    assert status(server, folder) == "FINISHED"


def test_stopped_and_continued_within_the_run_which_fails_and_goes_on(
    server: MlflowServer,
    uri: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")
    folder = tmp_path / "vae"

    def stop() -> None:
        run_of(folder)
        server.stop()
        at.events.append("stopped")

    def go_on() -> None:
        until(lambda: "cannot be reached" in caplog.text)
        at.events.append("continued")
        server.go_on()

    at = At(step_3=stop, step_8=go_on, step_11=fail)
    try:
        with pytest.raises(ValueError, match="no more"):
            new_trainer(uri, folder, at).train()
    finally:
        server.go_on()
    while_stopped = at.events[at.events.index("stopped") : at.events.index("continued")]
    assert while_stopped == ["stopped", *(f"step {step}" for step in range(4, 9))]
    began = next(each for each in told(caplog) if "cannot be reached" in each)
    assert uri.rpartition(":")[2] in began
    assert "imed out" in began
    assert delivered(folder) == 0
    assert status(server, folder) == "FAILED"
    assert stored(server.database, run_of(folder)).tags["ended"].endswith("ValueError: no more")

    result = new_trainer(uri, folder).train()
    assert delivered(folder) == 0
    assert held(server.database, run_of(folder)) == recorded(result)
    assert status(server, folder) == "FINISHED"


PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
from tests.tracking.delivery.running import until
from tests.tracking.mlflow_runs import At, new_trainer, standing

folder = Path(sys.argv[2])

def die():
    until(lambda: standing(folder).steps.get("score:train_loss", 0) > 3)
    for task in Path("/proc/self/task").iterdir():
        print((task / "children").read_text(), end=" ")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

new_trainer(sys.argv[1], folder, At(step_8=die)).train()
"""


def test_the_process_that_trains_is_killed_and_the_run_goes_on(
    server: MlflowServer, uri: str, tmp_path: Path
) -> None:
    folder = tmp_path / "vae"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM, uri, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    (worker,) = done.stdout.split()
    until(lambda: not lives(worker.decode()))
    delivered(folder)  # nothing, unless the server was too slow for the process
    assert status(server, folder) == "KILLED"

    at = At(step_10=lambda: until(lambda: status(server, folder) == "RUNNING"))
    result = new_trainer(uri, folder, at).train()
    assert at.events[0] == "step 7"  # saved at step 6
    assert delivered(folder) == 0
    assert held(server.database, run_of(folder)) == recorded(result)
    assert status(server, folder) == "FINISHED"
