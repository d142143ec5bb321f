"""The clients of artifact-experiment: all six kinds arrive, each with its epoch, whatever happens.

Importing them costs some seconds, once.
"""

import json
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from artifact_experiment.tracking import (
    FilesystemTrackingClient,
    InMemoryTrackingClient,
    MlflowTrackingClient,
)
from matplotlib.figure import Figure

from artifact_torch.contracts import Result, ResultKind
from artifact_torch.contracts.tracking import TrackingClient
from artifact_torch.tracking import RunRecorder
from tests.tracking.moments import end


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ended a logging thread, instead of pytest's warning about it."""
    causes: list[str] = []

    def keep(args: threading.ExceptHookArgs) -> None:
        causes.append(args.exc_type.__name__)

    monkeypatch.setattr(threading, "excepthook", keep)
    return causes


def as_client(client: TrackingClient) -> TrackingClient:
    """What pyright and mypy accept here satisfies the contract."""
    return client


def scores(**values: float) -> list[Result]:
    return [Result(ResultKind.SCORE, name, value) for name, value in values.items()]


def all_kinds(epoch: int) -> list[Result]:
    value = epoch / 10
    figure = Figure(figsize=(1.0, 1.0))
    array = np.array([value, 1.0])
    return [
        *scores(LOSS=value, LOSS_TRAIN=2 * value),
        Result(ResultKind.ARRAY, "A", array),
        Result(ResultKind.PLOT, "P", figure),
        Result(ResultKind.SCORE_COLLECTION, "JS", {"income %": value, "a/b": float("nan")}),
        Result(ResultKind.ARRAY_COLLECTION, "AC", {"income %": array, "file": array}),
        Result(ResultKind.PLOT_COLLECTION, "PC", {"rate.1": figure, "rate.2": figure}),
    ]


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


def row_values(path: Path) -> list[float]:
    return read(path)["value"].tolist()


def test_the_clients_satisfy_the_contract() -> None:
    filesystem = as_client(FilesystemTrackingClient.build("contract"))
    in_memory = as_client(InMemoryTrackingClient.build("contract"))
    assert isinstance(filesystem, TrackingClient)
    assert isinstance(in_memory, TrackingClient)


def test_filesystem_all_kinds_with_their_epochs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = FilesystemTrackingClient.build("all_kinds", "run")
    recorder = RunRecorder(client)
    for epoch in (5, 10):
        recorder.record(all_kinds(epoch), end(epoch))
    recorder.record_settings({"optimizer.lr": 0.1})
    recorder.drain()
    assert caplog.messages == []
    folder = tmp_path / "artifact_ml" / "all_kinds" / "run"
    assert recorder.run_folder == str(folder)
    (copy,) = (folder / "files/settings/0").glob("settings_*.json")
    assert json.loads(copy.read_text()) == {"optimizer.lr": 0.1}
    artifacts = folder / "artifacts"
    assert row_values(artifacts / "scores/LOSS") == [0.5, 1.0]
    pd.testing.assert_frame_equal(
        read(artifacts / "score_collections/SCORES_BY_EPOCH"),
        pd.DataFrame(
            {
                "EPOCH": [5.0, 10.0],
                "STEP": [50.0, 100.0],
                "LOSS": [0.5, 1.0],
                "LOSS_TRAIN": [1.0, 2.0],
            }
        ),
    )
    pd.testing.assert_frame_equal(
        read(artifacts / "score_collections/JS"),
        pd.DataFrame(
            {
                "EPOCH": [5.0, 10.0],
                "STEP": [50.0, 100.0],
                "income__": [0.5, 1.0],
                "a_b": [np.nan, np.nan],
            }
        ),
    )
    assert np.load(artifacts / "arrays/A_EPOCH_000010/0.npy").tolist() == [1.0, 1.0]
    with np.load(artifacts / "array_collections/AC_EPOCH_000005/0.npz") as arrays:
        assert arrays["income__"].tolist() == [0.5, 1.0]
        (of_file,) = [key for key in arrays.files if key.startswith("file-")]
        assert arrays[of_file].tolist() == [0.5, 1.0]
    assert (artifacts / "plots/P_EPOCH_000005/0.png").stat().st_size > 0
    drawn = (artifacts / "plot_collections/PC_EPOCH_000010/0").iterdir()
    assert sorted(path.name for path in drawn) == ["rate_1.png", "rate_2.png"]


