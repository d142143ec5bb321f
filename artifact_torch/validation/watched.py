"""Which results the training itself waits for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from artifact_torch.contracts import Monitor, OnEpochEnd, ResultKind, ResultName
from artifact_torch.stopping.scores import monitored_names
from artifact_torch.stopping.stoppers import EpochBoundStopper, StepBoundStopper, TimeBoundStopper

_READING_NONE = EpochBoundStopper, StepBoundStopper, TimeBoundStopper


@final
@dataclass(frozen=True)
class Watched:
    """Scores that decide about the training; any, where somebody does not say which."""

    names: frozenset[str]
    any_score: bool = False

    def __contains__(self, result: ResultName) -> bool:
        kind, name = result
        return kind is ResultKind.SCORE and (self.any_score or name in self.names)


def watched_by(
    deciding: Iterable[object], step: object = None, hooks: Iterable[object] = ()
) -> Watched:
    """What these stoppers and trackers look at, the schedule of a step, and hooks that are handed the
    scores.
    """
    any_score = any(isinstance(each, OnEpochEnd) for each in hooks)
    any_score |= step is not None and not isinstance(step, Monitor)
    names = {*monitored_names(step)}
    for part in deciding:
        of_part = monitored_names(part)
        names.update(of_part)
        any_score |= not (of_part or part is None or isinstance(part, _READING_NONE))
    return Watched(frozenset(names), any_score)
