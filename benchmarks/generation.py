"""What generating and encoding a table cost: rows a second of one thread, and memory.

    python -m benchmarks.generation [ROWS ...]

The demo's default model, untrained, and its columns. Time is that of the processor, which other
programs of the machine do not lengthen. Each number of rows is generated in a process of its own:
beside the table itself stands by how much the process grew at its largest, once the model had
generated a batch.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import torch

from demo.config.config import load_config
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.libs.transformers.table_codec import TableCodec
from demo.model.io import TabularVAEGenerationParams
from demo.model.synthesizer import TabularVAESynthesizer

GOAL = 350_000  # rows a second
ROWS = (100_000, 1_000_000, 10_000_000)
MIB = 2**20


def built() -> tuple[TabularVAESynthesizer, TableCodec]:
    architecture = load_config().architecture
    codec = TableCodec.fit(
        simulated_heart_disease(),
        cts_features=CTS_FEATURES,
        cat_features=CAT_FEATURES,
        n_bins=architecture.n_bins_cts,
    )
    return TabularVAESynthesizer.build(codec, architecture), codec


def rate(n_rows: int, work: Callable[[], object], *, times: int = 7) -> float:
    """Rows a second of the processor's time, the median of `times`."""
    spent: list[float] = []
    for _ in range(times):
        since = time.process_time()
        work()
        spent.append(time.process_time() - since)
    return n_rows / statistics.median(spent)


def grown(n_rows: int) -> dict[str, float]:
    """MiB of the table, and by how much this process grew beside it; its rows a second."""
    model, _ = built()
    model.generate(TabularVAEGenerationParams(n_records=10_000))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (Linux)
    before = _mib("VmRSS")
    since = time.process_time()
    table = model.generate(TabularVAEGenerationParams(n_records=n_rows))
    spent = time.process_time() - since
    size = float(table.memory_usage(index=False).sum()) / MIB
    return {"table": size, "beside": _mib("VmHWM") - before - size, "rate": n_rows / spent}


def _mib(key: str) -> float:
    """A number of the kernel's about this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


def main(arguments: Sequence[str]) -> int:
    torch.set_num_threads(1)
    if arguments[:1] == ["--grown"]:
        print(json.dumps(grown(int(arguments[1]))))
        return 0
    model, codec = built()
    n_rows = 200_000
    params = TabularVAEGenerationParams(n_records=n_rows)
    model.generate(params)
    generated = rate(n_rows, lambda: model.generate(params))
    print(f"generate  {generated:12,.0f} rows a second (goal {GOAL:,})")
    table = pd.concat([simulated_heart_disease()] * 1000, ignore_index=True)
    print(f"encode    {rate(len(table), lambda: codec.encode(table), times=3):12,.0f}")
    codes = codec.encode(table)
    print(f"decode    {rate(len(table), lambda: codec.decode(codes), times=3):12,.0f}\n")
    print(f"{'rows':>12}{'a second':>12}{'table, MiB':>12}{'beside it':>12}")
    for rows in [int(each) for each in arguments] or ROWS:
        command = [sys.executable, "-m", "benchmarks.generation", "--grown", str(rows)]
        of = json.loads(subprocess.check_output(command, text=True))  # noqa: S603 (our own)
        print(f"{rows:12,}{of['rate']:12,.0f}{of['table']:12,.1f}{of['beside']:12,.1f}")
    return 0 if generated >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
