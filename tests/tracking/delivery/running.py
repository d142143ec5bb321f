"""A run beside its clients: what tests of processes wait for, and for how long."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from artifact_torch.contracts import ResultsClient
from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.doubles import called
from tests.tracking.delivery.recording import Recording

FOREVER = 1e6
IMPATIENT = Patience(
    first_pause=0.02,
    longest_pause=0.1,
    longest_call=60,
    longest_silence=FOREVER,
    longest_start=FOREVER,
)
HANGING = replace(IMPATIENT, longest_call=2)
"""For a test with a client that hangs; the others take less, also where the machine is busy."""


def until(holds: Callable[[], object]) -> None:
    """Waits for it; a minute is for machines that are busy."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def moments_until(delivery: Delivery, holds: Callable[[], object]) -> None:
    """As `until`, with moments of training meanwhile."""

    def held() -> object:
        delivery.moment()
        return holds()

    until(held)


def has_begun(out: Path, n_before: int) -> bool:
    """Whether the client that writes to `out` was begun more often than that."""
    return len(called(out, "begin")) > n_before


def lives(process: object) -> bool:
    """Whether that process is there, and no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def delivered(
    folder: Path, *clients: ResultsClient, step: int = 0, patience: Patience = IMPATIENT
) -> Generator[tuple[Recording, Delivery]]:
    """A run that goes on from `step`, and is finished after."""
    record, delivery = Recording(folder), Delivery(clients, folder, patience=patience)
    record.begin(step, lr=0.1)
    delivery.start()
    yield record, delivery
    record.end()
    delivery.finish(FOREVER)


def results(record: Recording, *steps: int) -> None:
    for step in steps:
        record.scores(step, loss=1 / step, accuracy=0.5)


def all_of(*steps: int) -> list[tuple[str, int]]:
    return [(name, step) for step in steps for name in ("loss", "accuracy")]
