"""A run that is interrupted anywhere and called again ends like one that was not: every batch once,
every moment once, all that a moment brings about once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import StepLR

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    StepBoundStopper,
    Trainer,
    TrainingResult,
    TrainLoss,
    averaged,
    bind,
    per_epoch,
    steps,
    swa,
)
from artifact_torch.contracts import (
    AnyStep,
    ArtifactResults,
    EarlyStopper,
    Every,
    Moment,
    ResultKind,
    ResultName,
    Results,
    RunState,
)
from tests.toys import Batches, Fit, Points, points, same_weights

PLACES = (
    *("loader", "update", "end_epoch", "callback", "routine", "schedule", "best", "due", "save"),
    *("stopper", "on_start", "on_epoch_end", "on_end"),
)


class Plain(nn.Module):
    """Without dropout: a window of updates that is begun again is the same."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1), nn.Flatten(0))

    def forward(self, points: Points) -> Fit:
        residual: Tensor = self.layers(points["x"]) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


@dataclass
class Trips:
    """Interrupts at the given calls of the places, once each."""

    at: Mapping[tuple[str, int], type[BaseException]] = field(
        default_factory=dict[tuple[str, int], type[BaseException]]
    )
    n_calls: dict[str, int] = field(default_factory=dict[str, int])

    def __call__(self, place: str) -> None:
        self.n_calls[place] = self.n_calls.get(place, 0) + 1
        if error := self.at.get((place, self.n_calls[place])):
            raise error


@dataclass
class Source:
    trips: Callable[[str], None]
    rows: Batches

    def batches(self, epoch: int) -> Iterator[Points]:
        for batch in self.rows.batches(epoch):
            self.trips("loader")
            yield batch

    def __len__(self) -> int:
        return len(self.rows)


class Tripping:
    """A step around another."""

    def __init__(self, step: OptimizerStep[Points, Fit], trips: Callable[[str], None]) -> None:
        self.step, self.trips = step, trips
        self.model, self.device = step.model, step.device

    @property
    def n_steps(self) -> int:
        return self.step.n_steps

    def update(self, batch: Points) -> Fit:
        self.trips("update")
        return self.step.update(batch)

    def evaluate(self, batch: Points) -> Fit:
        return self.step.evaluate(batch)

    def end_epoch(self) -> None:
        self.trips("end_epoch")
        self.step.end_epoch()

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        self.trips("schedule")
        self.step.after_scores(scores, moment)

    def state_dict(self) -> Mapping[str, object]:
        return self.step.state_dict()

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.step.load_state_dict(state_dict)


@dataclass
class Looks:
    """A step callback."""

    trips: Callable[[str], None]
    every: Every
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "weight"),)

    def on_moment(self, step: AnyStep, moment: Moment) -> Results:
        self.trips("callback")
        return ArtifactResults(scores={"weight": _sum(step.model)})


@dataclass
class Sums:
    """An artifact routine."""

    trips: Callable[[str], None]
    every: Every
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "sum"),)

    @property
    def cadences(self) -> Sequence[Every]:
        return [self.every]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_run or moment.reaches(self.every) else ()

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        self.trips("routine")
        return ArtifactResults(scores={"sum": _sum(model)})


@dataclass
class Best:
    trips: Callable[[str], None]
    tracker: BestScoreTracker

    def is_best(self, criterion: RunState) -> bool:
        self.trips("best")
        return self.tracker.is_best(criterion)

    def state_dict(self) -> Mapping[str, object]:
        return self.tracker.state_dict()

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self.tracker.load_state_dict(state_dict)


@dataclass
class Kept:
    """A checkpointer in memory: step, end of an epoch, history."""

    trips: Callable[[str], None]
    cadences: Sequence[Every]
    saved: dict[int, object] = field(default_factory=dict[int, object])

    def is_due(self, moment: Moment) -> bool:
        self.trips("due")
        return any(moment.reaches(each) for each in self.cadences)

    def save(self, moment: Moment, state: Mapping[str, object]) -> None:
        self.trips("save")
        run = state["run"]
        assert isinstance(run, dict)
        self.saved[moment.step] = moment.ends_epoch, run["n_batches"], deepcopy(state["log"])

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        raise NotImplementedError


