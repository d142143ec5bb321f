"""What it costs the training to record one score, whatever becomes of the tracker.

Training records to the run folder; whoever delivers reads it from there. Processor time of the
training thread, the median of many scores and the slowest hundredth, with the delivery running
beside it. Training pauses between two scores, as a step does, so that nothing is in the caches.
"""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, final, get_args

import numpy as np

from artifact_torch.contracts import Ending, Moment, Recorded, Result, ResultKind, RunIdentity
from artifact_torch.run_folder import Begun, RunFolder, opened
from artifact_torch.tracking.delivery.delivery import Delivery
from benchmarks.measuring import Effort, Row

PAUSE_S = 0.001  # a step of training
GOAL = 50.0  # microseconds, of the slowest hundredth

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


def measure(effort: Effort) -> Sequence[Row]:
    logging.disable(logging.WARNING)
    rows: list[Row] = []
    healths: tuple[Health, ...] = ("none",) if effort.tiny else get_args(Health)
    with TemporaryDirectory() as parent:
        for health in healths:
            taken = microseconds(health, Path(parent) / health, effort.of(2_000, 100))
            median, slow = np.percentile(taken, [50, 99])
            what = f"tracker {health}" if health != "none" else "no tracker"
            rows.append(Row(what=f"{what}, median", value=float(median), unit="us"))
            rows.append(
                Row(what=f"{what}, slowest hundredth", value=float(slow), unit="us", goal=GOAL)
            )
    return rows


def microseconds(health: Health, folder: Path, n_scores: int) -> Times:
    """Of each recorded score."""
    taken = np.empty(n_scores)
    with opened(RunFolder(folder)) as run:
        run.begin(Moment(epoch=0, step=0), Begun(settings={"lr": 0.1}))
        delivery = Delivery([] if health == "none" else [Sick(health)], folder)
        delivery.start()
        for step in range(1, n_scores + 1):
            result = Result(ResultKind.SCORE, "loss", 1 / step)
            moment = Moment(epoch=0, step=step, seconds=0.01 * step, ends_epoch=False)
            worked = time.thread_time_ns()
            run.record([result], moment)
            delivery.moment()
            taken[step - 1] = (time.thread_time_ns() - worked) / 1000
            time.sleep(PAUSE_S)
        run.end("finished", "all")
        delivery.finish(1.0)
    return taken
