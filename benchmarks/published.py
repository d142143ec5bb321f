"""The specification's demo under the published artifact-torch and under this one, side by side.

    python -m benchmarks.published --python published-venv/bin/python [--table heart.csv]

The published package has this one's name, so that it needs an environment of its own:

    python3.11 -m venv published-venv
    published-venv/bin/pip install -c constraints.txt torch==2.13.0 artifact-torch==0.1.5

`demo/config/specification.json`, 100 epochs, every artifact of the specification's plan each 5, plots too,
a checkpoint each 5, and artifact-experiment's filesystem client; the same network, codec and table,
so that the packages alone differ. Both run in turn, each from the start of its interpreter to its
end, imports included. Both have written the same artifacts at the end, or it is said and the exit
status is 1.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, final, get_args

import numpy as np
import pandas as pd

GOAL = 3.0  # times as fast
WORKERS = 2  # the training takes 5 s of its core, and the pictures the rest of both
ROOT = Path(__file__).parents[1]

Package: TypeAlias = Literal["published", "ours"]
Validation: TypeAlias = Literal["beside", "inline"]

# what the published package calls our two losses; `files` are not compared: it gives the tracker
# generated tables and checkpoints, where ours keeps its checkpoints in the run folder
OUR_NAMES = {"LOSS_EPOCH": "batch_loss", "LOSS_TRAIN": "train_loss"}


@final
@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: seconds, MiB, and how many files or rows each artifact has."""

    wall: float
    cpu: float
    peak: float  # of its processes together
    counts: Mapping[str, int]
    real: Mapping[str, float]  # of each array collection, the numbers that are of the real table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published")
    parser.add_argument("--python", type=Path, default=os.environ.get("PUBLISHED_PYTHON"))
    parser.add_argument("--table", type=Path, help="a heart.csv; the simulated table otherwise")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--validation", choices=get_args(Validation), default="beside")
    parser.add_argument("--ours", action="store_true", help="run the demo here; used by itself")
    given = parser.parse_args(arguments)
    if given.ours:
        ours(given.table, given.epochs, given.seed, given.validation)
        return 0
    if given.python is None:
        parser.error("--python must be that of the published package's environment:" + _install())
    with TemporaryDirectory() as folder:
        table = given.table or _simulated(Path(folder))
        after = [str(table.absolute()), str(given.epochs), str(given.seed)]
        program = str(ROOT / "benchmarks" / "published_demo.py")
        before = run([str(given.python), "-P", program, *after], Path(folder, "published"))
        here = [sys.executable, "-m", "benchmarks.published", "--ours", "--table", after[0]]
        here += ["--epochs", after[1], "--seed", after[2], "--validation", given.validation]
        now = run(here, Path(folder, "ours"))
    return show(before, now)


def ours(path: Path, n_epochs: int, seed: int, where: Validation) -> None:
    """Runs the demo here, and prints where its artifacts are."""
    from artifact_core.table_comparison import TabularDataSpec
    from artifact_experiment.tracking import FilesystemTrackingClient

    from artifact_torch import Beside
    from artifact_torch.table_comparison import TableComparisonPlan
    from demo.config.config import SPECIFICATION_CONFIG, load_config
    from demo.tabular_vae import TabularVAE
    from demo.trainer import validation

    config = load_config(SPECIFICATION_CONFIG)
    config = replace(config, training=replace(config.training, max_n_epochs=n_epochs, seed=seed))
    validation.PLAN = TableComparisonPlan(
        scores=["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"],
        plots=[
            "PDF",
            "CDF",
            "DESCRIPTIVE_STATS_ALIGNMENT",
            "PCA_JUXTAPOSITION",
            "CORRELATION_HEATMAP_JUXTAPOSITION",
        ],
        score_collections=["JS_DISTANCE"],
        array_collections=[f"{each}_JUXTAPOSITION" for each in ("MEAN", "STD", "MIN", "MAX")],
        plot_collections=["PDF", "CDF"],
        plots_every=1,
        plot_collections_every=1,
    )
    cts, cat = list(config.data.cts_features), list(config.data.cat_features)
    table = pd.read_csv(path)[[*cts, *cat]]
    spec = TabularDataSpec.from_df(table, cts_features=cts, cat_features=cat)
    client = FilesystemTrackingClient.build(experiment_id="demo")
    TabularVAE.build(spec, config).fit(
        table,
        tracking_client=client,
        run_folder="run",
        device="cpu",
        validation="inline" if where == "inline" else Beside(workers=WORKERS),
    )
    client.stop()
    print(json.dumps({"folder": client.run_dir}))


