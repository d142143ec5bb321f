"""How much memory a call takes beyond what was there: looked at from outside, every millisecond.

A child does the call, this process reads the child's anonymous memory from `/proc`: pages of a
mapped file, which the kernel can drop, do not count.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import DataLoader, EpochBoundStopper, OptimizerStep, TensorTable, Trainer
from benchmarks.children import ROOT
from benchmarks.measuring import Effort, Row

WIDTH = 1024


class Rows(TypedDict):
    x: Tensor  # [batch, WIDTH]


class Out(TypedDict):
    loss: Tensor  # []


class Wide(nn.Module):
    """Square layers."""

    def __init__(self, n_parameters: int) -> None:
        super().__init__()
        n_layers = max(1, n_parameters // WIDTH**2)
        self.layers = nn.Sequential(*(nn.Linear(WIDTH, WIDTH) for _ in range(n_layers)))

    def forward(self, rows: Rows) -> Out:
        predicted: Tensor = self.layers(rows["x"])
        return Out(loss=predicted.square().mean())


def trainer(n_parameters: int, folder: Path) -> Trainer[Rows, Out]:
    """Of Adam, whose moments are two more copies of the weights."""
    table = TensorTable(Rows(x=torch.zeros(4, WIDTH)))
    return Trainer(
        OptimizerStep(Wide(n_parameters), optimizer=torch.optim.Adam, device="cpu"),
        train_loader=DataLoader(table, batch_size=4),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        run_folder=folder,
        sanity=False,
        progress=False,
    )


def measure(effort: Effort) -> Sequence[Row]:
    if not Path("/proc/self/status").exists():
        return [Row(what="restore", note="not measured: there is no /proc here")]
    n_parameters = effort.of(60_000_000, 1_000_000)
    n_bytes = 4 * sum(parameter.numel() for parameter in Wide(n_parameters).parameters())
    with TemporaryDirectory() as folder:
        trainer(n_parameters, Path(folder)).train()
        peaks = {call: peak_of(call, n_parameters, Path(folder)) for call in CALLS}
    return [
        Row(
            what=f"{n_parameters / 1e6:g} M parameters: weights",
            value=n_bytes / 2**20,
            unit="MiB",
            ratio=1.0,
        ),
        *(
            Row(
                what=f"beyond what was there, {call}",
                value=peak / 2**20,
                unit="MiB",
                ratio=peak / n_bytes,
                goal=GOALS.get(call),
            )
            for call, peak in peaks.items()
        ),
    ]


def peak_of(call: str, n_parameters: int, folder: Path) -> int:
    """Bytes at the most, less those before the call."""
    arguments = ["-m", "benchmarks.memory", call, str(n_parameters), str(folder)]
    with subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        before = most = anonymous(child.pid)
        child.stdin.write("go\n")
        child.stdin.flush()
        while child.poll() is None:
            most = max(most, anonymous(child.pid))
            time.sleep(0.001)
    return most - before


def anonymous(pid: int) -> int:
    """Bytes; 0 of a process that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")]
    return int(found[0]) * 1024 if found else 0


def restore(n_parameters: int, folder: Path) -> Callable[[], object]:
    """Into a trainer that has trained: what is restored was all there."""
    made = trainer(n_parameters, folder)
    made.train()
    return made.restore


def resume(n_parameters: int, folder: Path) -> Callable[[], object]:
    """Into a new trainer, which takes the moments of Adam as well: two copies are its own."""
    return trainer(n_parameters, folder).restore


CALLS = {"to restore": restore, "to resume in a new trainer": resume}
GOALS = {"to restore": 1.01}  # one copy, and what belongs to it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("call", choices=[*CALLS])
    parser.add_argument("n_parameters", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    call = CALLS[options.call](options.n_parameters, options.folder)
    print("ready", flush=True)
    sys.stdin.readline()
    call()


if __name__ == "__main__":
    main()
