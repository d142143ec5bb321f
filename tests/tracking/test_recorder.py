"""A client that raises costs results, never the run; what is lost is said."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import final

import numpy as np
import pytest

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.tracking import RunRecorder
from artifact_torch.tracking.logging_thread import logging_thread
from tests.tracking.moments import end


@final
class Flaky:
    """A tracking client that raises for names with "bad", or always while it is `down`."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, object]] = []
        self.down = False
        self.calls = 0

    def log_score(self, score: float, name: str) -> None:
        self._log(score, name)

    def log_array(self, array: object, name: str) -> None:
        self._log(array, name)

    def log_plot(self, plot: object, name: str) -> None:
        self._log(plot, name)

    def log_score_collection(self, score_collection: object, name: str) -> None:
        self._log(score_collection, name)

    def log_array_collection(self, array_collection: object, name: str) -> None:
        self._log(array_collection, name)

    def log_plot_collection(self, plot_collection: object, name: str) -> None:
        self._log(plot_collection, name)

    def log_file(self, path_source: str, name: str) -> None:
        self._log(path_source, name)

    def _log(self, value: object, name: str) -> None:
        self.calls += 1
        if self.down or "bad" in name:
            raise ConnectionError(f"no server for {name}")
        self.logged.append((name, value))


def scores(**values: float) -> list[Result]:
    return [Result(ResultKind.SCORE, name, value) for name, value in values.items()]


@pytest.fixture(autouse=True)
def warnings_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def test_a_failure_is_not_recorded(caplog: pytest.LogCaptureFixture) -> None:
    client = Flaky()
    recorder = RunRecorder(client)
    recorder.record([*scores(a=1.0), Failure(ResultKind.SCORE, "b", "ValueError: one")], end(1))
    recorder.drain()
    assert client.logged == [
        ("a", 1.0),
        ("SCORES_BY_EPOCH", {"EPOCH": 1.0, "STEP": 10.0, "a": 1.0}),
    ]
    assert caplog.messages == []


def test_a_result_that_raises_is_said_once_and_the_others_are_recorded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Flaky()
    recorder = RunRecorder(client)
    for epoch in (1, 2, 3):
        recorder.record(scores(a=1.0, bad=2.0, c=3.0), end(epoch))
    assert [name for name, _ in client.logged] == ["a", "c", "SCORES_BY_EPOCH"] * 3
    row = {"EPOCH": 3.0, "STEP": 30.0, "a": 1.0, "bad": 2.0, "c": 3.0}
    assert client.logged[-1] == ("SCORES_BY_EPOCH", row)
    recorder.drain()
    recorder.drain()
    assert caplog.messages == [
        (
            "Could not record score 'bad': ConnectionError: no server for bad. The run goes on; "
            "further failures of it are counted."
        ),
        "3 results were not recorded, because the tracking client raised.",
    ]


def test_an_outage_costs_one_call_a_round_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    client = Flaky()
    recorder = RunRecorder(client)
    results = scores(**{str(number): 1.0 for number in range(20)})
    client.down = True
    recorder.record(results, end(1))
    assert client.calls == 5
    for epoch in range(2, 12):
        recorder.record(results, end(epoch))
    assert client.calls == 15
    client.down = False
    recorder.record(results, end(12))
    assert len(client.logged) == 21
    recorder.drain()
    assert len(caplog.messages) == 5 + 3
    assert (
        caplog.messages[5:]
        == [
            (
                "The tracking client raised 5 times in a row: one result a round is tried from now "
                "on, until it works again."
            ),
            "The tracking client works again.",
            "231 results were not recorded, because the tracking client raised.",  # 11 rounds of 20 + row
        ]
    )


def test_a_value_that_is_no_number_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    client = Flaky()
    words = np.array(["a"], dtype=object)
    recorder = RunRecorder(client)
    recorder.record([*scores(a=1.0), Result(ResultKind.ARRAY, "words", words)], end(1))
    assert [name for name, _ in client.logged] == ["a", "SCORES_BY_EPOCH"]
    assert caplog.messages == [
        (
            "Could not record array 'words': ValueError: could not convert string to float: 'a'. "
            "The run goes on; further failures of it are counted."
        )
    ]


def test_ctrl_c_in_a_client_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_client: Flaky, _value: object, _name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Flaky, "_log", interrupt)
    with pytest.raises(KeyboardInterrupt):
        RunRecorder(Flaky()).record(scores(a=1.0), end(1))


def test_settings_are_sent_as_a_file_and_none_as_nothing() -> None:
    client = Flaky()
    RunRecorder(client).record_settings({"optimizer.lr": 0.1, "name": "x"})
    ((name, path),) = client.logged
    assert (name, Path(str(path)).name) == ("settings", "settings.json")
    RunRecorder(client).record_settings({})
    assert len(client.logged) == 1


def test_a_client_of_another_make_loads_no_tracking_library() -> None:
    program = """
import sys
from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.tracking import RunRecorder
class Client:
    run_dir = "results"
    def log_score(self, score, name): print(name, score)
    def log_score_collection(self, score_collection, name): print(name, score_collection)
recorder = RunRecorder(Client())
recorder.record([Result(ResultKind.SCORE, "a", 1.0)], Moment(epoch=3, step=30))
recorder.drain()
print(recorder.run_folder)
print([name for name in ("artifact_experiment", "pandas", "matplotlib") if name in sys.modules])
"""
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 ours
    assert run.stdout.splitlines() == [
        "a 1.0",
        "SCORES_BY_EPOCH {'EPOCH': 3.0, 'STEP': 30.0, 'a': 1.0}",
        "results",
        "[]",
    ]


def test_a_client_without_a_folder() -> None:
    assert RunRecorder(Flaky()).run_folder is None


def test_a_client_of_another_make_has_no_known_thread(caplog: pytest.LogCaptureFixture) -> None:
    assert logging_thread(Flaky()) is None
    assert caplog.messages == []


def test_another_version_of_the_library_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Flaky, "__module__", "artifact_experiment.next_version")
    assert logging_thread(Flaky()) is None
    assert caplog.messages == [
        (
            "Flaky keeps its logging thread differently from artifact-experiment 0.1.11: results "
            "that are still queued when training ends may be lost. Install "
            "artifact-experiment==0.1.11, or wait before the process ends."
        )
    ]
