"""The fault kit: what a test of a user's calls."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias, final

from artifact_torch.contracts import InT, OutT
from artifact_torch.testing.hosts import Host, start_hosts
from artifact_torch.testing.promises import (
    kept_beside_trackers,
    kept_on_a_full_disk,
    kept_when_corrupted,
    kept_when_killed,
)
from artifact_torch.testing.runs import Runs
from artifact_torch.trainer.trainer import Trainer

MakeTrainer: TypeAlias = Callable[[Path], Trainer[InT, OutT]]
"""Makes a trainer whose run is in the folder that it is given, and goes on with what is there."""

_TIMEOUT_S = 120.0


def survives_kills(
    make_trainer: MakeTrainer[InT, OutT],
    *,
    kills: int | None = 40,
    in_a_row: int = 3,
    ignore: Sequence[str] = (),
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """Kill the run by SIGKILL at about `kills` of its places, all of them with None, each time go on,
    up to `in_a_row` times, and compare what came of it with the uninterrupted run, bit for bit.

    A place is before and after each update, within an accumulation window, before, in and after a
    validation, and before each call of the system that changes the run's folder; a write is torn
    too. Compared are weights, optimizers, schedules, random states, history, best weights, averages,
    stoppers and every other part's state, scores and why it stopped; not what matches `ignore`,
    patterns of names as a failure has them: `["result.scores.rows_*"]`.

    `make_trainer` stands at the top of a file, makes a run of some 20 to 100 updates on the CPU,
    and seeds what it draws. Its module is imported once in two processes of its own, and each life
    of the run is a fork of one of them: nothing may start a thread or use a GPU when it is imported,
    while all that `make_trainer` and the run do is free. `timeout_s` is for one life.

    Raises `BrokenPromiseError`, an `AssertionError`, with the promise, the place, and the first
    difference; `ConfigurationError` for a function that another process cannot import or whose run
    ends with an error of its own.
    """
    with _runs_of(make_trainer, None, ignore, timeout_s) as runs:
        kept_when_killed(runs, kills, in_a_row)


def survives_corruption(
    make_trainer: MakeTrainer[InT, OutT],
    *,
    damages: int = 40,
    ignore: Sequence[str] = (),
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """Damage the newest checkpoint of a killed run, go on, and compare as `survives_kills` does.

    A bit is flipped, a file is cut, zeroed, removed, or another copied over it, `damages` times. The
    run has to go on from the checkpoint before, and a warning has to name the damaged one.
    """
    with _runs_of(make_trainer, None, ignore, timeout_s) as runs:
        kept_when_corrupted(runs, damages)


def survives_full_disk(
    make_trainer: MakeTrainer[InT, OutT],
    *,
    ignore: Sequence[str] = (),
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """Let nothing be written for a third of the run, then until its end: no space, no file that may
    grow, no descriptor. The run has to end as without, and what is begun again in its folder too.
    """
    with _runs_of(make_trainer, None, ignore, timeout_s) as runs:
        kept_on_a_full_disk(runs)


def survives_trackers(
    make_trainer: MakeTrainer[InT, OutT],
    *,
    ignore: Sequence[str] = (),
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """Give the trainer one tracking client more, which raises, exits, hangs, answers late, dies, or
    draws from each generator, of both contracts. The run has to end as without it.
    """
    with _runs_of(make_trainer, None, ignore, timeout_s) as runs:
        kept_beside_trackers(runs)


@final
class Faults:
    """The fixture `faults`: `faults.check(make_trainer)` in a test asserts all promises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._n_checks = 0

    def check(
        self,
        make_trainer: MakeTrainer[InT, OutT],
        *,
        ignore: Sequence[str] = (),
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """Kills, damages, fills and disconnects: `survives_kills`, `survives_corruption`,
        `survives_full_disk` and `survives_trackers`, in a minute for a run of a second.
        """
        self._n_checks += 1
        folder = self._folder / f"faults_{self._n_checks}"
        with _runs_of(make_trainer, folder, ignore, timeout_s) as runs:
            kept_when_killed(runs, 60, 3)
            kept_when_corrupted(runs, 40)
            kept_on_a_full_disk(runs)
            kept_beside_trackers(runs)


@contextmanager
def _runs_of(
    make_trainer: MakeTrainer[InT, OutT],
    folder: Path | None,
    ignore: Sequence[str],
    timeout_s: float,
) -> Generator[Runs]:
    """Their hosts live as long as this; without a folder, all is in one that is removed after."""
    with TemporaryDirectory(prefix="faults_") as temporary, hosts_of(make_trainer) as hosts:
        at = Path(temporary) if folder is None else folder
        yield Runs(make_trainer, at, hosts, ignore=ignore, timeout_s=timeout_s)


@contextmanager
def hosts_of(make_trainer: Callable[..., object]) -> Generator[list[Host]]:
    """For this function, and for others of its module."""
    hosts = start_hosts(make_trainer)
    try:
        yield hosts
    finally:
        for host in hosts:
            host.close()
