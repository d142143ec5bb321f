"""The default demo from the start of its interpreter to its end: imports, training, report."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.children import ONE_THREAD, ROOT
from benchmarks.measuring import Effort, Row

CPU_S, WALL_S, PEAK_MIB = 12.0, 15.0, 600.0


def measure(effort: Effort) -> Sequence[Row]:
    """Once, since it takes longer than any noise."""
    if effort.tiny:
        return [Row(what="the demo", note="not measured: it has no tiny size")]
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "demo", "--out", str(Path(folder) / "run")]
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603  (our own program)
            command,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as child:
            _, status, used = os.wait4(child.pid, 0)  # with the processes that it waited for
            child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
    if child.returncode:
        return [Row(what="the demo", note=f"failed: it ended with {child.returncode}")]
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return [
        Row(what="on the clock", value=wall, unit="s", goal=WALL_S),
        Row(what="of the processor, all its processes", value=cpu, unit="s", goal=CPU_S),
        Row(
            what="memory at the most, of its largest process", value=peak, unit="MiB", goal=PEAK_MIB
        ),
    ]
