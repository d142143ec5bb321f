"""Early stoppers, model trackers, and what they are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from artifact_torch import BestScoreTracker, EpochBoundStopper, PatienceStopper, score, stop_when, track_best
from artifact_torch.contracts import Bounded, EarlyStopper, RunState, ModelTracker, Monitor, StopperUpdateData
from typecheck.common import ThresholdStopper, ThresholdTracker
from typing_extensions import assert_type, override


def stops(stopper: EarlyStopper[RunState], /) -> None: ...
def stops_by_number(stopper: EarlyStopper[float], /) -> None: ...
def tracks(tracker: ModelTracker[RunState], /) -> None: ...
def tracks_number(tracker: ModelTracker[float], /) -> None: ...


def loss(state: RunState) -> float:
    return state.scores["loss"]


def maybe_loss(state: RunState) -> float | None:
    return state.scores.get("loss")


@dataclass(frozen=True)
class Pair:
    train: float
    validation: float


def pair(state: RunState) -> Pair:
    return Pair(state.scores["train"], state.scores["validation"])


class GapStopper:
    def should_stop(self, update: Pair) -> bool:
        return update.validation > update.train


class GapTracker:
    def is_best(self, criterion: Pair) -> bool:
        return criterion.validation < criterion.train


class MaybeStopper:
    """Told None where there is no score."""

    def should_stop(self, update: float | None) -> bool:
        return update is None


class MaybeTracker:
    def is_best(self, criterion: float | None) -> bool:
        return criterion is not None


class AtHeight:
    """Asks for more than the number of epochs."""

    def should_stop(self, update: RunState) -> bool:
        return update.n_steps > 1000


class ByAnything:
    def should_stop(self, update: object, log: bool = False) -> bool:
        return False


class Counted:
    """A run's state of the user's own kind."""

    n_epochs_elapsed = 3


class Named(EarlyStopper[float]):
    @override
    def should_stop(self, update: float, /) -> bool:
        return False


class Static:
    @staticmethod
    def should_stop(update: RunState) -> bool:
        return True


class Monitoring:
    monitored = ("loss",)
    max_n_epochs = 3

    def should_stop(self, update: RunState) -> bool:
        return True


assert_type(score("loss"), Callable[[RunState], float | None])  # OK
PatienceStopper("loss", patience=5)  # OK
PatienceStopper("loss", patience=5, mode="max", tolerance=0.1)  # OK
PatienceStopper(score("loss"), patience=5)  # OK
PatienceStopper(loss, patience=5)  # OK
PatienceStopper(maybe_loss, patience=5)  # OK
PatienceStopper(lambda state: state.scores.get("loss"), patience=5)  # OK
PatienceStopper(lambda state: None if state.n_steps < 3 else 1.0, patience=5)  # OK
assert_type(PatienceStopper("loss", patience=5).monitored, Sequence[str])  # OK
BestScoreTracker("loss")  # OK
BestScoreTracker("loss", mode="max", tolerance=0.1)  # OK
BestScoreTracker(loss)  # OK
BestScoreTracker(lambda state: state.scores.get("a", 0.0) + state.scores.get("b", 0.0))  # OK
assert_type(BestScoreTracker("loss").monitored, Sequence[str])  # OK

# of update types of one's own
assert_type(stop_when(ThresholdStopper(), on=lambda state: state.scores["loss"]), EarlyStopper[RunState])  # OK
assert_type(stop_when(MaybeStopper(), on=score("loss")), EarlyStopper[RunState])  # OK
assert_type(track_best(ThresholdTracker(), by=loss), ModelTracker[RunState])  # OK
assert_type(track_best(MaybeTracker(), by=score("loss")), ModelTracker[RunState])  # OK
stop_when(MaybeStopper(), on=loss)  # OK
stop_when(MaybeStopper(), on=maybe_loss)  # OK
stop_when(MaybeStopper(), on=lambda state: state.scores.get("loss"))  # OK
stop_when(ThresholdStopper(), on=loss)  # OK
stop_when(ThresholdStopper(), on=lambda state: state.n_steps)  # OK
stop_when(GapStopper(), on=pair)  # OK
stop_when(GapStopper(), on=lambda state: Pair(state.scores["a"], state.scores["b"]))  # OK
stop_when(EpochBoundStopper(max_n_epochs=3), on=lambda state: state)  # OK
stop_when(EpochBoundStopper(max_n_epochs=3), on=lambda _: Counted())  # OK
stop_when(ByAnything(), on=pair)  # OK
stop_when(Named(), on=loss)  # OK
track_best(MaybeTracker(), by=maybe_loss)  # OK
track_best(GapTracker(), by=pair)  # OK
track_best(GapTracker(), by=lambda state: Pair(1.0, state.scores["b"]))  # OK

stops(EpochBoundStopper(max_n_epochs=3))  # OK
stops(PatienceStopper("loss", patience=5))  # OK
stops(stop_when(ThresholdStopper(), on=loss))  # OK
stops(AtHeight())  # OK
stops(ByAnything())  # OK
stops(Static())  # OK
stops(Monitoring())  # OK
stops_by_number(ThresholdStopper())  # OK
stops_by_number(MaybeStopper())  # OK
stops_by_number(Named())  # OK
tracks(BestScoreTracker("loss"))  # OK
tracks(track_best(ThresholdTracker(), by=loss))  # OK
tracks_number(ThresholdTracker())  # OK
tracks_number(MaybeTracker())  # OK
told: StopperUpdateData = RunState(n_epochs_elapsed=1, n_steps=2, scores={})  # OK
also_told: StopperUpdateData = Counted()  # OK
bounded: Bounded = EpochBoundStopper(max_n_epochs=3)  # OK
monitor: Monitor = Monitoring()  # OK
monitors: Sequence[Monitor] = [PatienceStopper("loss", patience=5), BestScoreTracker("loss")]  # OK
stoppers: Sequence[EarlyStopper[RunState]] = [AtHeight(), EpochBoundStopper(max_n_epochs=3), PatienceStopper("loss", patience=5), stop_when(ThresholdStopper(), on=loss)]  # OK
