"""What recording one score costs while the tracker is alive, refused, hanging, dead, or missing.

    python -m benchmarks.tracking

Training records to the run folder; whoever delivers reads it from there. Each number is of one
recorded score, in microseconds, with the delivery running beside it: on the clock, and of the
processor, which other programs of the machine do not lengthen; promised is a p99 of 50. Training
pauses between two scores, as a step does, so that nothing is in the caches when one comes.
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
from artifact_torch.run_folder import Begun, RunFolder, opened
from artifact_torch.tracking.delivery.delivery import Delivery

N_SCORES = 3000
PAUSE_S = 0.001  # a step of training
MOST_US = 50.0

Times: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

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


def microseconds(health: Health, folder: Path) -> Times:
    """Of each recorded score: on the clock, and of the processor."""
    taken = np.empty((2, N_SCORES))
    with opened(RunFolder(folder)) as run:
        run.begin(Moment(epoch=0, step=0), Begun(settings={"lr": 0.1}))
        delivery = Delivery([] if health == "none" else [Sick(health)], folder)
        delivery.start()
        for step in range(1, N_SCORES + 1):
            result = Result(ResultKind.SCORE, "loss", 1 / step)
            moment = Moment(epoch=0, step=step, seconds=0.01 * step, ends_epoch=False)
            worked, start = time.thread_time_ns(), time.perf_counter_ns()
            run.record([result], moment)
            delivery.moment()
            taken[0, step - 1] = (time.perf_counter_ns() - start) / 1000
            taken[1, step - 1] = (time.thread_time_ns() - worked) / 1000
            time.sleep(PAUSE_S)
        run.end("finished", "all")
        delivery.finish(1.0)
    return taken


def main() -> int:
    """Prints the table; 1 where the processor is busy for longer than promised."""
    logging.disable(logging.WARNING)
    print(f"recording one score, {N_SCORES} of them, microseconds: clock, then processor\n")
    print(f"{'tracker':<10}" + 2 * f"{'median':>10}{'p99':>10}{'most':>10}")
    status = 0
    with TemporaryDirectory() as parent:
        healths: tuple[Health, ...] = get_args(Health)
        for health in healths:
            numbers = np.percentile(microseconds(health, Path(parent) / health), [50, 99, 100], 1)
            print(f"{health:<10}" + "".join(f"{each:>10.1f}" for each in numbers.T.ravel()))
            status |= int(numbers[1, 1] > MOST_US)
    return status


if __name__ == "__main__":
    # once more under its own name: a client of `__main__` would not be sent to a process of its own
    sys.exit(importlib.import_module("benchmarks.tracking").main())
