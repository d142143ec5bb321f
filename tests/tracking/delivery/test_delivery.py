"""Clients that refuse, hang, exit, die and do not import: training does not feel them."""

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import final

import pytest

from artifact_torch import seed_everything
from artifact_torch.tracking.delivery.backlog import waiting
from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.doubles import BrokenAtImport, Fault, FileClient, called, draw, had
from tests.tracking.delivery.memory import Backend, MemoryClient
from tests.tracking.delivery.recording import Recording
from tests.tracking.delivery.running import (
    FOREVER,
    HANGING,
    IMPATIENT,
    all_of,
    delivered,
    has_begun,
    lives,
    moments_until,
    results,
    until,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vae"


@pytest.fixture(autouse=True)
def settings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr("artifact_torch.tracking.delivery.in_thread.LIMIT_S", 60)


def test_a_run_reaches_its_client_in_a_process_that_ends(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    with delivered(folder, FileClient(out)) as (record, delivery):
        results(record, *range(1, 40))
    assert had(out) == all_of(*range(1, 40))
    assert len(called(out, "sent")) == 78
    assert called(out, "settings") == [{"what": "settings", "settings": {"lr": 0.1}}]
    assert called(out, "end") == [{"what": "end", "how": "finished", "reason": "all epochs"}]
    (begun,) = called(out, "begin")
    assert begun["process"] != os.getpid()
    assert begun["loaded_torch"] is False
    assert not lives(begun["process"])
    assert delivery.outages == {}
    assert caplog.messages == []


def test_results_arrive_while_training_goes_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with delivered(folder, FileClient(out)) as (record, _):
        results(record, 1)
        until(lambda: had(out) == all_of(1))
        results(record, 2)
        until(lambda: had(out) == all_of(1, 2))


@pytest.mark.parametrize("fault", ["refused", "exits"])
@pytest.mark.parametrize("of", ["begin", "log_settings", "log_results", "after"])
def test_an_outage_is_told_when_it_begins_and_when_it_ends(
    folder: Path, tmp_path: Path, fault: Fault, of: str, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    client = FileClient(out, fault=fault, of=of)
    with delivered(folder, client) as (record, delivery):
        results(record, 1, 2)
        until(lambda: delivery.outages)
        results(record, 3)
        client.switch.unlink()
        until(lambda: had(out) == all_of(1, 2, 3) and len(caplog.messages) == 2)
        results(record, 4)
    assert had(out) == all_of(1, 2, 3, 4)
    began, over = caplog.messages
    cause = {"refused": "no server at http://127.0.0.1:9", "exits": "SystemExit: 3"}[fault]
    assert began.startswith("FileClient cannot be reached since ")
    assert over.startswith("FileClient answers again: it was out from ")
    assert cause in began
    assert cause in delivery.outages["file"]
    assert "not delivered" not in delivery.outages["file"]


@pytest.mark.parametrize("fault", ["refused", "hangs"])
@pytest.mark.parametrize("of", ["begin", "log_results", "end"])
def test_an_outage_holds_up_neither_the_others_nor_the_end(
    folder: Path, tmp_path: Path, fault: Fault, of: str, caplog: pytest.LogCaptureFixture
) -> None:
    out, well = tmp_path / "out", tmp_path / "well"
    clients = FileClient(out, fault=fault, of=of), FileClient(well)
    with delivered(folder, *clients, patience=HANGING) as (record, _):
        results(record, 1, 2, 3)
    assert had(well) == all_of(1, 2, 3)
    n_waiting = 0 if of == "end" else 6
    assert waiting(folder, "file") == n_waiting
    assert len(caplog.messages) == (1 if of == "end" else 2)
    if n_waiting:
        advice = "That is done when the run goes on with this client."
        assert caplog.messages[1] == f"6 results are not delivered to FileClient. {advice}"
    assert all(not lives(each["process"]) for each in called(out, "begin"))


def test_what_an_outage_left_is_delivered_by_the_next_run(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    client = FileClient(out, fault="refused")
    with delivered(folder, client) as (record, delivery):
        results(record, 1, 2)
    assert had(out) == []
    assert delivery.outages["file"].endswith("4 results are not delivered")
    client.switch.unlink()
    with delivered(folder, FileClient(out), step=1) as (record, delivery):
        results(record, 3)
    assert had(out) == all_of(1, 3)  # training went on behind step 1: 2 is left behind
    assert delivery.outages == {}


def test_a_process_that_dies_is_started_again_once(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out, twice = tmp_path / "out", tmp_path / "twice"
    clients = FileClient(out, fault="dies once", of="after"), FileClient(twice, fault="dies")
    with delivered(folder, *clients) as (record, delivery):
        results(record, 1, 2, 3)
        until(lambda: "file-2" in delivery.outages)
    assert had(out) == all_of(1, 2, 3)
    assert len(called(out, "begin")) == 2
    assert len(called(out, "sent")) == 8  # those it died after are sent again, and were there
    assert "its process ended twice: with status 7; see " in delivery.outages["file-2"]
    assert [*delivery.outages] == ["file-2"]
    assert [message[:23] for message in caplog.messages] == [
        "FileClient is left out:",
        "6 results are not deliv",
    ]


def test_a_client_that_cannot_be_imported_is_left_out(folder: Path, tmp_path: Path) -> None:
    well = tmp_path / "well"
    with delivered(folder, BrokenAtImport(tmp_path), FileClient(well)) as (record, delivery):
        results(record, 1)
    assert "ImportError: libbackend.so.3" in delivery.outages["brokenatimport"]
    assert had(well) == all_of(1)


def test_a_process_that_is_killed_at_any_point_loses_and_doubles_nothing(
    folder: Path, tmp_path: Path
) -> None:
    out, steps, chance = tmp_path / "out", 0, random.Random(7)
    for _ in range(4):
        record, n_begun = Recording(folder), len(called(out, "begin"))
        delivery = Delivery([FileClient(out)], folder, patience=IMPATIENT)
        record.begin(steps)
        delivery.start()
        until(partial(has_begun, out, n_begun))
        process = called(out, "begin")[-1]["process"]
        for _ in range(chance.randint(5, 60)):
            steps += 1
            results(record, steps)
        time.sleep(chance.random() * 0.1)
        assert isinstance(process, int)
        os.kill(process, signal.SIGKILL)
        record.end("failed")
        delivery.finish(FOREVER)
        assert not lives(called(out, "begin")[-1]["process"])
    assert len(had(out)) == 2 * steps
    assert {*had(out)} == {*all_of(*range(1, steps + 1))}


def test_training_goes_on_twice_with_one_delivery(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    record, delivery = Recording(folder), Delivery([FileClient(out)], folder, patience=IMPATIENT)
    for start in (0, 10):
        record.begin(start)
        delivery.start()
        delivery.start()
        results(record, start + 1)
        record.end()
        delivery.finish(FOREVER)
    assert had(out) == all_of(1, 11)
    assert len(called(out, "end")) == 2
    assert called(out, "begin")[1]["kept"] == {"id": "7"}


def test_the_wait_at_the_end_is_bounded_and_can_be_ended(tmp_path: Path) -> None:
    patience = Patience(longest_call=FOREVER)
    for number, timeout_s in enumerate((0.0, FOREVER)):
        folder, out = tmp_path / f"run{number}", tmp_path / f"out{number}"
        delivery = Delivery([FileClient(out, fault="hangs")], folder, patience=patience)
        record = Recording(folder)
        record.begin()
        results(record, 1)
        record.end()
        delivery.start()
        until(partial(has_begun, out, 0))
        answers = iter([False, False, True])
        delivery.finish(timeout_s, answers.__next__)
        assert not lives(called(out, "begin")[0]["process"])
        assert "2 results are not delivered" in delivery.outages["file"]


def test_a_signal_that_ended_the_run_does_not_end_the_wait(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    record, delivery = Recording(folder), Delivery([FileClient(out)], folder, patience=IMPATIENT)
    record.begin()
    delivery.start()
    results(record, 1)
    record.end("killed", "SIGTERM")
    delivery.finish(FOREVER, lambda: True)
    assert had(out) == all_of(1)
    assert called(out, "end") == [{"what": "end", "how": "killed", "reason": "SIGTERM"}]


def test_stopping_at_once_leaves_no_process(folder: Path, tmp_path: Path) -> None:
    delivery = Delivery([FileClient(tmp_path / "out")], folder)
    for _ in range(5):
        delivery.start()
        delivery.finish(0)
    delivery.finish(0)
    Delivery([FileClient(tmp_path / "out")], folder).finish(0)  # never started


def local_client(backend: Backend, meet: Callable[[str], object]) -> MemoryClient:
    """It does not pickle: `meet` is a function within a function."""
    return MemoryClient(backend, lambda what: [meet(what)])


def test_a_client_that_cannot_be_sent_works_within_the_moments(folder: Path) -> None:
    backend, seen = Backend(), list[int]()
    with delivered(folder, local_client(backend, lambda _: None)) as (record, delivery):
        moments_until(delivery, lambda: backend.calls)
        for step in range(1, 6):
            results(record, step)
            delivery.moment()
            seen.append(len(backend.has))
    assert seen == [2, 4, 6, 8, 10]
    assert set(backend.n_sent.values()) == {1}
    assert backend.names[-1] == "end"
    assert delivery.outages == {}


def test_what_clients_draw_was_not_drawn(folder: Path, tmp_path: Path) -> None:
    seed_everything(11)
    expected = [draw() for _ in range(5)]
    drawn: list[object] = []
    here = local_client(Backend(), lambda _: drawn.append(draw()))
    there = FileClient(tmp_path / "out", fault="draws")
    with delivered(folder, here, there) as (record, delivery):
        moments_until(delivery, lambda: drawn)
        seed_everything(11)
        got = list[object]()
        for step in range(1, 6):
            got.append(draw())
            results(record, step)
            delivery.moment()
    assert got == expected
    assert len(drawn) > 10


def test_a_client_that_hangs_in_a_thread_is_waited_for_once(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artifact_torch.tracking.delivery.in_thread.LIMIT_S", 1)
    over: list[bool] = []

    def hang(what: str) -> None:
        if what == "results":
            until(lambda: over)

    backend = Backend()
    client = local_client(backend, hang)
    with delivered(folder, client, patience=HANGING) as (record, delivery):
        moments_until(delivery, lambda: backend.calls)
        for step in range(1, 200):
            results(record, step)
            delivery.moment()
    over.append(True)
    until(lambda: "MemoryClient answers again" in caplog.text)  # else another test would hear it
    assert caplog.messages[0].startswith("MemoryClient did not answer within 1 s.")
    assert caplog.messages[1].startswith("MemoryClient cannot be reached since ")
    assert caplog.messages[2].startswith("398 results are not delivered to MemoryClient.")
    assert "log_results has not returned" in delivery.outages["memory"]


@final
class Hostile:
    """Raises whatever is asked of it."""

    @property
    def arguments(self) -> Mapping[str, str | None]:
        raise RuntimeError("arguments")

    def __reduce__(self) -> str:
        raise SystemExit(3)

    def begin(self, run: object, /) -> Mapping[str, str]:
        raise SystemExit(4)

    def log_settings(self, settings: object, /) -> None: ...

    def log_results(self, results: object, /) -> None: ...

    def log_file(self, path: object, name: str, /) -> None: ...

    def end(self, how: object, reason: str, /) -> None: ...


def test_a_hostile_client_is_an_outage(folder: Path) -> None:
    with delivered(folder, Hostile()) as (record, delivery):
        results(record, 1)
        moments_until(delivery, lambda: delivery.outages)
    assert "SystemExit: 4" in delivery.outages["hostile"]
