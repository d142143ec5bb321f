"""A client that raises costs results, never the run; what is lost is said."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import final

import numpy as np
import pytest

from artifact_torch import seed_everything
from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.tracking import RunRecorder
from artifact_torch.tracking.logging_thread import logging_thread
from tests.tracking.delivery.doubles import draw
from tests.tracking.moments import end


@final
class Flaky:
    """A tracking client that raises for names with "bad", or always while it is `down`."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, object]] = []
        self.down = False
        self.calls = 0
        self.meet: Callable[[str], object] = lambda _: None

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
        self.meet(name)
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


def test_ctrl_c_while_a_client_works_is_not_swallowed() -> None:
    over, client = Event(), Flaky()

    def interrupt(name: str) -> None:
        if name == "a":  # once
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            over.wait(60)

    client.meet = interrupt
    # it is ignored where the tests run in the background
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            RunRecorder(client, limit_s=60).record(scores(a=1.0), end(1))
    finally:
        signal.signal(signal.SIGINT, before)
    over.set()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_client_that_exits_does_not_end_the_run(
    caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def leave(name: str) -> None:
        if name == "a":
            raise error

    client = Flaky()
    client.meet = leave
    recorder = RunRecorder(client)
    recorder.record(scores(a=1.0), end(1))
    recorder.drain()
    assert len(caplog.messages) == 2
    assert type(error).__name__ in caplog.messages[0]
    assert caplog.messages[1].startswith("1 results were not recorded")


def test_a_client_that_hangs_is_waited_for_once(caplog: pytest.LogCaptureFixture) -> None:
    over, client = Event(), Flaky()
    client.meet = lambda _: over.wait(60)
    recorder = RunRecorder(client, limit_s=0.05)
    for epoch in range(1, 51):
        recorder.record(scores(a=1.0), end(epoch))
    recorder.drain(timeout_s=0.05)
    assert caplog.messages == [
        "Flaky did not answer within 0.05 s. The run goes on and does not wait for it again.",
        "Flaky has not taken 50 rounds of results.",
    ]
    over.set()
    recorder.drain()
    assert len(caplog.messages) == 2
    assert len(client.logged) == 100


def test_a_client_that_writes_nothing_is_waited_for_15_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    class Thread:
        def revive(self) -> bool:
            return True

        def drain(self, timeout_s: float, _: object) -> None:
            asked.append(timeout_s)

    def thread_of(_: object) -> Thread:
        return Thread()

    monkeypatch.setattr("artifact_torch.tracking.recorder.logging_thread", thread_of)
    recorder = RunRecorder(Flaky())
    recorder.drain()
    recorder.drain(2.0)
    assert asked == [15.0, 2.0]


def test_the_wait_for_a_client_can_be_ended() -> None:
    over, client, answers = Event(), Flaky(), iter([False, False, True])
    client.meet = lambda _: over.wait(60)
    recorder = RunRecorder(client, limit_s=0.05)
    recorder.record(scores(a=1.0), end(1))
    recorder.drain(1e6, lambda: next(answers))
    over.set()
    assert next(answers, None) is None


def test_what_a_client_draws_was_not_drawn() -> None:
    client, drawn = Flaky(), list[object]()
    client.meet = lambda _: drawn.append(draw())
    seed_everything(3)
    expected = draw()
    seed_everything(3)
    recorder = RunRecorder(client, limit_s=60)
    recorder.record_settings({"lr": 0.1})
    recorder.record(scores(a=1.0), end(1))
    assert recorder.run_folder is None
    assert draw() == expected
    assert drawn == [expected] * 2 + drawn[2:]


def test_an_array_is_sent_as_it_was_when_it_was_recorded() -> None:
    over, client, array = Event(), Flaky(), np.zeros(2)
    client.meet = lambda _: over.wait(60)
    recorder = RunRecorder(client, limit_s=0.05)
    results = [*scores(a=1.0), Result(ResultKind.ARRAY, "x", array)]
    recorder.record([*results, Result(ResultKind.ARRAY_COLLECTION, "y", {"z": array})], end(1))
    array += 1
    over.set()
    recorder.drain()
    assert str(client.logged[2:]) == (
        "[('x_EPOCH_000001', array([0., 0.])), ('y_EPOCH_000001', {'z': array([0., 0.])})]"
    )


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


def test_files_of_a_run_folder_go_under_the_name_of_their_folder(tmp_path: Path) -> None:
    client = Flaky()
    recorder = RunRecorder(client)
    recorder.record_files(tmp_path)  # there are none
    for name in ("files/tabular_data/a.csv", "files/a/b/c.txt", "files/note.txt", "best/no.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one", encoding="utf-8")
    recorder.record_files(tmp_path)
    sent = {name: Path(str(path)).relative_to(tmp_path).as_posix() for name, path in client.logged}
    assert sent == {
        "a/b": "files/a/b/c.txt",
        "note": "files/note.txt",
        "tabular_data": "files/tabular_data/a.csv",
    }


def test_a_file_is_sent_again_where_it_changed_or_was_refused(tmp_path: Path) -> None:
    client = Flaky()
    recorder = RunRecorder(client)
    note, weights = tmp_path / "files/note.txt", tmp_path / "best/weights.safetensors"
    for file in (note, weights):
        file.parent.mkdir()
        file.write_text("one", encoding="utf-8")
    recorder.record_files(tmp_path)
    recorder.record_files(tmp_path)
    assert [name for name, _ in client.logged] == ["note", "torch_checkpoints"]
    weights.write_text("longer", encoding="utf-8")
    client.down = True
    recorder.record_files(tmp_path)
    client.down = False
    recorder.record_files(tmp_path)
    assert [name for name, _ in client.logged][2:] == ["torch_checkpoints"]
