"""What recording one score costs while the tracker is alive, refused, hanging, dead, or missing.

    python -m benchmarks.tracking

Training records to the run folder; whoever delivers reads it from there. Each number is of one
recorded score, in microseconds, with the delivery running beside it; promised is a p99 of 50.
"""

import importlib
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, final, get_args

import numpy as np

from artifact_torch.contracts import Ending, Moment, Recorded, Result, ResultKind, RunIdentity
from artifact_torch.run_folder import Record
from artifact_torch.tracking.delivery.delivery import Delivery

N_SCORES = 5000
PAUSE_S = 0.001  # a step of training
MOST_US = 50.0

Health: TypeAlias = Literal["none", "alive", "refused", "hanging", "dead", "missing"]


@final
class Sick:
    """A tracker in each of its states; `alive` takes 8 ms a call, as a server does."""

    def __init__(self, health: Health) -> None:
        self.health = health

    def __reduce__(self) -> tuple[object, ...]:
        return _made, (self.health, os.getpid())

    def begin(self, _: RunIdentity, /) -> Mapping[str, str]:
        return {}

    def log_settings(self, settings: Mapping[str, object], /) -> None: ...

    def log_results(self, _: Sequence[Recorded], /) -> None:
        match self.health:
            case "refused":
                raise ConnectionRefusedError("http://127.0.0.1:9")
            case "hanging":
                time.sleep(1e6)
            case "dead":
                os._exit(1)
            case _:
                time.sleep(0.008)

    def log_file(self, path: Path, name: str, /) -> None: ...

    def end(self, how: Ending, reason: str, /) -> None: ...


def _made(health: Health, maker: int) -> Sick:
    if health == "missing" and os.getpid() != maker:
        raise ModuleNotFoundError("No module named 'tracker'")
    return Sick(health)


def microseconds(health: Health, folder: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of each recorded score."""
    folder.mkdir()
    record = Record(folder)
    record.begin(Moment(epoch=0, step=0), {"lr": 0.1})
    delivery = Delivery([] if health == "none" else [Sick(health)], folder)
    delivery.start()
    taken = np.empty(N_SCORES)
    for step in range(1, N_SCORES + 1):
        result, moment = Result(ResultKind.SCORE, "loss", 1 / step), Moment(epoch=0, step=step)
        start = time.perf_counter_ns()
        record.add([result], moment)
        delivery.moment()
        taken[step - 1] = (time.perf_counter_ns() - start) / 1000
        time.sleep(PAUSE_S)
    record.end("finished", "all")
    delivery.finish(1.0)
    return taken


def main() -> int:
    """Prints the table; 1 where a tracker costs what the record alone does not."""
    logging.disable(logging.WARNING)
    print(f"recording one score, {N_SCORES} of them, microseconds\n")
    print(f"{'tracker':<10}{'median':>10}{'p99':>10}{'most':>10}")
    alone, status = MOST_US, 0
    with TemporaryDirectory() as parent:
        healths: tuple[Health, ...] = get_args(Health)
        for health in healths:
            taken = microseconds(health, Path(parent) / health)
            median, p99, most = np.percentile(taken, [50, 99, 100])
            print(f"{health:<10}{median:>10.1f}{p99:>10.1f}{most:>10.1f}")
            alone = max(alone, p99) if health == "none" else alone
            status |= int(p99 > 2 * alone)  # of a machine that is busy with other things
    return status


if __name__ == "__main__":
    # once more under its own name: a client of `__main__` would not be sent to a process of its own
    sys.exit(importlib.import_module("benchmarks.tracking").main())
