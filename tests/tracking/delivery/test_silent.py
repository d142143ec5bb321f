"""The end of a run waits for clients that answer, not for those that do not."""

import logging
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.doubles import FileClient, called, had
from tests.tracking.delivery.memory import Backend, MemoryClient
from tests.tracking.delivery.recording import Recording
from tests.tracking.delivery.running import FOREVER, IMPATIENT, all_of, lives, results, until

REST = "That is done when the run goes on with this client."


@pytest.fixture(autouse=True)
def clock(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Set the time by setting the item."""
    now = [0.0]
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr("artifact_torch.tracking.silence.monotonic", lambda: now[0])
    monkeypatch.setattr("artifact_torch.tracking.delivery.in_thread.LIMIT_S", 0.01)
    return now


def ended(folder: Path, *clients: object, patience: Patience) -> Delivery:
    """A run of two steps that has ended, and whose clients are not waited for yet."""
    record = Recording(folder)
    delivery = Delivery(
        [each for each in clients if isinstance(each, FileClient | MemoryClient)],
        folder,
        patience=patience,
    )
    record.begin(lr=0.1)
    delivery.start()
    results(record, 1, 2)
    record.end()
    return delivery


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("results", "4 results are not delivered to MemoryClient"),
        ("end", "MemoryClient was not told of the end of the run"),
    ],
)
def test_a_client_that_hangs_delays_the_end_by_five_seconds(
    tmp_path: Path, of: str, said: str, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    hangs, over, out = Event(), Event(), tmp_path / "out"

    def hang(what: str) -> None:
        if what == of and not over.is_set():
            hangs.set()
            over.wait(60)

    default = Patience()
    patience = replace(IMPATIENT, longest_silence=default.longest_silence, longest_call=FOREVER)
    delivery = ended(
        tmp_path / "vae", MemoryClient(Backend(), hang), FileClient(out), patience=patience
    )
    ticks: list[float] = []

    def tick() -> bool:
        """Time passes once the other client is done."""
        if hangs.is_set() and called(out, "end"):
            clock[0] += 1
            ticks.append(clock[0])
        return False

    delivery.finish(FOREVER, tick)
    assert len(ticks) in (5, 6)
    assert had(out) == all_of(1, 2)
    why = "it answered nothing for 5 s at the end of the run"
    assert caplog.messages[-1] == f"{said}: {why}. {REST}"
    assert why in delivery.outages["memory"]
    assert "file" not in delivery.outages
    over.set()
    until(lambda: delivery.outages)


def test_a_process_whose_client_hangs_is_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    patience = replace(IMPATIENT, longest_silence=0.0, longest_call=FOREVER)
    delivery = ended(tmp_path / "vae", FileClient(out, fault="hangs"), patience=patience)
    delivery.finish(FOREVER)  # it would never end by itself
    (begun,) = called(out, "begin")
    assert not lives(begun["process"])
    why = "it answered nothing for 0 s at the end of the run"
    assert caplog.messages == [f"4 results are not delivered to FileClient: {why}. {REST}"]


def test_a_process_that_has_yet_to_start_is_waited_for_longer(
    tmp_path: Path, clock: list[float]
) -> None:
    default, out = Patience(), tmp_path / "out"
    patience = replace(IMPATIENT, longest_start=default.longest_start, longest_call=FOREVER)
    client = FileClient(out, fault="hangs", of="begin")
    delivery, ticks = ended(tmp_path / "vae", client, patience=patience), list[float]()

    def tick() -> bool:
        clock[0] += 1
        ticks.append(clock[0])
        return False

    delivery.finish(FOREVER, tick)
    assert len(ticks) in (30, 31)
    assert called(out, "begin") == []


def test_what_was_left_and_is_delivered_by_the_next_train_is_no_outage(tmp_path: Path) -> None:
    folder, out = tmp_path / "vae", tmp_path / "out"
    client = FileClient(out, fault="refused")
    delivery = ended(folder, client, patience=IMPATIENT)
    delivery.finish(FOREVER)
    assert delivery.outages["file"].endswith("4 results are not delivered")
    client.switch.unlink()
    Recording(folder).begin(2)
    delivery.start()
    Recording(folder).end()
    delivery.finish(FOREVER)
    assert had(out) == all_of(1, 2)
    assert "not delivered" not in delivery.outages["file"]
