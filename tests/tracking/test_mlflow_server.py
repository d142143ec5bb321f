"""MLflow's server refuses, dies, hangs: after it is back it has each score once, at its step."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifact_torch import MLflowClient
from artifact_torch.contracts import Ending
from tests.tracking.mlflow_server import MlflowServer
from tests.tracking.recorded import NOON, all_kinds, identity, retried, scores, sent

STEPS = (5, 10, 15, 20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def uri(server: MlflowServer, monkeypatch: pytest.MonkeyPatch) -> str:
    server.start()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")  # whoever sets it is obeyed
    return server.uri


def new_client(uri: str) -> MLflowClient:
    return sent(MLflowClient(experiment="toys", tracking_uri=uri))


def history(server: MlflowServer, run_id: str, name: str) -> list[tuple[int, float, int]]:
    """Step, value and time of each, as the database has them."""
    found = server.store().get_metric_history(run_id, name)
    return sorted((each.step, each.value, each.timestamp) for each in found)


def expected(*steps: int) -> dict[str, list[tuple[int, float, int]]]:
    times = {step: round((NOON + 2.0 * step) * 1000) for step in steps}
    return {
        "loss": [(step, 1 / step, times[step]) for step in steps],
        "epoch": [(step, step // 10, times[step]) for step in steps],
    }


def held(server: MlflowServer, run_id: str) -> dict[str, list[tuple[int, float, int]]]:
    names = server.store().get_run(run_id).data.metrics
    return {name: history(server, run_id, name) for name in sorted(names, reverse=True)}


def status(server: MlflowServer, run_id: str) -> str:
    found: str = server.store().get_run(run_id).info.status
    return found


@pytest.mark.parametrize(
    ("how", "there"), [("finished", "FINISHED"), ("failed", "FAILED"), ("killed", "KILLED")]
)
def test_a_run_ends_as_told_and_goes_on(
    how: Ending, there: str, server: MlflowServer, uri: str, tmp_path: Path
) -> None:
    client = new_client(uri)
    kept = client.begin(identity(tmp_path))
    run_id = kept["run_id"]
    assert status(server, run_id) == "RUNNING"
    client.log_settings({"lr": 0.1})
    client.log_results(all_kinds(5, tmp_path))
    client.end(how, "one reason")
    assert status(server, run_id) == there
    assert server.store().get_run(run_id).data.tags["ended"] == "one reason"
    files = server.store().list_artifacts(run_id, "plots/PC/age")
    assert [each.path for each in files] == ["plots/PC/age/step_00000005.png"]

    again = new_client(uri)
    assert again.begin(identity(tmp_path, kept)) == kept
    assert status(server, run_id) == "RUNNING"
    again.log_settings({"lr": 0.2})
    for step in (5, 10):
        again.log_results(scores(step, loss=1 / step))
    again.end("finished", "")
    run = server.store().get_run(run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "vae")
    assert (run.data.params, run.data.tags["changed.lr"]) == ({"lr": "0.1"}, "0.2")
    assert {name: history(server, run_id, name) for name in ("loss", "epoch")} == expected(5, 10)


def test_refused_at_the_start_then_killed_within_the_run(
    server: MlflowServer, uri: str, tmp_path: Path
) -> None:
    server.kill()
    client = new_client(uri)  # does not connect
    with pytest.raises(Exception, match=rf"{uri}.*Connection"):
        client.begin(identity(tmp_path))
    server.start()
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(5, loss=1 / 5))
    server.kill()
    for _ in range(2):
        with pytest.raises(Exception, match=uri):
            client.log_results(scores(10, loss=1 / 10))
    with pytest.raises(Exception, match=uri):
        client.end("failed", "ValueError: one")
    server.start()
    for step in STEPS[1:]:
        retried(client, scores(step, loss=1 / step))
    client.end("failed", "ValueError: one")
    assert held(server, run_id) == expected(*STEPS)
    assert status(server, run_id) == "FAILED"


def test_stopped_and_continued(
    server: MlflowServer, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(5, loss=1 / 5))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    server.stop()
    try:
        for _ in range(2):  # taken by the system for the server, which answers them later
            with pytest.raises(Exception, match=rf"{uri}.*[Tt]imeout"):
                client.log_results(scores(10, loss=1 / 10))
    finally:
        server.go_on()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    for step in STEPS[1:]:
        retried(client, scores(step, loss=1 / step))
    client.end("killed", "by SIGTERM")
    assert held(server, run_id) == expected(*STEPS)
    assert status(server, run_id) == "KILLED"


def test_stopped_at_the_start_leaves_one_run(
    server: MlflowServer, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    server.stop()
    try:
        with pytest.raises(Exception, match=rf"{uri}.*[Tt]imeout"):
            client.begin(identity(tmp_path))
    finally:
        server.go_on()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(5, loss=1 / 5))
    client.end("finished", "")
    store = server.store()
    experiment = store.get_experiment_by_name("toys")
    running = store.search_runs(
        [experiment.experiment_id], filter_string="attributes.status = 'RUNNING'"
    )
    assert running == []
    assert held(server, run_id) == expected(5)


@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "unknown"])
def test_a_run_that_is_gone_is_made_anew(
    is_deleted: bool,
    server: MlflowServer,
    uri: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = new_client(uri)
    kept = {"run_id": "0" * 32}
    if is_deleted:
        kept = dict(client.begin(identity(tmp_path)))
        server.store().delete_run(kept["run_id"])
    caplog.set_level(logging.WARNING)
    run_id = new_client(uri).begin(identity(tmp_path, kept))["run_id"]
    assert run_id != kept["run_id"]
    assert caplog.messages == [f"MLflow has no run {kept['run_id']} any more: a new one is made."]
    assert status(server, run_id) == "RUNNING"
