"""What it costs the training to record one score: microseconds, over 20,000 moments.

`record` is the line alone, `run` all that the trainer calls at a moment: line, table of scores and
status. Beside the time on the clock stands that of the processor, which other programs of the
machine do not lengthen. Run: `make bench`.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.run_folder import Begun, Record, RunFolder, opened

N_MOMENTS = 20_000
GOAL = 50.0  # microseconds, of the slowest hundredth


def timed(add: Callable[[list[Result], Moment], object]) -> tuple[list[float], list[float]]:
    """Microseconds of each call, on the clock and of the processor."""
    spent: list[float] = []
    worked: list[float] = []
    for step in range(1, N_MOMENTS + 1):
        results = [Result(ResultKind.SCORE, "loss", 1.0 / step)]
        moment = Moment(epoch=0, step=step, seconds=0.01 * step, ends_epoch=False)
        worked_since, since = time.thread_time(), time.perf_counter()
        add(results, moment)
        spent.append(1e6 * (time.perf_counter() - since))
        worked.append(1e6 * (time.thread_time() - worked_since))
    return spent, worked


def show(what: str, times: tuple[list[float], list[float]]) -> None:
    for how, spent in zip(("clock", "processor"), times, strict=True):
        hundredths = statistics.quantiles(spent, n=100)
        print(
            f"{what:<7} {how:<10} median {hundredths[49]:5.1f}   p99 {hundredths[98]:6.1f} (goal "
            f"{GOAL:.0f})   most {max(spent):9.1f}   mean {statistics.mean(spent):5.1f}"
        )


def main() -> None:
    with TemporaryDirectory() as folder:
        for _ in range(3):
            record = Record(Path(folder) / "record")
            record.begin(Moment(epoch=0, step=0), {})
            show("record", timed(record.add))
            with opened(RunFolder(Path(folder) / "run")) as run:
                run.begin(Moment(epoch=0, step=0), Begun())
                show("run", timed(run.record))
                run.end("finished", "")


if __name__ == "__main__":
    main()
