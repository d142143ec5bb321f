"""Stoppers and trackers that do not fit what they are told."""

from artifact_torch import BestScoreTracker, EpochBoundStopper, PatienceStopper, score, stop_when, track_best
from artifact_torch.contracts import Bounded, EarlyStopper, RunState, ModelTracker, Monitor, StopperUpdateData
from typecheck.common import ThresholdStopper, ThresholdTracker


def stops(stopper: EarlyStopper[RunState], /) -> None: ...
def stops_by_number(stopper: EarlyStopper[float], /) -> None: ...
def tracks(tracker: ModelTracker[RunState], /) -> None: ...
def bounded(stopper: Bounded, /) -> None: ...
def monitors(part: Monitor, /) -> None: ...
def loss(state: RunState) -> float:
    return state.scores["loss"]


def name_of(state: RunState) -> str:
    return "loss"


# the shape of a stopper
class AsyncStopper:
    async def should_stop(self, update: RunState) -> bool:
        return True


class SaysNothing:
    def should_stop(self, update: RunState) -> None: ...


class SaysNumber:
    def should_stop(self, update: RunState) -> int:
        return 1


class SaysMaybe:
    def should_stop(self, update: RunState) -> bool | None: ...


class AskedNothing:
    def should_stop(self) -> bool:
        return True


class AskedTwo:
    def should_stop(self, epoch: int, score: float) -> bool:
        return True


class AskedByKeyword:
    def should_stop(self, *, update: RunState) -> bool:
        return True


class StopProperty:
    @property
    def should_stop(self) -> bool:
        return True


class Misspelled:
    def stop(self, update: RunState) -> bool:
        return True


class OfSubclass(RunState):
    extra: int


class WantsSubclass:
    def should_stop(self, update: OfSubclass) -> bool:
        return True


class WantsInt:
    def should_stop(self, update: int) -> bool:
        return True


stops(AsyncStopper())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncStopper"]
stops(SaysNothing())  # E[pyright=reportArgumentType: "should_stop" is an incompatible, mypy=arg-type: "SaysNothing"]
stops(SaysNumber())  # E[pyright=reportArgumentType: "int" is not assignable to "bool", mypy=arg-type: "SaysNumber"]
stops(SaysMaybe())  # E[pyright=reportArgumentType: "should_stop" is an incompatible, mypy=arg-type: "SaysMaybe"]
stops(AskedNothing())  # E[pyright=reportArgumentType: "should_stop" is an incompatible, mypy=arg-type: "AskedNothing"]
stops(AskedTwo())  # E[pyright=reportArgumentType: Extra parameter "score", mypy=arg-type: "AskedTwo"]
stops(AskedByKeyword())  # E[pyright=reportArgumentType: "should_stop" is an incompatible, mypy=arg-type: "AskedByKeyword"]
stops(StopProperty())  # E[pyright=reportArgumentType: "should_stop" is an incompatible, mypy=arg-type: "StopProperty"]
stops(Misspelled())  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: "Misspelled"]
stops(WantsSubclass())  # E[pyright=reportArgumentType: "RunState" is not assignable to "OfSubclass", mypy=arg-type: "WantsSubclass"]
stops(lambda state: True)  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type]
stops(EpochBoundStopper)  # E[pyright=reportArgumentType: "type\[EpochBoundStopper\]", mypy=arg-type: "type\[EpochBoundStopper\]"]
stops([EpochBoundStopper(max_n_epochs=3)])  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: list]
stops(PatienceStopper)  # E[pyright=reportArgumentType: "type\[PatienceStopper\]", mypy=arg-type: "type\[PatienceStopper\]"]
stops(ThresholdStopper())  # E[pyright=reportArgumentType: "RunState" is not assignable to "float", mypy=arg-type: "ThresholdStopper"]
stops(BestScoreTracker("loss"))  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: "BestScoreTracker"]
stops(track_best(ThresholdTracker(), by=loss))  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: ModelTracker]
stops_by_number(WantsInt())  # E[pyright=reportArgumentType: "float" is not assignable to "int", mypy=arg-type: "WantsInt"]
stops_by_number(PatienceStopper("loss", patience=5))  # E[pyright=reportArgumentType: "float" is not assignable to "RunState"|"float" is incompatible, mypy=arg-type: "PatienceStopper"]
stop_list: list[EarlyStopper[RunState]] = [EpochBoundStopper(max_n_epochs=3), ThresholdStopper()]  # E[pyright=reportAssignmentType: "ThresholdStopper", mypy=list-item: "ThresholdStopper"]
stops_by_number(EpochBoundStopper(max_n_epochs=3))  # E[pyright=reportArgumentType: "n_epochs_elapsed" is not present|"float" is incompatible, mypy=arg-type: "EpochBoundStopper"]


