"""When a learning-rate scheduler advances: after every step, every epoch, or by a score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, final

from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    ClosureOptimizer,
    Moment,
    Optimizer,
    Scheduler,
    ScoreScheduler,
    Stateful,
)
from artifact_torch.internal.arguments import refuse, text

# What `optimizer=` of a step makes, and its `schedule=` takes.
OptT = TypeVar("OptT", bound=Optimizer)
ClosingT = TypeVar("ClosingT", bound=ClosureOptimizer)
AnyOptT = TypeVar("AnyOptT", bound=Optimizer | ClosureOptimizer)
AnyOpt_contra = TypeVar("AnyOpt_contra", bound=Optimizer | ClosureOptimizer, contravariant=True)


@final
@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A scheduler with its moment; made by `per_step`, `per_epoch` and `by_score`."""

    scheduler: Stateful
    contract: object
    every_step: bool = False
    advance: Callable[[Mapping[str, float]], object]
    """Called with the moment's own scores, of which there are none after a step."""
    monitored: Sequence[str] = ()
    """It advances at each moment that produced all of these; with none, after each epoch."""

    @property
    def contract_places(self) -> Sequence[Place]:
        """The scheduler."""
        return [("scheduler", self.scheduler, self.contract)]

    def after_step(self) -> None:
        """Called by the training step after each update."""
        if self.every_step:
            self.advance({})

    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None:
        """Called by the training step with the scores of a moment."""
        if self.every_step:
            return
        if all(map(scores.__contains__, self.monitored)) if self.monitored else moment.ends_epoch:
            self.advance(scores)


def per_step(scheduler: Scheduler, /) -> Schedule:
    """Advance after every optimizer update: `OneCycleLR`, warm-up."""
    return Schedule(
        scheduler=scheduler,
        contract=Scheduler,
        every_step=True,
        advance=lambda _scores: scheduler.step(),
    )


def per_epoch(scheduler: Scheduler, /) -> Schedule:
    """Advance after every epoch: `StepLR`, `CosineAnnealingLR`."""
    return Schedule(
        scheduler=scheduler, contract=Scheduler, advance=lambda _scores: scheduler.step()
    )


def by_score(scheduler: ScoreScheduler, name: str, /) -> Schedule:
    """Advance with the score `name`, at the moments that produced it: `ReduceLROnPlateau`."""
    refuse(text("by_score: name", name))
    return Schedule(
        scheduler=scheduler,
        contract=ScoreScheduler,
        advance=lambda scores: scheduler.step(scores[name]),
        monitored=(name,),
    )


@final
@dataclass(frozen=True)
class PlannedSchedule(Generic[AnyOpt_contra]):
    """A schedule that is made once the length of the run is known; made by `planned`."""

    make: Callable[[AnyOpt_contra, int], Schedule | None]


def planned(make: Callable[[AnyOptT, int], Schedule | None], /) -> PlannedSchedule[AnyOptT]:
    """A schedule that knows how many updates the run will have: `OneCycleLR`.

    `make` is called with the optimizer and that number when the trainer is built: of batches, of
    which `accumulate` make an update, and of the bounds that the stoppers name. A run that stops
    earlier has not gone through all of it.
    """
    return PlannedSchedule(make)
