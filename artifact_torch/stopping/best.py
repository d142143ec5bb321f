"""Model trackers: which epoch was the best so far."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from typing_extensions import TypeVar

from artifact_torch.checkpoints.state import read_float, restore_state, state_of
from artifact_torch.contracts import EpochState, ModelTracker
from artifact_torch.internal.arguments import refuse
from artifact_torch.stopping.pairing import FromState, asking, check_pair
from artifact_torch.stopping.scores import (
    Mode,
    as_score,
    check_comparison,
    improves,
    monitored_names,
)

CriterionT = TypeVar("CriterionT")


@final
class BestScoreTracker:
    """The epoch with the best score: the lowest (`mode="min"`) or the highest (`"max"`).

    A later score must be better by more than `tolerance`. NaN and a score that the epoch did not
    produce (None) are never best.
    """

    def __init__(self, *, mode: Mode = "min", tolerance: float = 0.0) -> None:
        refuse(check_comparison("BestScoreTracker", mode, tolerance))
        self._mode: Mode = mode
        self._tolerance = tolerance
        self._best: float | None = None

    def is_best(self, criterion: float | None, /) -> bool:
        """Takes the newest score, or None where there is none."""
        if criterion is None:
            return False
        value = as_score("BestScoreTracker", criterion)
        if not improves(value, self._best, self._mode, self._tolerance):
            return False
        self._best = value
        return True

    def state_dict(self) -> Mapping[str, object]:
        """The best score."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        self._best = read_float(state_dict, "best")


def track_best(
    tracker: ModelTracker[CriterionT], /, *, by: Callable[[EpochState], CriterionT]
) -> ModelTracker[EpochState]:
    """Pair a tracker with its criterion: `track_best(BestScoreTracker(), by=score("loss"))`.

    What `by` returns has to be what the tracker takes, which is checked where both are annotated.
    """
    check_pair(("tracker", tracker, ModelTracker[CriterionT]), ("by", by, FromState[CriterionT]))
    return _TrackBest(tracker.is_best, by, tracker)


@final
class _TrackBest:
    paired_by = "track_best"

    def __init__(
        self,
        ask: Callable[[CriterionT], bool],
        by: Callable[[EpochState], CriterionT],
        tracker: object,
    ) -> None:
        self._ask = asking(tracker, ask, "by", by)
        self._by: object = by
        self._tracker = tracker

    def is_best(self, criterion: EpochState, /) -> bool:
        return self._ask(criterion)

    @property
    def monitored(self) -> Sequence[str]:
        return monitored_names(self._by, self._tracker)

    def state_dict(self) -> Mapping[str, object]:
        return state_of(self._tracker)

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        restore_state(self._tracker, state_dict)