@dataclass
class Never:
    trips: Callable[[str], None]

    def should_stop(self, update: RunState) -> bool:
        self.trips("stopper")
        return False


@dataclass
class Told:
    """Hooks; an end of an epoch is told once, also where this raises."""

    trips: Callable[[str], None]
    epochs: list[int] = field(default_factory=list[int])

    def on_start(self, step: AnyStep, state: RunState) -> None:
        self.trips("on_start")

    def on_epoch_end(self, state: RunState) -> None:
        self.epochs.append(state.n_epochs_elapsed)
        self.trips("on_epoch_end")

    def on_end(self, state: RunState) -> None:
        self.trips("on_end")


def _sum(model: nn.Module) -> float:
    return sum(float(each.detach().sum()) for each in model.parameters())


@dataclass(frozen=True)
class Form:
    """What a run is like."""

    n_rows: int
    accumulate: int
    averages: bool
    cadences: tuple[Every, Every, Every, Every]
    stop: EarlyStopper[RunState]


CADENCES = st.one_of(st.integers(1, 3), st.integers(1, 7).map(steps))
STOPPERS = st.one_of(
    st.integers(1, 4).map(lambda n: EpochBoundStopper(max_n_epochs=n)),
    st.integers(1, 12).map(lambda n: StepBoundStopper(max_n_steps=n)),
)
FORMS = st.builds(
    Form,
    n_rows=st.integers(2, 14),
    accumulate=st.integers(1, 3),
    averages=st.booleans(),
    cadences=st.tuples(CADENCES, CADENCES, CADENCES, CADENCES),
    stop=STOPPERS,
)


def composed(
    form: Form,
    trips: Callable[[str], None],
    told: Told,
    *,
    kept: Kept | None = None,
    folder: Path | None = None,
) -> Trainer[Points, Fit]:
    """Of parts that all trip: saved by `kept`, or in a run folder."""
    torch.default_generator.manual_seed(0)
    model = Plain()
    inner = OptimizerStep(
        model,
        optimizer=partial(optim.Adam, lr=0.01),
        accumulate=form.accumulate,
        schedule=lambda optimizer: per_epoch(StepLR(optimizer, 1, gamma=0.5)),
    )
    step = Tripping(inner, trips)
    looks, sums, losses, saves = form.cadences
    return Trainer(
        averaged(step, swa()) if form.averages else step,
        train_loader=Source(trips, Batches(points(form.n_rows), 2)),
        stop=[form.stop, Never(trips)],
        best=Best(trips, BestScoreTracker("v")),
        checkpointer=kept,
        run_folder=folder,
        checkpoint_every=saves,
        callbacks=[Looks(trips, looks), TrainLoss(every=losses)],
        routines=[
            DataLoaderRoutine(Batches(points(6), 6), scores=[LossCallback("v")], every=losses),
            bind(Sums(trips, sums), model),
        ],
        hooks=[told],
        progress=False,
        sanity=False,
    )


def run(form: Form, trips: Trips) -> tuple[TrainingResult, Kept, Told, int]:
    """To its end, however often it is interrupted; and how often it was."""
    kept, told = Kept(trips, form.cadences[-1:]), Told(trips)
    trainer = composed(form, trips, told, kept=kept)
    for n_interrupted in range(9):
        try:
            return trainer.train(), kept, told, n_interrupted
        except (RuntimeError, KeyboardInterrupt):
            pass
    raise AssertionError("it never ended")


@settings(deadline=None, max_examples=60)
@given(
    form=FORMS,
    at=st.dictionaries(
        st.tuples(st.sampled_from(PLACES), st.integers(1, 8)),
        st.sampled_from([RuntimeError, KeyboardInterrupt]),
        min_size=1,
        max_size=3,
    ),
)
def test_wherever_it_is_interrupted_it_ends_the_same(
    form: Form, at: dict[tuple[str, int], type[BaseException]]
) -> None:
    require_same(form, at)


