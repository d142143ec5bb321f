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


def is_silent(part: object) -> bool:
    """Whether it may look at any score, since it does not say at which."""
    return not (monitored_names(part) or part is None or isinstance(part, _READING_NONE))


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
        names.update(monitored_names(part))
        any_score |= is_silent(part)
    return Watched(frozenset(names), any_score)
