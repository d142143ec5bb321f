"""One way to train against the hand-written loop, in one process: `python -m benchmarks.loop.contest ignite`.

The last line it prints is JSON: for each size the seconds of both, and how far the final weights
are apart.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from typing import final

import torch
from torch import nn

from benchmarks.loop.task import SMOKE, TINY, USUAL, Contender, Size, Task, by_hand, task_of
from benchmarks.measuring import Effort, compared


@final
@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where a way to train is, and whose it is."""

    module: str
    function: str = "train"
    distribution: str = ""
    n_processes: int = 1
    """One percent is seen over several only: where memory lies differs from process to process."""


def _ours(function: str) -> Entry:
    return Entry(module="benchmarks.loop.ours", function=function, n_processes=3)


PEERS = "benchmarks.loop.peers"
ENTRIES = {
    "ours": _ours("bare"),
    "ours, everything attached": _ours("attached"),
    "ours, a callback that sees each batch": _ours("seen"),
    "ignite": Entry(module=f"{PEERS}.ignite", distribution="pytorch-ignite"),
    "Fabric": Entry(module=f"{PEERS}.fabric", distribution="lightning"),
    "skorch": Entry(module=f"{PEERS}.skorch", distribution="skorch"),
    "Accelerate": Entry(module=f"{PEERS}.accelerate", distribution="accelerate"),
    "Lightning": Entry(module=f"{PEERS}.lightning", distribution="lightning"),
    "Keras on torch": Entry(module=f"{PEERS}.keras", distribution="keras"),
    "published artifact-torch": Entry(module=f"{PEERS}.published", distribution="artifact-torch"),
}


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one size. Seconds of processor time, round by round."""

    size: str
    n_steps: int
    hand: Sequence[float]
    theirs: Sequence[float]
    apart: float
    """The most that a final weight is apart from that of the hand-written loop."""


def outcome(contender: Contender, size: Size, effort: Effort) -> Outcome:
    last: dict[str, Task] = {}

    def run(name: str, train: Contender) -> float:
        task = last[name] = task_of(size)
        train(task)
        return task.seconds

    ways = {"hand": partial(run, "hand", by_hand), "theirs": partial(run, "theirs", contender)}
    times = compared(ways, effort.n_rounds).times
    return Outcome(
        size=size.name,
        n_steps=size.n_batches,
        hand=times["hand"],
        theirs=times["theirs"],
        apart=apart(last["hand"].net, last["theirs"].net),
    )


def apart(one: nn.Module, other: nn.Module) -> float:
    """The most that two values are apart, of models of one architecture."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return max((a - b).detach().abs().max().item() for a, b in pairs)


def contender_of(entry: Entry) -> Contender:
    contender: Contender = getattr(import_module(entry.module), entry.function)
    return contender


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*ENTRIES])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    effort = Effort(n_rounds=options.rounds, tiny=options.tiny)
    contender = contender_of(ENTRIES[options.name])
    sizes = [SMOKE] if effort.tiny else [TINY, USUAL]
    print(json.dumps([asdict(outcome(contender, size, effort)) for size in sizes]))


if __name__ == "__main__":
    main()
