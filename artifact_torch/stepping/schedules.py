"""When a learning-rate scheduler advances: after every step, every epoch, or by a score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from artifact_torch.checking.places import Place
from artifact_torch.contracts import Scheduler, ScoreScheduler, Stateful
from artifact_torch.internal.arguments import refuse, text


@final
@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A scheduler with its moment; made by `per_step`, `per_epoch` and `by_score`."""

    scheduler: Stateful
    contract: object
    every_step: bool = False
    advance: Callable[[Mapping[str, float]], object]
    """Called with the epoch's own scores, of which there are none after a step."""
    monitored: Sequence[str] = ()

    @property
    def contract_places(self) -> Sequence[Place]:
        """The scheduler."""
        return [("scheduler", self.scheduler, self.contract)]

    def after_step(self) -> None:
        """Called by the training step after each update."""
        if self.every_step:
            self.advance({})

    def after_epoch(self, scores: Mapping[str, float], /) -> None:
        """Called by the training step with the scores of an epoch."""
        if not self.every_step:
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
    """Advance with the score `name`, in the epochs that produced it: `ReduceLROnPlateau`."""
    refuse(text("by_score: name", name))

    def advance(scores: Mapping[str, float]) -> None:
        if name in scores:
            scheduler.step(scores[name])

    return Schedule(
        scheduler=scheduler, contract=ScoreScheduler, advance=advance, monitored=(name,)
    )
