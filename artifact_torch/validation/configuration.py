"""Where validation is computed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, final

from artifact_torch.contracts import Cadence
from artifact_torch.internal.arguments import integer, refuse, shown
from artifact_torch.internal.ranks import ranks
from artifact_torch.internal.time_limit import time_limit_problems


@final
@dataclass(frozen=True, kw_only=True)
class Beside:
    """Validation in processes of low priority beside the training, with the same numbers bit for bit.

    At each moment the weights are copied, and the training goes on while routines compute over the
    copy; what they come to is recorded under that moment, and moments in their order. What a part
    changes on itself meanwhile stays in that process.

    `workers` processes, by default as many as cores are idle and no more than routines; each takes 2
    to 3 s of CPU once, and the memory of torch and of what it computes. Of `workers` that you ask
    for, whichever has less to do takes a moment, so that one routine is computed at several moments
    at a time: what it keeps on itself is then of some moments only.

    Scores that a stopper, tracker, schedule or hook looks at are computed in the training itself,
    unless it may decide later: with `staleness=1` by a score that is known when the same score is due
    the next time. It decides about a moment once all of it is there, pictures too.

    Training waits where `pending` moments are not computed yet; with `when_full="skip"` it goes on
    instead, without that moment's results. A process that ends, takes more than `memory_mib` or is
    longer at one routine than `time_limit` is started again once for it, before those results are a
    failure.

    In a run of several processes they are the first one's, and compute artifacts; passes over a
    loader stay in the training, each process with its rows.

    Raises `ConfigurationError` for values that cannot be meant.
    """

    workers: int | None = None
    staleness: int = 0
    pending: int = 2
    when_full: Literal["wait", "skip"] = "wait"
    memory_mib: int | None = None
    time_limit: Cadence | None = None

    def __post_init__(self) -> None:
        problems = integer("staleness (rounds of that score)", self.staleness, least=0)
        problems += integer("pending (moments)", self.pending, least=1)
        if self.workers is not None:
            problems += integer("workers", self.workers, least=1)
        if self.memory_mib is not None:
            problems += integer("memory_mib", self.memory_mib, least=1)
        if self.when_full not in ("wait", "skip"):
            problems.append(f'when_full must be "wait" or "skip", got {shown(self.when_full)}')
        problems += time_limit_problems(self.time_limit)
        refuse([f"Beside: {problem}" for problem in problems])


Where: TypeAlias = Literal["auto", "beside", "inline"] | Beside
"""Beside the training, within it, or beside where that pays."""


def where_of_all(where: Where) -> Where:
    """Of several processes "auto" is the training itself: whether it pays is not known, since each has
    threads of its own, and the seconds of a round are those of all.
    """
    return where if ranks().is_alone or where != "auto" else "inline"


def where_problems(value: object) -> list[str]:
    """What is wrong with the trainer's `validation`, in words."""
    if isinstance(value, Beside) or value in ("auto", "beside", "inline"):
        return []
    return [f'validation must be "auto", "beside", "inline" or Beside(...), got {shown(value)}']
