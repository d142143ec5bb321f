"""When a learning-rate scheduler advances: after every step, every epoch, or by a score."""

from collections.abc import Mapping, Sequence
from typing import final

from artifact_torch.checking.places import Place, check_contracts
from artifact_torch.contracts import Optimizer, Schedule, Scheduler, ScoreScheduler
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import refuse, text


def per_step(scheduler: Scheduler, /) -> Schedule:
    """Advance after every optimizer update: `OneCycleLR`, warm-up."""
    _check(scheduler, Scheduler)
    return _Counting(scheduler, by_step=True)


def per_epoch(scheduler: Scheduler, /) -> Schedule:
    """Advance after every epoch: `StepLR`, `CosineAnnealingLR`."""
    _check(scheduler, Scheduler)
    return _Counting(scheduler, by_step=False)


def by_score(scheduler: ScoreScheduler, name: str, /) -> Schedule:
    """Advance with the score `name`, in the epochs that produced it: `ReduceLROnPlateau`."""
    _check(scheduler, ScoreScheduler)
    refuse(text("by_score: name", name))
    return _ByScore(scheduler, name)


def _check(scheduler: object, contract: object) -> None:
    """An optimizer has all members of a scheduler: it would be asked for a second update."""
    if isinstance(scheduler, Optimizer) and not isinstance(scheduler, type):
        raise ContractError(
            f"scheduler: got {type(scheduler).__name__}, an optimizer; expected a scheduler made "
            "from it, for example StepLR(optimizer, step_size=10)"
        )
    check_contracts(("scheduler", scheduler, contract))


@final
class _Counting:
    def __init__(self, scheduler: Scheduler, *, by_step: bool) -> None:
        self._scheduler = scheduler
        self._by_step = by_step

    @property
    def contract_places(self) -> Sequence[Place]:
        return [("scheduler", self._scheduler, Scheduler)]

    def after_step(self) -> None:
        if self._by_step:
            self._scheduler.step()

    def after_epoch(self, _scores: Mapping[str, float], /) -> None:
        if not self._by_step:
            self._scheduler.step()

    def state_dict(self) -> Mapping[str, object]:
        return self._scheduler.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._scheduler.load_state_dict(state_dict)


@final
class _ByScore:
    def __init__(self, scheduler: ScoreScheduler, name: str) -> None:
        self._scheduler = scheduler
        self._name = name

    @property
    def contract_places(self) -> Sequence[Place]:
        return [("scheduler", self._scheduler, ScoreScheduler)]

    @property
    def monitored(self) -> Sequence[str]:
        return (self._name,)

    def after_step(self) -> None:
        pass

    def after_epoch(self, scores: Mapping[str, float], /) -> None:
        if self._name in scores:
            self._scheduler.step(scores[self._name])

    def state_dict(self) -> Mapping[str, object]:
        return self._scheduler.state_dict()

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self._scheduler.load_state_dict(state_dict)