def run(command: Sequence[str], home: Path) -> Run:
    """Runs a program in a new folder, its home, and reads what its tracker has written there."""
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    if command[1] == "-m":
        environment["PYTHONPATH"] = str(ROOT)
    since = time.perf_counter()
    with (home / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=said)  # noqa: S603
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)  # with the processes that it waited for
        wall = time.perf_counter() - since
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        said.seek(0)
        folder = Path(json.loads(said.read().splitlines()[-1])["folder"], "artifacts")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall=wall, cpu=cpu, peak=peak.mib(), counts=_counts(folder), real=_real(folder))


def show(published: Run, here: Run) -> int:
    """Prints the table; 1 where an artifact is missing, or ours is not as fast as promised."""
    ratio = published.wall / here.wall
    print(f"{'':<12}{'wall, s':>12}{'CPU, s':>12}{'peak, MiB':>12}")
    for name, one in zip(get_args(Package), (published, here), strict=True):
        print(f"{name:<12}{one.wall:12.1f}{one.cpu:12.1f}{one.peak:12,.0f}")
    print(f"{'ratio':<12}{ratio:12.2f}{published.cpu / here.cpu:12.2f}", end="")
    print(f"{published.peak / here.peak:12.2f}   (goal: {GOAL:.0f} in wall time)")
    wrong = [
        f"{name}: {count} there, {here.counts.get(name, 0)} here"
        for name, count in published.counts.items()
        if here.counts.get(name, 0)
        < count  # `batch_loss` is of each step here, there of each epoch
    ]
    wrong += [
        f"{name}: of the real table {value}, {here.real.get(name)} here"
        for name, value in published.real.items()
        if here.real.get(name) != value
    ]
    more = sorted(here.counts.keys() - published.counts.keys())
    print(
        f"{sum(published.counts.values())} results of {len(published.counts)} artifacts;", end=" "
    )
    print("here the same" if not wrong else "\n  ".join(["not the same here:", *wrong]))
    print(f"here alone: {', '.join(more)}")
    return int(bool(wrong) or ratio < GOAL)


def _counts(folder: Path) -> dict[str, int]:
    """Files of each picture and array, rows of each score, by kind and name."""
    counts: Counter[str] = Counter()
    for path in folder.rglob("*"):
        kind, name, *rest = path.relative_to(folder).parts if path.is_file() else ("", "")
        name = OUR_NAMES.get(name, re.sub(r"_EPOCH_\d+$", "", name))
        if rest:
            counts["/".join((kind, name, *rest[1:]))] += 1
        elif name:
            counts[f"{kind}/{name}"] += len(path.read_text(encoding="utf-8").splitlines()) - 1
    return dict(counts)


def _real(folder: Path) -> dict[str, float]:
    """The first number of each column's array: of the real table, which draws do not change."""
    numbers: dict[str, float] = {}
    for path in sorted(folder.glob("array_collections/*/0.npz")):
        with np.load(path) as arrays:
            name = re.sub(r"_EPOCH_\d+$", "", path.parent.name)
            numbers |= {f"{name}/{each}": float(arrays[each].ravel()[0]) for each in arrays.files}
    return numbers


@final
class _Peak:
    """The most memory that a process and those it started have had at once, looked at in turn."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def mib(self) -> float:
        """Once the process has ended."""
        self._thread.join()
        return self._most / 1024

    def _watch(self) -> None:
        while resident := _resident(self._pid):
            self._most = max(self._most, resident)
            time.sleep(0.1)


def _resident(pid: int) -> int:
    """KiB of a process and of all that it started; 0 when it has ended."""
    try:
        of = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        children = [
            child
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text(encoding="utf-8").split()
        ]
    except OSError:
        return 0
    lines = [line for line in of.splitlines() if line.startswith("VmRSS:")]
    return sum(int(line.split()[1]) for line in lines) + sum(map(_resident, map(int, children)))


def _simulated(folder: Path) -> Path:
    from demo.data.heart import simulated_heart_disease

    path = folder / "heart.csv"
    simulated_heart_disease().to_csv(path, index=False)
    return path


def _install() -> str:
    lines = (__doc__ or "").splitlines()
    return "\n" + "\n".join(line for line in lines if line.startswith("    "))


if __name__ == "__main__":
    # under its own name: what is sent to other processes has to be found there
    sys.exit(main())