def test_in_memory_all_kinds_with_their_epochs(caplog: pytest.LogCaptureFixture) -> None:
    client = InMemoryTrackingClient.build("all_kinds", "run")
    recorder = RunRecorder(client)
    for epoch in (5, 10, 15):
        recorder.record(all_kinds(epoch), end(epoch))
    recorder.drain()
    assert caplog.messages == []
    assert recorder.run_folder is None
    root, run = "all_kinds/run", client.run
    # the backend numbers LOSS 1, 3, 5 because LOSS_TRAIN begins like it
    losses = [run.scores[f"{root}/scores/LOSS/{number}"] for number in (1, 3, 5)]
    assert losses == [0.5, 1.0, 1.5]
    table = [row for key, row in run.score_collections.items() if "SCORES_BY_EPOCH" in key]
    assert table == [
        {"EPOCH": 5.0, "STEP": 50.0, "LOSS": 0.5, "LOSS_TRAIN": 1.0},
        {"EPOCH": 10.0, "STEP": 100.0, "LOSS": 1.0, "LOSS_TRAIN": 2.0},
        {"EPOCH": 15.0, "STEP": 150.0, "LOSS": 1.5, "LOSS_TRAIN": 3.0},
    ]
    second = run.score_collections[f"{root}/score_collections/JS/2"]
    assert (second["EPOCH"], second["income__"]) == (10.0, 1.0)
    assert run.arrays[f"{root}/arrays/A_EPOCH_000015/1"].tolist() == [1.5, 1.0]
    arrays = run.array_collections[f"{root}/array_collections/AC_EPOCH_000010/1"]
    assert arrays["income__"].tolist() == [1.0, 1.0]
    assert sorted(run.plots) == [f"{root}/plots/P_EPOCH_{n:06d}/1" for n in (5, 10, 15)]
    assert len(run.plot_collections) == 3


def test_mlflow_scores_with_their_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = "artifact_experiment._impl.backends.mlflow.adapter.MlflowRunAdapter"
    monkeypatch.setattr(f"{adapter}._tracking_uri", None)  # the library keeps the first it sees
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file:{tmp_path / 'mlruns'}")
    client = MlflowTrackingClient.build("all_kinds", "run")
    recorder = RunRecorder(as_client(client))
    for epoch in (5, 10):
        recorder.record(all_kinds(epoch), end(epoch))
    recorder.drain()
    assert caplog.messages == []
    (run,) = tmp_path.glob(f"mlruns/*/{client.run.run_uuid}")

    def metric(name: str) -> list[tuple[str, float]]:
        lines = (run / "metrics/artifact_ml/artifacts" / name).read_text().splitlines()
        return [(step, float(value)) for _, value, step in (line.split() for line in lines)]

    assert metric("score_collections/SCORES_BY_EPOCH/EPOCH") == [("1", 5.0), ("2", 10.0)]
    assert metric("score_collections/SCORES_BY_EPOCH/LOSS") == [("1", 0.5), ("2", 1.0)]
    assert metric("score_collections/JS/EPOCH") == [("1", 5.0), ("2", 10.0)]
    assert metric("score_collections/JS/income__") == [("1", 0.5), ("2", 1.0)]
    assert metric("scores/LOSS") == [("1", 0.5), ("2", 1.0)]
    artifacts = run / "artifacts/artifact_ml/artifacts"
    assert np.load(artifacts / "arrays/A_EPOCH_000010/1.npy").tolist() == [1.0, 1.0]
    assert (artifacts / "plots/P_EPOCH_000005/1.png").exists()
    drawn = (artifacts / "plot_collections/PC_EPOCH_000010/1").iterdir()
    assert sorted(path.name for path in drawn) == ["rate_1.png", "rate_2.png"]