def require_same(form: Form, at: Mapping[tuple[str, int], type[BaseException]]) -> None:
    whole, kept, told, _ = run(form, Trips())
    result, again, heard, n_interrupted = run(form, Trips(at))
    assert same_weights(result.last_weights, whole.last_weights)
    assert (result.n_steps, result.stop_reason) == (whole.n_steps, whole.stop_reason)
    assert (result.best_epoch, result.best_step) == (whole.best_epoch, whole.best_step)
    assert heard.epochs == told.epochs
    assert again.saved.keys() == kept.saved.keys()
    if n_interrupted and form.accumulate > 1:  # a window that is begun again is seen again
        for name in set(whole.scores.columns) - {"train_loss"}:
            assert result.scores[name].dropna().equals(whole.scores[name].dropna())
    else:
        assert result.scores.equals(whole.scores)
        assert again.saved == kept.saved


USUAL = Form(
    n_rows=9,
    accumulate=1,
    averages=False,
    cadences=(steps(4), steps(4), steps(4), steps(4)),
    stop=EpochBoundStopper(max_n_epochs=3),
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("accumulate", [1, 2])
def test_each_call_of_each_place(place: str, accumulate: int) -> None:
    form = replace(USUAL, accumulate=accumulate, averages=place == "routine")
    for n in (1, 2, 3):
        require_same(form, {(place, n): KeyboardInterrupt})


def test_a_stop_that_is_passed_already_ends_it_at_once() -> None:
    """The newest moment was before that step: the first look is at what came since."""
    trips = Trips({("update", 4): KeyboardInterrupt})
    trainer = Trainer(
        Tripping(OptimizerStep(Plain(), optimizer=partial(optim.SGD, lr=0.01)), trips),
        train_loader=Batches(points(20), 2),
        stop=[EpochBoundStopper(max_n_epochs=9)],
        progress=False,
    )
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert trainer.train(stop=[StepBoundStopper(max_n_steps=2)]).n_steps == 3
    assert trainer.train(stop=[StepBoundStopper(max_n_steps=3)]).n_steps == 3
    assert trainer.train(stop=[StepBoundStopper(max_n_steps=4)]).n_steps == 4


@dataclass
class Seconds:
    every: Every = 1
    seen: list[float] = field(default_factory=list[float])
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "never"),)

    def on_moment(self, step: AnyStep, moment: Moment) -> Results:
        self.seen.append(moment.seconds)
        return {}


def test_the_end_of_a_run_has_its_time() -> None:
    seconds = Seconds()
    Trainer(
        OptimizerStep(Plain(), optimizer=partial(optim.SGD, lr=0.01)),
        train_loader=Batches(points(20), 2),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        callbacks=[seconds],
        progress=False,
    ).train()
    assert 0 < seconds.seen[0] <= seconds.seen[1]


class Normed(Plain):
    """Its running statistics move with every pass."""

    def __init__(self) -> None:
        super().__init__()
        self.layers.insert(0, nn.BatchNorm1d(3))


@pytest.mark.parametrize("averages", [False, True])
def test_a_window_that_is_begun_again_moves_norms_once(averages: bool) -> None:
    def end_of(trips: Trips) -> Mapping[str, object]:
        torch.default_generator.manual_seed(0)
        step = OptimizerStep(Normed(), optimizer=partial(optim.SGD, lr=0.01), accumulate=3)
        trainer = Trainer(
            averaged(step, swa()) if averages else step,
            train_loader=Source(trips, Batches(points(24), 4)),
            stop=[EpochBoundStopper(max_n_epochs=2)],
            progress=False,
        )
        for _ in range(2):
            try:
                return trainer.train().last_weights
            except RuntimeError:
                pass
        raise AssertionError

    whole = end_of(Trips())
    for n in range(2, 12):
        assert same_weights(end_of(Trips({("loader", n): RuntimeError})), whole)
