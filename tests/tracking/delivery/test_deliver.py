"""The calls of a client: in order, each until it succeeds, none twice."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.run_folder import Record
from artifact_torch.tracking.delivery.backlog import waiting
from artifact_torch.tracking.delivery.deliver import Deliverer, Patience
from artifact_torch.tracking.delivery.outage import Outage
from tests.tracking.delivery.memory import Backend, MemoryClient
from tests.tracking.delivery.recording import Recording

AT_ONCE = Patience(first_pause=0, longest_pause=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vae"


def raising(error: BaseException, *, of: str, times: int = 1) -> Callable[[str], None]:
    """Raises it the first times that the call is made."""
    left = [error] * times

    def meet(what: str) -> None:
        if what == of and left:
            raise left.pop()

    return meet


def test_a_run_is_delivered_in_its_order(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin(lr=0.1)
    record.scores(10, loss=0.5, accuracy=0.25)
    record.scores(20, loss=0.25)
    record.end("failed", "ValueError: no")
    assert Deliverer(MemoryClient(backend), folder, "memory").deliver()
    assert backend.calls == [
        ("begin", ("vae", {})),
        ("settings", {"lr": 0.1}),
        ("results", [("loss", 10), ("accuracy", 10)]),
        ("results", [("loss", 20)]),
        ("end", ("failed", "ValueError: no")),
    ]
    assert backend.has == {("loss", 10): 0.5, ("accuracy", 10): 0.25, ("loss", 20): 0.25}


def test_what_the_folder_wrote_is_delivered(folder: Path) -> None:
    folder.mkdir()
    client, record = MemoryClient(Backend()), Record(folder)
    record.begin(Moment(epoch=0, step=0), {"lr": 0.1})
    results = [
        Result(ResultKind.SCORE, "loss", 0.5),
        Result(ResultKind.SCORE_COLLECTION, "by class", {"a": 1.0, "b": float("nan")}),
        Result(ResultKind.ARRAY, "curve", np.arange(3.0)),
    ]
    record.add(results, Moment(epoch=1, step=10, seconds=2.5))
    record.end("finished", "all")
    deliverer = Deliverer(client, folder, "memory")
    assert deliverer.deliver()
    assert client.backend.has[("loss", 10)] == 0.5
    assert str(client.backend.has[("by class", 10)]) == "{'a': 1.0, 'b': nan}"
    curve = client.backend.has[("curve", 10)]
    assert isinstance(curve, np.ndarray)
    assert curve.tolist() == [0.0, 1.0, 2.0]
    assert client.backend.calls[-1] == ("end", ("finished", "all"))


def test_nothing_is_sent_twice(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin(lr=0.1)
    record.scores(10, loss=0.5)
    first = Deliverer(MemoryClient(backend), folder, "memory")
    assert first.deliver()
    assert first.deliver()
    record.scores(20, loss=0.25)
    assert first.deliver()
    first.release()
    record.scores(30, loss=0.125)
    assert Deliverer(MemoryClient(backend), folder, "memory").deliver()
    assert backend.n_sent == {("loss", 10): 1, ("loss", 20): 1, ("loss", 30): 1}
    assert backend.calls[-2:] == [
        ("begin", ("vae", {"id": "1"})),  # what the first begin returned
        ("results", [("loss", 30)]),
    ]


def test_a_moment_that_may_not_be_whole_is_left_for_later(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    assert not deliverer.deliver(settled=False)
    record.begin()
    record.scores(10, loss=0.5)
    deliverer.deliver(settled=False)
    assert backend.names == ["begin"]
    record.scores(10, accuracy=0.25)
    record.torn('{"kind": "score", "name": "loss", "val')
    deliverer.deliver(settled=False)
    assert backend.names == ["begin"]
    deliverer.deliver()
    assert backend.calls[-1] == ("results", [("loss", 10), ("accuracy", 10)])
    record.torn('ue": 1, "epoch": 1, "step": 20, "time": 1}\n')
    record.scores(30, loss=0.5)
    deliverer.deliver(settled=False)
    assert backend.calls[-1] == ("results", [("loss", 20)])


def test_lines_that_say_nothing_are_passed_over(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin()
    record.torn(
        'garbage\n[1]\n{"kind": "score"}\n{"event": "failure", "step": 10}\n\n{"event": 3}\n'
    )
    record.torn(
        '{"kind": "array", "name": "gone", "step": 10, "epoch": 1, "value": {"file": "no"}}\n'
    )
    record.torn('{"event": "end", "how": "melted"}\n')
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    assert deliverer.deliver()
    assert backend.names == ["begin", "end"]
    assert backend.calls[-1] == ("end", ("finished", ""))


@pytest.mark.parametrize("call", ["begin", "settings", "results", "end"])
@pytest.mark.parametrize("error", [ConnectionError("no server"), SystemExit(3), GeneratorExit()])
def test_a_call_that_raises_is_made_again(folder: Path, call: str, error: BaseException) -> None:
    record, backend, heard = Recording(folder), Backend(), list[Outage]()
    record.begin(lr=0.1)
    record.scores(10, loss=0.5)
    record.end()
    client = MemoryClient(backend, raising(error, of=call, times=3))
    deliverer = Deliverer(client, folder, "memory", tell=heard.append, patience=AT_ONCE)
    assert [deliverer.deliver() for _ in range(4)] == [False, False, False, True]
    assert backend.names == ["begin", "settings", "results", "end"]
    began, over = heard
    assert type(error).__name__ in began.cause
    assert (began.until, over.since, over.cause) == (None, began.since, began.cause)
    assert over.until is not None
    assert deliverer.outage is None


def test_pauses_grow_to_a_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, tried = [0.0], list[float]()
    monkeypatch.setattr("artifact_torch.tracking.delivery.deliver.monotonic", lambda: now[0])
    Recording(folder).begin()

    def refuse(_: str) -> None:
        tried.append(now[0])
        raise ConnectionError

    patience = Patience(first_pause=1, longest_pause=8)
    deliverer = Deliverer(MemoryClient(Backend(), refuse), folder, "memory", patience=patience)
    for second in range(40):
        now[0] = float(second)
        deliverer.deliver()
    assert tried == [0, 1, 3, 7, 15, 23, 31, 39]
    deliverer.deliver(at_once=True)
    assert tried[-2:] == [39, 39]


def test_an_outage_stands_in_the_folder(folder: Path) -> None:
    record = Recording(folder)
    record.begin()
    record.scores(10, loss=0.5, accuracy=0.5)
    client = MemoryClient(Backend(), raising(ConnectionError("http://x:9"), of="results"))
    deliverer = Deliverer(client, folder, "memory", patience=AT_ONCE)
    assert waiting(folder, "memory") == 2
    deliverer.deliver()
    file = folder / "tracking" / "memory.json"
    assert json.loads(file.read_bytes())["outage"]["cause"] == "ConnectionError: http://x:9"
    assert waiting(folder, "memory") == 2
    deliverer.deliver()
    assert json.loads(file.read_bytes())["outage"] is None
    assert waiting(folder, "memory") == 0


def test_a_call_that_does_not_return_is_an_outage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, heard, called, over = [0.0], list[Outage](), Event(), Event()
    monkeypatch.setattr("artifact_torch.tracking.delivery.deliver.monotonic", lambda: now[0])
    Recording(folder).begin()

    def hang(_: str) -> None:
        called.set()
        assert over.wait(60)

    client = MemoryClient(Backend(), hang)
    deliverer = Deliverer(client, folder, "memory", tell=heard.append)
    thread = Thread(target=deliverer.deliver)
    thread.start()
    assert called.wait(60)
    deliverer.watch()
    assert heard == []
    now[0] = 20.0
    deliverer.watch()
    deliverer.watch()
    assert [each.cause for each in heard] == ["begin has not returned for 20 s"]
    over.set()
    thread.join()
    assert len(heard) == 2
    assert heard[1].until is not None


def test_a_run_that_goes_on_sends_what_is_new(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin(lr=0.1)
    for step in (10, 20, 30):
        record.scores(step, loss=step)
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    deliverer.deliver()
    record.begin(10, lr=0.1)
    for step in (15, 20, 25, 30, 40):  # another cadence
        record.scores(step, loss=-step)
    deliverer.deliver()
    assert backend.has == {
        **{("loss", step): step for step in (10, 20, 30)},
        **{("loss", step): -step for step in (15, 25, 40)},
    }
    assert set(backend.n_sent.values()) == {1}
    assert backend.names.count("settings") == 1


def test_a_run_that_goes_back_again_and_again_sends_each_step_once(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    record.begin()
    record.scores(30, loss=30)
    deliverer.deliver()
    for attempt in range(3):
        record.begin(10)
        for step in (15, 20, 25):
            record.scores(step, loss=attempt)
        deliverer.deliver()
    assert backend.has == {("loss", step): 0 for step in (15, 20, 25)} | {("loss", 30): 30}
    assert set(backend.n_sent.values()) == {1}


def test_settings_that_changed_are_sent_again(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin(lr=0.1)
    record.end("killed", "SIGTERM")
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    deliverer.deliver()
    record.begin(lr=0.2)
    deliverer.deliver()
    assert backend.calls == [
        ("begin", ("vae", {})),
        ("settings", {"lr": 0.1}),
        ("end", ("killed", "SIGTERM")),
        ("begin", ("vae", {"id": "1"})),
        ("settings", {"lr": 0.2}),
    ]


def test_a_future_that_was_left_behind_before_it_was_sent_is_not(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin()
    record.scores(10, loss=10)
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    deliverer.deliver()
    for step in (20, 30):
        record.scores(step, loss=step)
    record.begin(20)
    record.scores(30, loss=-30)
    record.scores(40, loss=-40)
    record.begin(10)
    record.scores(20, loss=-20)
    deliverer.deliver()
    assert backend.has == {("loss", 10): 10, ("loss", 20): -20}
    deliverer.release()
    record.scores(30, loss=3)
    record.scores(40, loss=4)
    record.begin(10)
    for step in (20, 30, 40, 50):
        record.scores(step, loss=5)
    Deliverer(MemoryClient(backend), folder, "memory").deliver()
    assert backend.has == {
        ("loss", 10): 10,
        ("loss", 20): -20,
        **{("loss", step): 5 for step in (30, 40, 50)},
    }
    assert set(backend.n_sent.values()) == {1}


def test_a_record_that_was_made_anew_is_read_from_its_beginning(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin()
    for step in (10, 20):
        record.scores(step, loss=step)
    first = Deliverer(MemoryClient(backend), folder, "memory")
    first.deliver()
    first.release()
    record.path.unlink()
    record.begin()
    record.scores(20, loss=0)
    record.scores(30, loss=30)
    Deliverer(MemoryClient(backend), folder, "memory").deliver()
    assert backend.has == {("loss", step): step for step in (10, 20, 30)}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 2}', '{"version": 1, "steps": 3}'])
def test_a_standing_that_says_nothing_is_as_none(folder: Path, content: str) -> None:
    record, backend = Recording(folder), Backend()
    record.begin()
    record.scores(10, loss=0.5)
    file = folder / "tracking" / "memory.json"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    assert Deliverer(MemoryClient(backend), folder, "memory").deliver()
    assert backend.n_sent == {("loss", 10): 1}


def test_one_at_a_time_delivers_under_a_name(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    record.begin()
    first = Deliverer(MemoryClient(backend), folder, "memory")
    second = Deliverer(MemoryClient(backend), folder, "memory")
    assert first.deliver()
    record.scores(10, loss=0.5)
    assert not second.deliver()
    assert first.deliver()
    record.scores(20, loss=0.5)
    first.release()
    assert second.deliver()
    assert backend.n_sent == {("loss", 10): 1, ("loss", 20): 1}


def test_a_place_that_cannot_be_written_is_an_outage(folder: Path) -> None:
    record, backend, heard = Recording(folder), Backend(), list[Outage]()
    record.begin()
    record.scores(10, loss=0.5)
    (folder / "tracking").touch()  # a file where a folder should be
    deliverer = Deliverer(
        MemoryClient(backend), folder, "memory", tell=heard.append, patience=AT_ONCE
    )
    assert not deliverer.deliver()
    assert not deliverer.deliver()
    assert backend.calls == []
    (folder / "tracking").unlink()
    assert deliverer.deliver()
    assert backend.n_sent == {("loss", 10): 1}
    assert [each.until is None for each in heard] == [True, False]


def test_a_run_without_an_end_is_told_how_it_ended(folder: Path) -> None:
    record, backend = Recording(folder), Backend()
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    assert deliverer.close("killed", "gone")  # nothing was begun
    record.begin()
    record.scores(10, loss=0.5)
    assert deliverer.close("killed", "gone")
    assert deliverer.close("killed", "gone")
    assert backend.names == ["begin", "results", "end"]
    record.begin(10)
    record.end()
    assert deliverer.close("killed", "gone")
    assert backend.names == ["begin", "results", "end", "begin", "end"]
    assert backend.calls[-1] == ("end", ("finished", "all epochs"))


@pytest.mark.parametrize("is_left", [True, False], ids=["something left", "nothing left"])
def test_a_run_that_is_gone_there_is_delivered_again_from_the_first(
    folder: Path, is_left: bool
) -> None:
    record, first = Recording(folder), Backend()
    record.begin(lr=0.1)
    for step in (10, 20, 30):
        record.scores(step, loss=step)
    deliverer = Deliverer(MemoryClient(first), folder, "memory")
    assert deliverer.deliver()
    deliverer.release()
    assert set(first.n_sent.values()) == {1}
    if is_left:
        record.begin(20, lr=0.1)
        record.scores(30, loss=-30)
        record.end()
    other = Backend()
    again = Deliverer(MemoryClient(other, name="other"), folder, "memory")
    assert again.close("killed", "gone")
    last = -30 if is_left else 30
    assert other.has == {("loss", 10): 10, ("loss", 20): 20, ("loss", 30): last}
    assert set(other.n_sent.values()) == {1}
    assert other.calls[:2] == [("begin", ("vae", {"id": "1"})), ("settings", {"lr": 0.1})]
    assert other.names.count("begin") == 1
    assert other.names[-1] == "end"
    again.release()
    assert Deliverer(MemoryClient(other, name="other"), folder, "memory").deliver()
    assert set(other.n_sent.values()) == {1}


def test_what_was_begun_anew_and_killed_is_delivered_from_the_first(folder: Path) -> None:
    record, first, other = Recording(folder), Backend(), Backend()
    record.begin(lr=0.1)
    record.scores(10, loss=10)
    deliverer = Deliverer(MemoryClient(first), folder, "memory")
    assert deliverer.deliver()
    deliverer.release()
    record.scores(20, loss=20)
    for of in ("after begin", "settings", "results"):
        meet = raising(KeyboardInterrupt(), of=of)
        killed = Deliverer(MemoryClient(other, meet, name="other"), folder, "memory")
        with pytest.raises(KeyboardInterrupt):
            killed.deliver()
        killed.release()
    assert Deliverer(MemoryClient(other, name="other"), folder, "memory").deliver()
    assert other.n_sent == {("loss", 10): 1, ("loss", 20): 1}
    assert other.names.count("settings") == 1