def test_500_scores_are_500_rows_and_the_loop_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = FilesystemTrackingClient.build("many", "run")
    recorder = RunRecorder(client)
    gate, write = threading.Event(), pd.DataFrame.to_csv

    def when_open(table: pd.DataFrame, path: Path, *, index: bool) -> None:
        gate.wait(60)
        write(table, path, index=index)

    monkeypatch.setattr(pd.DataFrame, "to_csv", when_open)
    for epoch in range(1, 251):  # eighths survive the library's reading and writing of its CSV
        recorder.record(scores(LOSS=epoch / 8, LR=1 - epoch / 8), end(epoch))
    artifacts = Path(client.run_dir) / "artifacts"
    assert not (artifacts / "scores/LOSS").exists()  # recorded, while nothing could be written
    gate.set()
    recorder.drain()
    losses = [epoch / 8 for epoch in range(1, 251)]
    rates = [1 - epoch / 8 for epoch in range(1, 251)]
    assert row_values(artifacts / "scores/LOSS") == losses
    assert row_values(artifacts / "scores/LR") == rates
    pd.testing.assert_frame_equal(
        read(artifacts / "score_collections/SCORES_BY_EPOCH"),
        pd.DataFrame(
            {
                "EPOCH": [float(n) for n in range(1, 251)],
                "STEP": [10.0 * n for n in range(1, 251)],
                "LOSS": losses,
                "LR": rates,
            }
        ),
    )


def test_scores_that_are_not_due_are_missing_in_their_row() -> None:
    client = FilesystemTrackingClient.build("due", "run")
    recorder = RunRecorder(client)
    recorder.record(scores(LOSS=1.0), end(1))
    recorder.record(scores(LOSS=0.5, JS=0.25), end(2))
    recorder.drain()
    table = read(Path(client.run_dir) / "artifacts/score_collections/SCORES_BY_EPOCH")
    expected = pd.DataFrame(
        {"EPOCH": [1.0, 2.0], "STEP": [10.0, 20.0], "LOSS": [1.0, 0.5], "JS": [np.nan, 0.25]}
    )
    pd.testing.assert_frame_equal(table, expected)


def test_drain_log_again_drain_again(caplog: pytest.LogCaptureFixture) -> None:
    client = FilesystemTrackingClient.build("again", "run")
    recorder = RunRecorder(client)
    for epoch in (1, 2, 3):
        recorder.record(scores(LOSS=float(epoch)), end(epoch))
        recorder.drain()
        client.log_score(score=epoch / 2, name="own")  # the user's own
    recorder.drain()
    artifacts = Path(client.run_dir) / "artifacts"
    assert row_values(artifacts / "scores/LOSS") == [1.0, 2.0, 3.0]
    assert row_values(artifacts / "scores/own") == [0.5, 1.0, 1.5]
    assert caplog.messages == []


def test_a_name_that_ends_the_thread_costs_only_its_own_result(
    deaths: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = FilesystemTrackingClient.build("poisoned", "run")
    recorder = RunRecorder(client)
    blocker = Path(client.run_dir) / "artifacts/plots/a"
    blocker.parent.mkdir(parents=True)
    blocker.touch()
    client.log_plot(plot=Figure(), name="a/b")  # a is no folder
    for epoch in range(1, 51):
        recorder.record(scores(LOSS=epoch / 8), end(epoch))
    recorder.drain()
    assert deaths == ["NotADirectoryError"]
    artifacts = Path(client.run_dir) / "artifacts"
    assert row_values(artifacts / "scores/LOSS") == [epoch / 8 for epoch in range(1, 51)]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("A result could not be written")


def test_after_stop_the_recorder_says_so(caplog: pytest.LogCaptureFixture) -> None:
    client = FilesystemTrackingClient.build("stopped", "run")
    recorder = RunRecorder(client)
    recorder.record(scores(LOSS=1.0), end(1))
    recorder.drain()
    client.stop()
    for epoch in (2, 3):
        recorder.record(scores(LOSS=1.0), end(epoch))
    recorder.drain()
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("The tracking client has been stopped")
    artifacts = Path(client.run_dir) / "artifacts"
    assert row_values(artifacts / "scores/LOSS") == [1.0]
