"""What a run promises, asserted by causing what would break it."""

import itertools
import math
import random
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, get_args

from artifact_torch.errors import BrokenPromiseError, ConfigurationError
from artifact_torch.internal.arguments import integer, refuse
from artifact_torch.testing.asked import Behaviour, Client, Fault, Kill, Shape, Short, Shortage
from artifact_torch.testing.damage import DAMAGES, damage
from artifact_torch.testing.going_on import checkpoints
from artifact_torch.testing.runs import Runs, require_same

KILLS: Final = "a run that is killed goes on as if nothing had been"
CORRUPTION: Final = "a damaged checkpoint is named, and the one before it taken"
FULL_DISK: Final = "a disk that nothing can be written to ends no run"
TRACKERS: Final = "no tracking client can touch a run"

_BEFORE_WRITES = ("open", "os.mkdir")
_TORN = (1, 64, 1000, 5000)
"""Bytes of a file after which the process dies within a write."""


def kept_when_killed(runs: Runs, kills: int | None, in_a_row: int) -> None:
    """`survives_kills`."""
    problems = [] if kills is None else integer("kills (places, or None for all)", kills, least=1)
    refuse([*problems, *integer("in_a_row", in_a_row, least=1)])
    runs.begin()

    def trial(at: int, n_bytes: int | None, n_more: int) -> None:
        draw = random.Random(at)  # noqa: S311  (no secret)
        later = [draw.randint(1, len(runs.places)) for _ in range(n_more)]
        faults: list[Fault] = [Kill(at=at, n_bytes=n_bytes), *(Kill(at=n) for n in later), None]
        ends = runs.led(runs.new_folder(), faults, first=at)
        how = f"killed within the write after {n_bytes} bytes, " if n_bytes else "killed "
        again = "".join(f", then at place {n}" for n in later[: len(ends) - 2])
        require_same(ends[-1], KILLS, f"{how}at {runs.places[at - 1]!r} (place {at}){again}")

    chosen = enumerate(_chosen(runs.places, kills))
    runs.all_of(partial(trial, at, n_bytes, n % in_a_row) for n, (at, n_bytes) in chosen)


def _chosen(places: Sequence[str], kills: int | None) -> Iterator[tuple[int, int | None]]:
    """Numbers of places, spread over each kind of them; where a file is opened, also torn writes."""
    kinds: dict[str, list[int]] = {}
    for number, place in enumerate(places, start=1):
        kinds.setdefault(place.partition(" ")[0], []).append(number)
    torn = itertools.cycle(_TORN)
    share = len(places) if kills is None else math.ceil(kills / (len(kinds) + 1))
    for kind, numbers in kinds.items():
        for number in numbers[:: math.ceil(len(numbers) / share)]:
            yield number, None
            if kind in _BEFORE_WRITES:
                yield number, next(torn)


def kept_when_corrupted(runs: Runs, damages: int) -> None:
    """`survives_corruption`."""
    refuse(integer("damages", damages, least=1))
    runs.begin()
    whole = _killed_late(runs)

    def trial(number: int, kind: str) -> None:
        folder = runs.new_folder()
        shutil.copytree(whole, folder, dirs_exist_ok=True)
        damaged, done = damage(folder, kind, number)
        (end,) = runs.led(folder, [None], first=number)
        answer = require_same(end, CORRUPTION, done)
        if not any(damaged.name in text for text in answer.said):
            raise BrokenPromiseError(
                f"{CORRUPTION}: {done}, and no warning names {damaged.name}",
                promise=CORRUPTION,
                where=done,
            )

    kinds = itertools.islice(itertools.cycle(DAMAGES), damages)
    runs.all_of(partial(trial, n, kind) for n, kind in enumerate(kinds))


def _killed_late(runs: Runs) -> Path:
    """The folder of a run that was killed when it had two checkpoints or more."""
    n_places = len(runs.places)
    for at in (n_places * 7 // 10, n_places * 8 // 10, n_places * 9 // 10, n_places - 1):
        folder = runs.new_folder()
        runs.led(folder, [Kill(at=max(at, 1))])
        if len(checkpoints(folder)) > 1:
            return folder
    raise ConfigurationError(
        "make_trainer: its run keeps fewer than two checkpoints before it ends, so that there is "
        "none to go back to; save more often, and keep two or more"
    )


def kept_on_a_full_disk(runs: Runs) -> None:
    """`survives_full_disk`."""
    runs.begin()
    n_batches = sum(place.startswith("batch ") for place in runs.places)
    first, until = 1 + n_batches // 3, 1 + 2 * n_batches // 3

    def trial(of: Shortage, until: int | None) -> None:
        folder = runs.new_folder()
        where = f"with {_SHORTAGES[of]} from batch {first} to {until or 'the end'}"
        (end,) = runs.led(folder, [Short(of=of, first=first, until=until)])
        require_same(end, FULL_DISK, where)
        (after,) = runs.led(folder, [None], first=1)
        require_same(after, FULL_DISK, f"{where}, then begun again")

    runs.all_of(partial(trial, of, end) for of in _SHORTAGES for end in (until, None))


_SHORTAGES: Final[dict[Shortage, str]] = {
    "no space": "no space on the disk",
    "file size": "no file allowed to grow",
    "no descriptors": "no file descriptor left",
}


def kept_beside_trackers(runs: Runs) -> None:
    """`survives_trackers`."""
    runs.begin()
    hows: tuple[Behaviour, ...] = get_args(Behaviour)
    shapes: tuple[Shape, ...] = get_args(Shape)

    def trial(client: Client) -> None:
        (end,) = runs.led(runs.new_folder(), [client])
        contract = {"results": "ResultsClient", "tracking": "TrackingClient"}[client.shape]
        require_same(end, TRACKERS, f"beside a {contract} that {client.how}")

    clients = [Client(how=how, shape=shape) for shape in shapes for how in hows]
    runs.all_of(partial(trial, client) for client in clients)