# pairs: what is told against what is asked
stop_when(ThresholdStopper(), on=score("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda state: state.scores.get("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=name_of)  # E[pyright=reportArgumentType: "str" is not assignable to "float", mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda state: str(state.n_steps))  # E[pyright=reportArgumentType: "str" is not assignable to "float", mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda state: state)  # E[pyright=reportArgumentType: "RunState" is not assignable to "float", mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda state: state.scores)  # E[pyright=reportArgumentType: Mapping, mypy=arg-type: "on"]
stop_when(WantsInt(), on=lambda state: state.scores["loss"])  # E[pyright=reportArgumentType: "float" is not assignable to "int", mypy=arg-type: "on"]
stop_when(EpochBoundStopper(max_n_epochs=3), on=score("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda state: state.loss)  # E[pyright=reportAttributeAccessIssue: "loss", mypy=attr-defined: "loss"]
stop_when(ThresholdStopper(), on="loss")  # E[pyright=reportArgumentType: 'loss', mypy=arg-type: "str"]
stop_when(ThresholdStopper(), on=score)  # E[pyright=reportArgumentType, mypy=arg-type: "on"]
stop_when(ThresholdStopper(), on=lambda: 1.0)  # E[pyright=reportArgumentType]
stop_when(ThresholdStopper(), on=lambda state, extra: 1.0)  # E[pyright=reportArgumentType: Extra parameter]
stop_when(ThresholdStopper(), loss)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
stop_when(ThresholdStopper())  # E[pyright=reportCallIssue: "on", mypy=call-arg: "on"]
stop_when(PatienceStopper("loss", patience=5), on=score("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "on"]
stop_when(ThresholdStopper, on=loss)  # E[pyright=reportArgumentType: "type\[ThresholdStopper\]", mypy=arg-type: "type\[ThresholdStopper\]"]
stop_when(AsyncStopper(), on=lambda state: state)  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncStopper"]
stop_when(BestScoreTracker("loss"), on=score("loss"))  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: "BestScoreTracker"]
track_best(ThresholdTracker(), by=score("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "by"]
track_best(ThresholdTracker(), by=lambda state: state.scores.get("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "by"]
track_best(ThresholdTracker(), by=name_of)  # E[pyright=reportArgumentType: "str" is not assignable to "float", mypy=arg-type: "by"]
track_best(ThresholdTracker(), by=lambda state: state)  # E[pyright=reportArgumentType: "RunState", mypy=arg-type: "by"]
track_best(ThresholdTracker(), by="loss")  # E[pyright=reportArgumentType: 'loss', mypy=arg-type: "str"]
track_best(BestScoreTracker("loss"), by=score("loss"))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "by"]
track_best(ThresholdTracker(), loss)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
track_best(ThresholdTracker())  # E[pyright=reportCallIssue: "by", mypy=call-arg: "by"]
track_best(PatienceStopper("loss", patience=5), by=score("loss"))  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "PatienceStopper"]
score(3)  # E[pyright=reportArgumentType: "str", mypy=arg-type: "score"]
score(name="loss")  # E[pyright=reportCallIssue, mypy=call-arg: "name"]


# trackers
class AsyncTracker:
    async def is_best(self, criterion: RunState) -> bool:
        return True


class BestProperty:
    @property
    def is_best(self) -> bool:
        return True


class BestOfTwo:
    def is_best(self, criterion: RunState, best: float) -> bool:
        return True


class BestText:
    def is_best(self, criterion: RunState) -> str:
        return "yes"


tracks(AsyncTracker())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncTracker"]
tracks(BestProperty())  # E[pyright=reportArgumentType: "is_best" is an incompatible, mypy=arg-type: "BestProperty"]
tracks(BestOfTwo())  # E[pyright=reportArgumentType: Extra parameter "best", mypy=arg-type: "BestOfTwo"]
tracks(BestText())  # E[pyright=reportArgumentType: "str" is not assignable to "bool", mypy=arg-type: "BestText"]
tracks(ThresholdTracker())  # E[pyright=reportArgumentType: "is_best" is an incompatible, mypy=arg-type: "ThresholdTracker"]
tracks(EpochBoundStopper(max_n_epochs=3))  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "EpochBoundStopper"]


# configuration
EpochBoundStopper(3)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
EpochBoundStopper(max_n_epochs="3")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "max_n_epochs"]
EpochBoundStopper(max_n_epochs=3).max_n_epochs = 4  # E[pyright=reportAttributeAccessIssue: "max_n_epochs", mypy=misc: "max_n_epochs"]
PatienceStopper("loss", patience=5, mode="lowest")  # E[pyright=reportArgumentType: 'lowest', mypy=arg-type: "mode"]
PatienceStopper("loss", patience=0.5)  # E[pyright=reportArgumentType: "int", mypy=arg-type: "patience"]
PatienceStopper("loss", 5)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
PatienceStopper("loss")  # E[pyright=reportCallIssue: "patience", mypy=call-arg: "patience"]
PatienceStopper(patience=5)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "PatienceStopper"]
PatienceStopper(5, patience=5)  # E[pyright=reportArgumentType: Literal\[5\], mypy=arg-type: "int"]
PatienceStopper(score="loss", patience=5)  # E[pyright=reportCallIssue: positional|"score", mypy=call-arg: "score"]
PatienceStopper(name_of, patience=5)  # E[pyright=reportArgumentType: "str" is not assignable to "float"|name_of|"str", mypy=arg-type: "PatienceStopper"]
PatienceStopper(lambda state: state.loss, patience=5)  # E[pyright=reportAttributeAccessIssue: "loss", mypy=attr-defined: "loss"]
PatienceStopper(lambda state: state, patience=5)  # E[pyright=reportArgumentType: "RunState", mypy]
BestScoreTracker()  # E[pyright=reportCallIssue: positional, mypy=call-arg: "BestScoreTracker"]
BestScoreTracker(["loss"])  # E[pyright=reportArgumentType: list, mypy=arg-type: list]
BestScoreTracker(lambda: 1.0)  # E[pyright=reportArgumentType]
BestScoreTracker("loss", mode="least")  # E[pyright=reportArgumentType: 'least', mypy=arg-type: "mode"]
BestScoreTracker("loss", tolerance="0")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "tolerance"]


class TextBound:
    max_n_epochs = "3"


class BoundMethod:
    def max_n_epochs(self) -> int:
        return 3


class MonitoredNumbers:
    monitored = (1, 2)


class TextCount:
    n_epochs_elapsed = "3"


class NoCount:
    n_steps = 3


bounded(TextBound())  # E[pyright=reportArgumentType: "max_n_epochs", mypy=arg-type: "TextBound"]
bounded(BoundMethod())  # E[pyright=reportArgumentType: "max_n_epochs", mypy=arg-type: "BoundMethod"]
bounded(PatienceStopper("loss", patience=5))  # E[pyright=reportArgumentType: "max_n_epochs" is not present, mypy=arg-type: "PatienceStopper"]
monitors(MonitoredNumbers())  # E[pyright=reportArgumentType: "monitored", mypy=arg-type: "MonitoredNumbers"]
told: StopperUpdateData = NoCount()  # E[pyright=reportAssignmentType: "n_epochs_elapsed" is not present, mypy=assignment: "NoCount"]
also_told: StopperUpdateData = TextCount()  # E[pyright=reportAssignmentType: "n_epochs_elapsed", mypy=assignment: "TextCount"]
stop_when(EpochBoundStopper(max_n_epochs=3), on=lambda _: TextCount())  # E[pyright=reportArgumentType: "TextCount", mypy=arg-type: "on"]
