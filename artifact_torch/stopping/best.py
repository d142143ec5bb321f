"""Model trackers: which epoch was the best so far."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import final

from typing_extensions import TypeVar

from artifact_torch.checkpoints.state import read_float
from artifact_torch.contracts import ModelTracker, RunState
from artifact_torch.stopping.pairing import FromState, asked_of, check_pair
from artifact_torch.stopping.scores import Mode, Watched, WatchedScore, monitored_names

CriterionT = TypeVar("CriterionT")


@final
class BestScoreTracker:
    """The epoch with the best score: the lowest (`mode="min"`, the default) or the highest (`"max"`).

    `score` is the name of a score, or a function of the epoch's state. A later score must be better
    by more than `tolerance`. NaN and a score that the epoch did not produce are never best.
    """

    def __init__(
        self, score: Watched, /, *, mode: Mode | None = None, tolerance: float = 0.0
    ) -> None:
        self._score = WatchedScore("BestScoreTracker", score, mode, tolerance)

    @property
    def monitored(self) -> Sequence[str]:
        """The score, where it was given by name."""
        return self._score.monitored

    @property
    def mode(self) -> Mode:
        """Which values of it are better."""
        return self._score.mode

    @property
    def states_mode(self) -> bool:
        """Whether `mode` was given: without it a score that nobody knows the better way of is told."""
        return self._score.states_mode

    def is_best(self, criterion: RunState, /) -> bool:
        return self._score.improves(criterion) is True

    def state_dict(self) -> Mapping[str, object]:
        """The best score."""
        return {"best": self._score.best}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._score.best = read_float(state_dict, "best")


def track_best(
    tracker: ModelTracker[CriterionT], /, *, by: Callable[[RunState], CriterionT]
) -> ModelTracker[RunState]:
    """Pair a tracker of your own criterion with the function that gives it after each epoch.

    What `by` returns has to be what the tracker takes, which is checked where both are annotated.
    """
    check_pair(("tracker", tracker, ModelTracker[CriterionT]), ("by", by, FromState[CriterionT]))
    return TrackBest(tracker.is_best, by, tracker)


@final
class TrackBest:
    """A tracker that is told what `by` makes of the epoch's state; made by `track_best`."""

    paired_by = "track_best"

    def __init__(
        self,
        ask: Callable[[CriterionT], bool],
        by: Callable[[RunState], CriterionT],
        tracker: object,
    ) -> None:
        self._ask: Callable[[RunState], bool] = partial(asked_of, ask, by)
        self._by: object = by
        self._tracker = tracker

    def is_best(self, criterion: RunState, /) -> bool:
        return self._ask(criterion)

    @property
    def monitored(self) -> Sequence[str]:
        return monitored_names(self._by, self._tracker)

    @property
    def held(self) -> Mapping[str, object]:
        return {"tracker": self._tracker}
