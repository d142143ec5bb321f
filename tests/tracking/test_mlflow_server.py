"""MLflow's server refuses, dies, hangs: after it is back it has each score once, at its step."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from artifact_torch import MLflowClient
from artifact_torch.contracts import Ending
from tests.tracking.mlflow_server import MlflowServer
from tests.tracking.mlflow_store import artifacts, history, run_ids, store, stored
from tests.tracking.recorded import NOON, all_kinds, eventually, identity, scores, sent


def new_client(uri: str, experiment: str = "toys") -> MLflowClient:
    return sent(MLflowClient(experiment=experiment, tracking_uri=uri))


def begun(client: MLflowClient, folder: Path, kept: Mapping[str, str] | None = None) -> str:
    """The id of its run. On a slow machine a call may take several times."""
    return eventually(lambda: client.begin(identity(folder, kept)))["run_id"]


def log(client: MLflowClient, *steps: int) -> None:
    for step in steps:
        eventually(partial(client.log_results, scores(step, loss=1 / step)))


def end(client: MLflowClient, how: Ending, reason: str = "") -> None:
    eventually(lambda: client.end(how, reason))


def expected(*steps: int) -> dict[str, list[tuple[int, float, int]]]:
    times = {step: round((NOON + 2.0 * step) * 1000) for step in steps}
    return {
        "loss": [(step, 1 / step, times[step]) for step in steps],
        "epoch": [(step, step // 10, times[step]) for step in steps],
    }


def held(server: MlflowServer, run_id: str) -> dict[str, list[tuple[int, float, int]]]:
    """As the database has it."""
    names = stored(server.database, run_id).metrics
    return {name: history(server.database, run_id, name) for name in names}


def status(server: MlflowServer, run_id: str) -> str:
    return stored(server.database, run_id).status


@pytest.mark.parametrize(
    ("how", "there"), [("finished", "FINISHED"), ("failed", "FAILED"), ("killed", "KILLED")]
)
def test_a_run_ends_as_told_and_goes_on(
    how: Ending, there: str, server: MlflowServer, uri: str, tmp_path: Path
) -> None:
    client = new_client(uri)
    run_id = begun(client, tmp_path)
    assert status(server, run_id) == "RUNNING"
    eventually(lambda: client.log_settings({"lr": 0.1}))
    eventually(lambda: client.log_results(all_kinds(5, tmp_path)))
    end(client, how, "one reason")
    assert status(server, run_id) == there
    assert stored(server.database, run_id).tags["ended"] == "one reason"
    found = eventually(lambda: artifacts(uri, run_id, "plots/PC/age"))
    assert found == ["plots/PC/age/step_00000005.png"]

    again = new_client(uri)
    assert begun(again, tmp_path, {"run_id": run_id}) == run_id
    assert status(server, run_id) == "RUNNING"
    eventually(lambda: again.log_settings({"lr": 0.2}))
    log(again, 5, 10)
    end(again, "finished")
    run = stored(server.database, run_id)
    assert (run.status, run.run_name, run.tags["ended"]) == ("FINISHED", "vae", "finished")
    assert (run.params, run.tags["changed.lr"]) == ({"lr": "0.1"}, "0.2")
    scores_there = held(server, run_id)
    assert {name: scores_there[name] for name in ("loss", "epoch")} == expected(5, 10)


def test_refused_at_the_start_then_killed_within_the_run(
    server: MlflowServer, uri: str, tmp_path: Path
) -> None:
    server.kill()
    client = new_client(uri)  # does not connect
    with pytest.raises(Exception, match=rf"{uri}.*Connection"):
        client.begin(identity(tmp_path))
    server.start()
    run_id = begun(client, tmp_path)
    log(client, 5)
    server.kill()
    for _ in range(2):
        with pytest.raises(Exception, match=uri):
            client.log_results(scores(10, loss=1 / 10))
    with pytest.raises(Exception, match=uri):
        client.end("failed", "ValueError: one")
    server.start()
    log(client, 10, 15, 20)
    end(client, "failed", "ValueError: one")
    assert held(server, run_id) == expected(5, 10, 15, 20)
    assert status(server, run_id) == "FAILED"


def test_stopped_and_continued(
    server: MlflowServer, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri)
    run_id = begun(client, tmp_path)
    log(client, 5)
    with monkeypatch.context() as soon:
        soon.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
        server.stop()
        try:
            for _ in range(2):  # the system takes it for the server, which answers it later
                with pytest.raises(Exception, match=rf"{uri}.*[Tt]imeout"):
                    client.log_results(scores(10, loss=1 / 10))
        finally:
            server.go_on()
    log(client, 10, 15, 20)
    end(client, "killed", "by SIGTERM")
    assert held(server, run_id) == expected(5, 10, 15, 20)
    assert status(server, run_id) == "KILLED"


def test_stopped_at_the_start_leaves_one_run(
    server: MlflowServer, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri, "stopped at the start")
    with monkeypatch.context() as soon:
        soon.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
        server.stop()
        try:
            with pytest.raises(Exception, match=rf"{uri}.*[Tt]imeout"):
                client.begin(identity(tmp_path))
        finally:
            server.go_on()
    run_id = begun(client, tmp_path)
    log(client, 5)
    end(client, "finished")
    assert run_ids(server.database, "stopped at the start") == [run_id]
    assert held(server, run_id) == expected(5)


@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "unknown"])
def test_a_run_that_is_gone_is_made_anew(
    is_deleted: bool,
    server: MlflowServer,
    uri: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = "0" * 32
    if is_deleted:
        gone = begun(new_client(uri), tmp_path)
        store(server.database).delete_run(gone)
    caplog.set_level(logging.WARNING, "artifact_torch")
    run_id = begun(new_client(uri), tmp_path, {"run_id": gone})
    assert run_id != gone
    said = [each.getMessage() for each in caplog.records if each.name.startswith("artifact_torch")]
    assert {*said} == {f"MLflow has no run {gone} any more: a new one is made."}
    assert status(server, run_id) == "RUNNING"
