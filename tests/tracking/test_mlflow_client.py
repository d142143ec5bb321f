"""MLflow, its store of files: names, kinds, limits, and answers that were lost."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import mlflow.tracking
import numpy as np
import pytest

from artifact_torch import MLflowClient
from tests.tracking.mlflow_store import history, run_ids, stored
from tests.tracking.recorded import NOON, all_kinds, eventually, identity, score, scores, sent

R = TypeVar("R")


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"file:{tmp_path / 'mlruns'}"


def new_client(uri: str) -> MLflowClient:
    return sent(MLflowClient(experiment="toys", tracking_uri=uri))


def metric(uri: str, run_id: str, name: str) -> list[tuple[int, float]]:
    return [(step, value) for step, value, _ in history(uri, run_id, name)]


def test_all_kinds_by_step(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_settings({"optimizer.lr": 0.1, "widths": [1, 2], "none": None, "a": 1})
    for step in (5, 10):
        client.log_results(all_kinds(step, tmp_path))
    client.log_file(tmp_path / "one.png", "looked/at.png")
    run = stored(uri, run_id)
    assert (run.status, run.run_name) == ("RUNNING", "vae")
    assert run.params == {
        "optimizer.lr": "0.1",
        "widths": "[1, 2]",
        "none": "None",
        "a": "1",
    }
    assert run.metrics == ["JS/age", "JS/income__", "epoch", "loss"]
    assert metric(uri, run_id, "loss") == [(5, 0.2), (10, 0.1)]
    assert metric(uri, run_id, "epoch") == [(5, 0.0), (10, 1.0)]
    assert metric(uri, run_id, "JS/income__") == [(5, 0.5), (10, 1.0)]
    assert history(uri, run_id, "loss")[0] == (5, 0.2, round((NOON + 10) * 1000))
    (artifacts,) = tmp_path.glob(f"mlruns/*/{run_id}/artifacts")
    found = sorted(str(each.relative_to(artifacts)) for each in artifacts.rglob("*.*"))
    assert found == [
        "arrays/A/step_00000005.npy",
        "arrays/A/step_00000010.npy",
        "arrays/AC/age/step_00000005.npy",
        "arrays/AC/age/step_00000010.npy",
        "arrays/AC/nothing/step_00000005.npy",
        "arrays/AC/nothing/step_00000010.npy",
        "files/looked/at.png",
        "plots/P/step_00000005.png",
        "plots/P/step_00000010.png",
        "plots/PC/age/step_00000005.png",
        "plots/PC/age/step_00000010.png",
    ]
    array = np.load(artifacts / "arrays/A/step_00000010.npy")
    np.testing.assert_array_equal(array, [10.0, 1.0, np.nan])
    png = (artifacts / "plots/P/step_00000010.png").read_bytes()
    assert png == (tmp_path / "one.png").read_bytes()


def test_what_the_last_moment_left_out_has_one_epoch(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(10, loss=0.5))
    client.log_results([*scores(10, auroc=0.75), score("epoch", 7.0, 10)])
    assert metric(uri, run_id, "epoch") == [(10, 1.0)]
    assert metric(uri, run_id, "auroc") == [(10, 0.75)]
    assert metric(uri, run_id, "score/epoch") == [(10, 7.0)]


def test_what_comes_again_stays_as_it_was(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    kept = client.begin(identity(tmp_path))
    for step in (5, 10, 15):
        client.log_results(scores(step, loss=1 / step, nothing=float("nan")))
    for step in (10, 15):  # after a `restore()`
        client.log_results(scores(step, loss=1 / step, nothing=float("nan")))
    resumed = new_client(uri)
    assert resumed.begin(identity(tmp_path, kept)) == kept
    for step in (10, 15, 20):
        resumed.log_results(scores(step, loss=1 / step, nothing=float("nan")))
    expected = [(step, 1 / step) for step in (5, 10, 15, 20)]
    assert metric(uri, kept["run_id"], "loss") == expected
    assert [step for step, _ in metric(uri, kept["run_id"], "epoch")] == [5, 10, 15, 20]
    assert [step for step, _ in metric(uri, kept["run_id"], "nothing")] == [5, 10, 15, 20]


def lose_answers(monkeypatch: pytest.MonkeyPatch, method: str, n_times: int) -> list[str]:
    """MLflow does it and the answer is lost, `n_times`; returns the calls."""
    calls: list[str] = []
    real: Callable[..., object] = getattr(mlflow.tracking.MlflowClient, method)

    def lost(*args: object, **options: object) -> object:
        answer = real(*args, **options)
        calls.append(method)
        if len(calls) <= n_times:
            raise ConnectionError("the answer was lost")
        return answer

    monkeypatch.setattr(mlflow.tracking.MlflowClient, method, lost)
    return calls


def test_an_answer_that_was_lost_writes_nothing_twice(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(5, loss=0.2))
    monkeypatch.setattr("artifact_torch.tracking.mlflow._MOST_METRICS", 2)
    calls = lose_answers(monkeypatch, "log_batch", 2)
    names = {f"s{number}": 0.5 for number in range(5)}
    eventually(lambda: client.log_results(scores(10, **names)))
    client.log_results(scores(15, loss=0.5))
    assert len(calls) == 4  # of 2, of 2, of the last 2; loss and epoch
    for name in names:
        assert metric(uri, run_id, name) == [(10, 0.5)]
    assert metric(uri, run_id, "epoch") == [(5, 0.0), (10, 1.0), (15, 1.0)]
    assert metric(uri, run_id, "loss") == [(5, 0.2), (15, 0.5)]


def test_an_answer_that_was_lost_makes_no_second_run(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = lose_answers(monkeypatch, "create_run", 1)
    client = new_client(uri)
    with pytest.raises(ConnectionError):
        client.begin(identity(tmp_path))
    run_id = client.begin(identity(tmp_path))["run_id"]
    client.log_results(scores(5, loss=0.2))
    assert calls == ["create_run"]
    assert len([*tmp_path.glob("mlruns/*/*/metrics")]) == 1
    assert metric(uri, run_id, "loss") == [(5, 0.2)]


def none(client: object, home: str, token: str) -> list[str]:
    return []


def test_a_run_that_was_made_too_late_is_deleted_at_the_end(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(uri)
    with monkeypatch.context() as slow:  # the server has not come to it yet
        lose_answers(slow, "create_run", 1)
        slow.setattr("artifact_torch.tracking.mlflow.unfinished", none)
        with pytest.raises(ConnectionError):
            client.begin(identity(tmp_path))
        run_id = client.begin(identity(tmp_path))["run_id"]
    client.end("finished", "")
    assert run_ids(uri, "toys") == [run_id]


def test_one_client_for_two_runs(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    first = client.begin(identity(tmp_path / "a"))
    client.end("finished", "")
    second = client.begin(identity(tmp_path / "b"))
    client.end("finished", "")
    again = client.begin(identity(tmp_path / "b"))  # the folder was deleted
    assert len({each["run_id"] for each in (first, second, again)}) == 3


def test_no_limit_of_a_batch(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    settings = {f"p{number}": number for number in range(101)}
    client.log_settings(settings)
    client.log_settings({name: number + 1 for name, number in settings.items()})
    client.log_settings({"long": "x" * 9000})
    client.log_results(scores(10, **{f"s{number}": 0.5 for number in range(1000)}))
    data = stored(uri, run_id)
    assert (len(data.params), len(data.metrics)) == (102, 1001)
    assert (data.params["p7"], data.tags["changed.p7"], data.tags["changed.p100"]) == (
        "7",
        "8",
        "101",
    )


def test_a_name_of_any_length_is_taken(uri: str, tmp_path: Path) -> None:
    client = new_client(uri)
    run_id = client.begin(identity(tmp_path))["run_id"]
    names = ["/".join([letter * 90] * 4) for letter in "ab"] + ["..", "a//b", "/x/", "a\nb"]
    client.log_results([score(name, 0.5, 10) for name in names])
    client.log_settings(dict.fromkeys(names, 1))
    data = stored(uri, run_id)
    assert (len(data.metrics), len(data.params)) == (len(names) + 1, len(names))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("file:mlruns", "file:{}/mlruns"),
        ("sqlite:///mlflow.db", "sqlite:///{}/mlflow.db"),
        ("file:/data/mlruns", "file:/data/mlruns"),
        ("file:///data/mlruns", "file:///data/mlruns"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
        ("http://server:5000", "http://server:5000"),
        ("databricks", "databricks"),
    ],
)
def test_an_address_means_the_same_everywhere(
    given: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = MLflowClient(experiment="toys", tracking_uri=given)
    assert client.arguments["tracking_uri"] == expected.format(tmp_path)


def test_a_server_is_asked_once_and_not_for_long(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str | None, ...]] = []
    names = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT")

    def asked(client: object, name: str) -> None:
        seen.append(tuple(os.environ.get(each) for each in names))
        raise ConnectionError(name)

    monkeypatch.setattr(mlflow.tracking.MlflowClient, "get_experiment_by_name", asked)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for _ in range(2):
        with pytest.raises(ConnectionError, match="toys"):
            new_client(uri).begin(identity(tmp_path))
        monkeypatch.setenv(names[1], "30")  # whoever sets it is obeyed
    assert seen == [("0", "10"), ("0", "30")]


def test_the_environment_is_as_it_was(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    before = dict(os.environ)
    client = new_client(uri)
    client.begin(identity(tmp_path))
    client.log_results(all_kinds(5, tmp_path))
    client.end("finished", "")
    assert dict(os.environ) == before
