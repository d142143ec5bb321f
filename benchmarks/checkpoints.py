"""How long training waits for a save, beside `torch.save` of the same state.

    OMP_NUM_THREADS=1 python -m benchmarks.checkpoints

Two models with the moments of Adam, of about 0.5 and 60 million parameters; the wait of `save`
where the one before is written and the part of it that is work of the thread (the rest are other
programs on the machine), the time until it is on the disk, and the bytes. Then the wait over
many epochs with a log that grows.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment


def state_of(n_parameters: int) -> dict[str, object]:
    """A model of square layers and its optimizer, after one update."""
    width = 1024 if n_parameters > 4_000_000 else 256
    model = nn.Sequential(*(nn.Linear(width, width) for _ in range(n_parameters // width**2)))
    optimizer = torch.optim.Adam(model.parameters())
    update(model(torch.ones(1, width)), optimizer)
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "log": []}


def update(output: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    """So that there are moments."""
    torch.autograd.backward(output.sum())
    optimizer.step()


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(n_parameters: int, folder: Path, n_saves: int) -> str:
    """Both ways in turn."""
    state = state_of(n_parameters)
    checkpointer = FolderCheckpointer(folder, every=1, keep=2)
    begin = seconds(lambda: checkpointer.begin(0, state))
    waits, busy, commits, plain = list[float](), list[float](), list[float](), list[float]()
    for epoch in range(1, n_saves + 1):
        moment = Moment(epoch=epoch, step=epoch)
        start, start_busy = time.perf_counter(), time.thread_time()
        checkpointer.save(moment, state)
        waits.append(time.perf_counter() - start)
        busy.append(time.thread_time() - start_busy)
        checkpointer.drain(600)
        commits.append(time.perf_counter() - start)
        plain.append(seconds(lambda: torch.save(state, folder / "plain.bin")))
    return (
        f"{n_parameters / 1e6:5.1f} M parameters: waits {told(waits)}, works {told(busy)}, on the disk after "
        f"{told(commits)}; torch.save {told(plain)}; begin {begin * 1e3:.0f} ms"
    )


def over_epochs(n_epochs: int, folder: Path) -> str:
    """The wait for a save as the log grows by a row each."""
    state = state_of(100_000)
    log: list[object] = []
    checkpointer = FolderCheckpointer(folder, every=1)
    checkpointer.begin(0, {**state, "log": log})
    waits, commits = list[float](), list[float]()
    for epoch in range(1, n_epochs + 1):
        log.append({"epoch": epoch, "step": epoch, "loss": 1 / epoch})
        if epoch % (n_epochs // 100) == 0:
            start = time.perf_counter()
            checkpointer.save(Moment(epoch=epoch, step=epoch), {**state, "log": log})
            waits.append(time.perf_counter() - start)
            checkpointer.drain(600)
            commits.append(time.perf_counter() - start)
    return (
        f"{n_epochs} epochs, a save each {n_epochs // 100}: first ten {told(waits[:10])}, last ten "
        f"{told(waits[-10:])}; on the disk after {told(commits[:10])} and {told(commits[-10:])}"
    )


def told(times: list[float]) -> str:
    least, most = min(times) * 1e3, max(times) * 1e3
    return f"{statistics.median(times) * 1e3:.1f} ms ({least:.1f} to {most:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=50_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="checkpoints-"))
    try:
        for n, n_parameters in enumerate((500_000, 60_000_000)):
            print(compare(n_parameters, folder / str(n), options.saves))
        print(over_epochs(options.epochs, folder / "epochs"))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
