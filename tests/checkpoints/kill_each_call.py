"""Run as a program: forks savers that kill themselves at the n-th call to the system.

    python kill_each_call.py FOLDER SCENARIO EVERY

Prints a line of JSON for each kill: which call, and what a reader finds afterwards.
"""

import fcntl
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import torch

from artifact_torch import FolderCheckpointer
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError

CALLS = (
    "open",
    "close",
    "write",
    "fsync",
    "ftruncate",
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
)


def state(step: int, future: str) -> dict[str, object]:
    rows = [{"step": n, "future": future if n > 1 else "old"} for n in range(1, step + 1)]
    return {"w": torch.full((99,), float(step)), "step": step, "future": future, "log": rows}


def save(folder: Path, step: int, future: str = "old", keep: int = 2) -> None:
    checkpointer = FolderCheckpointer(folder, keep=keep)
    checkpointer.save(Moment(epoch=step, step=step), state(step, future))
    checkpointer.drain(60)


def begin(folder: Path) -> None:
    """Training goes on at step 1."""
    FolderCheckpointer(folder).begin(1, state(1, "old"))


def save_next(folder: Path) -> None:
    save(folder, 4)


def save_new(folder: Path) -> None:
    """Of the future after a rewind."""
    save(folder, 2, "new")


def go_on(folder: Path, scenario: str) -> None:
    """What the process after it does."""
    if scenario != "save_next":
        begin(folder)
    save(folder, 5, "old" if scenario == "save_next" else "new")


SCENARIOS: dict[str, Callable[[Path], None]] = {
    each.__name__: each for each in (save_next, begin, save_new)
}


def kill_at(n: int) -> None:
    """The n-th call from now does half of its work, if it can, and the process is dead."""
    number = count(1)

    def counted(call: Callable[..., object], *, writes: bool) -> Callable[..., object]:
        def run(*given: object, **named: object) -> object:
            if next(number) == n:
                if writes and isinstance(view := given[1], memoryview):
                    call(given[0], view[: view.nbytes // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return run

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name), writes=name == "write"))
    fcntl.__dict__["flock"] = counted(fcntl.flock, writes=False)


def forked(work: Callable[[], None]) -> bool:
    """Whether it was killed."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def found(folder: Path) -> object:
    """What a reader finds, if all of it belongs together."""
    try:
        loaded = dict(FolderCheckpointer(folder).load())
    except CheckpointError as error:
        return str(error)
    step, future = loaded["step"], loaded["future"]
    assert isinstance(step, int)
    assert isinstance(future, str)
    expected = state(step, future)
    weights, wanted = loaded.pop("w"), expected.pop("w")
    assert isinstance(weights, torch.Tensor)
    assert isinstance(wanted, torch.Tensor)
    assert torch.equal(weights, wanted)
    assert loaded == expected
    return [step, future]


def deadly(folder: Path, scenario: str, n: int) -> None:
    kill_at(n)
    SCENARIOS[scenario](folder)


def killed(base: Path, scenario: str, every: int) -> Iterator[dict[str, object]]:
    for n in count(1, every):
        folder = base.with_name("work")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(base, folder)
        if not forked(partial(deadly, folder, scenario, n)):
            return
        then = found(folder)
        marked = any(folder.glob("rewound*"))
        forked(partial(go_on, folder, scenario))
        left = sorted(path.name for path in folder.glob(".*"))
        yield {"n": n, "found": then, "marked": marked, "next": found(folder), "left": left}


def main() -> None:
    base, scenario, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    logging.disable(logging.WARNING)
    for step in (1, 2, 3):
        forked(partial(save, base, step, keep=9))
    if scenario == "save_new":
        forked(partial(begin, base))
    for line in killed(base, scenario, every):
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
