"""A trainer rehearsed on several processes of this machine, over gloo on the CPU.

Each is a Python of its own that calls the factory with the environment that `torchrun` gives; this
process keeps their store, and nothing of them outlives it.
"""

import os
import pickle
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from artifact_torch.cli.reports.findings import CannotCheckError, Finding, unchecked
from artifact_torch.cli.targets.loading import (
    call_factory,
    failure_of,
    findings_of,
    load_module,
    load_name,
)
from artifact_torch.errors import ArtifactTorchError

_GRACE_S: Final = 5.0
"""For the others, once one has failed: they may wait for it."""
_CODE: Final = "from artifact_torch.cli.targets.several import rehearse_here; rehearse_here()"
_FOLLOWS: Final = re.compile(
    r"rank \d+ raised |.*(gloo|Connection closed|Connection reset)", re.DOTALL
)
"""What a rank says because of another: what that one raised, or that it has gone from a collective."""


def rehearsed(module: str, name: str, *, size: int, timeout: float) -> tuple[Finding, ...]:
    """What goes wrong where `size` processes build the trainer and rehearse it: the first rank's first,
    each with its rank.
    """
    from torch._C._distributed_c10d import TCPStore  # where its type is

    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ranks-")))
        files = [folder / str(rank) for rank in range(size)]
        processes = list[subprocess.Popen[bytes]]()
        stack.callback(_end, processes)
        for rank, file in enumerate(files):
            ours = environment_of(rank, size, store.port)
            processes.append(
                subprocess.Popen(  # noqa: S603  (our own program)
                    [sys.executable, "-c", _CODE, module, name, str(file), *sys.path],
                    env=os.environ | ours,
                    stdin=subprocess.PIPE,  # its end is that of this process
                    stdout=2,  # what it prints must not mix with the report
                )
            )
        _wait(processes, files, timeout)
        return (*_told(processes, files, timeout),)


def environment_of(rank: int, size: int, port: int) -> dict[str, str]:
    """That of one of `size` processes on this machine, as `torchrun` gives it, whose store is at
    `port`.
    """
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",  # on the CPU, which has room for all of them
    }


def _wait(
    processes: Sequence["subprocess.Popen[bytes]"], files: Sequence[Path], timeout: float
) -> None:
    """Until all have ended, or some time after one has failed."""
    until = time.monotonic() + timeout
    while any(each.poll() is None for each in processes) and time.monotonic() < until:
        time.sleep(0.05)
        has_failed = any(each.poll() is not None for each in processes) and any(
            each.poll() or (file.exists() and _read(file))
            for each, file in zip(processes, files, strict=True)
        )
        if has_failed:
            until = min(until, time.monotonic() + _GRACE_S)


def _told(
    processes: Sequence["subprocess.Popen[bytes]"], files: Sequence[Path], timeout: float
) -> Iterator[Finding]:
    """What each says of itself, the same only once; what follows from another's end only where
    none says more.
    """
    size, found, silent = len(processes), dict[str, Finding](), list[int]()
    for rank, (process, file) in enumerate(zip(processes, files, strict=True)):
        said: Sequence[Finding] = ()
        if file.exists():
            said = _read(file)
        elif process.poll() is not None:
            said = [unchecked(f"ended with exit status {process.returncode}")]
        else:
            silent.append(rank)
        for each in said:
            named = replace(each, message=f"rank {rank} of {size}: {each.message}")
            found.setdefault(each.message, named)
    telling = [each for said, each in found.items() if not _FOLLOWS.match(said)]
    yield from telling or found.values()
    if silent and not found:
        yield unchecked(
            f"rank {silent[0]} of {size} did not finish within {timeout:g} seconds; --timeout "
            "allows more"
        )


def _read(file: Path) -> tuple[Finding, ...]:
    said: tuple[Finding, ...] = pickle.loads(file.read_bytes())  # noqa: S301  a process of ours wrote it
    return said


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    for each in processes:
        each.kill()
    for each in processes:
        each.wait()


def rehearse_here() -> None:
    """In a process of its own: build, rehearse, write what was found."""
    module, name, file, *paths = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.path[:] = list(dict.fromkeys([*paths, *sys.path]))
    said = pickle.dumps(_found(module, name))
    written = Path(f"{file}.part")
    written.write_bytes(said)
    written.rename(file)
    sys.stderr.flush()
    os._exit(0)  # threads and exit handlers of the user's code do not delay the report


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _found(module: str, name: str) -> tuple[Finding, ...]:
    from artifact_torch.trainer.trainer import Trainer

    label = f"{module}:{name}"
    try:
        factory = load_name(load_module(module), name)
        made, _ = call_factory(factory, label) if callable(factory) else (factory, ())
        if isinstance(made, Trainer):
            made.rehearse()
    except CannotCheckError as error:
        return (error.finding,)
    except ArtifactTorchError as error:
        return findings_of(error)
    except Exception as error:  # noqa: BLE001  of the user's code
        return (failure_of(error, "its rehearsal failed"),)
    return ()
