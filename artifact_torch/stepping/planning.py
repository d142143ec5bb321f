"""The schedule of one optimizer, there from the start or once the length of the run is known."""

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import TypeAlias, final

from artifact_torch.checking.places import Place, check_contracts
from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import ClosureOptimizer, Moment, Optimizer
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_mutable_mapping
from artifact_torch.stepping.schedules import AnyOptT, PlannedSchedule, Schedule
from artifact_torch.stepping.update.checks import check_made_schedule

_logger = logging.getLogger(__name__)

ScheduleOf: TypeAlias = Callable[[AnyOptT], Schedule | None] | PlannedSchedule[AnyOptT]
"""What `schedule=` takes: a function of the optimizer, or `planned` of one."""


def n_updates_of(
    n_batches: int, max_n_epochs: int | None, max_n_steps: int | None, *, accumulate: int = 1
) -> int | None:
    """Updates of a whole run, None without a bound; an incomplete last window of an epoch is one."""
    per_epoch = -(-n_batches // accumulate)
    bounds = [max_n_steps, None if max_n_epochs is None else max_n_epochs * per_epoch]
    return min((bound for bound in bounds if bound is not None), default=None)


@final
class Scheduling:
    """Makes the schedule and advances it."""

    def __init__(self, built: AnyOptT, given: ScheduleOf[AnyOptT] | None) -> None:
        self.schedule: Schedule | None = None
        self._make: Callable[[int], Schedule | None] | None = None
        self._n_planned: int | None = None
        self._groups: Sequence[Mapping[str, object]] = ()
        self._optimizer: Optimizer | ClosureOptimizer = built
        if isinstance(given, PlannedSchedule):
            make = given.make
            self._make = lambda n: check_made_schedule(make(built, n), built)
            self._groups = [deepcopy(_options(group)) for group in built.param_groups]
        elif given is not None:
            self.schedule = check_made_schedule(given(built), built)

    @property
    def contract_places(self) -> Sequence[Place]:
        """The scheduler."""
        return self.schedule.contract_places if self.schedule else ()

    @property
    def name(self) -> str | None:
        """Of the scheduler's class."""
        return self.schedule and type(self.schedule.scheduler).__name__

    @property
    def monitored(self) -> Sequence[str]:
        """The scores it looks at."""
        return self.schedule.monitored if self.schedule else ()

    @property
    def every_step(self) -> bool:
        """Whether it advances after updates."""
        return self.schedule is not None and self.schedule.every_step

    def plan(self, n_updates: int | None, *, is_new: bool) -> None:
        """Make it for a run of so many updates. One that has begun keeps its own."""
        if self._make is None or (n_updates is not None and n_updates == self._n_planned):
            return
        if n_updates is None:
            raise ConfigurationError(
                "schedule: planned(...) needs the length of the run, and no stopper names one; add "
                "EpochBoundStopper(max_n_epochs=...) or StepBoundStopper(max_n_steps=...)"
            )
        if self._n_planned is not None and not is_new:
            _logger.warning(
                "schedule: was planned for %d updates and goes on so, though this run may have %d",
                *(self._n_planned, n_updates),
            )
            return
        for group, options in zip(self._optimizer.param_groups, self._groups, strict=False):
            added = _options(group).keys() - options.keys()
            if is_mutable_mapping(group):  # as it was before an earlier plan's schedule
                for name in added:
                    del group[name]
                group.update(deepcopy(dict(options)))
        self.schedule, self._n_planned = self._make(n_updates), n_updates
        check_contracts(*self.contract_places)

    def require_plan(self) -> None:
        """Raise `ConfigurationError` if it waits for the length of the run."""
        if self._make is not None and self._n_planned is None:
            raise ConfigurationError(
                "schedule: planned(...) was not told the length of the run; hand the step to a "
                "Trainer, or call step.plan(n_batches, max_n_epochs, max_n_steps)"
            )

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        """After the scores of a moment are known."""
        if self.schedule is not None:
            self.schedule.after_scores(scores, moment)

    def state_dict(self) -> dict[str, object]:
        """The scheduler's, and how many updates it was planned for."""
        return {
            "schedule": self.schedule and self.schedule.scheduler.state_dict(),
            "n_planned": self._n_planned,
        }

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        """Continue from `state_dict`."""
        if self.schedule is None:
            return
        self.schedule.scheduler.load_state_dict(read(state_dict, "schedule"))
        saved = state_dict.get("n_planned")
        if self._make is None or not isinstance(saved, int):
            return
        if saved != self._n_planned:
            _logger.warning(
                "schedule: was planned for %d updates in the checkpoint and goes on so, though this "
                "run may have %d",
                *(saved, self._n_planned),
            )
        self._n_planned = saved


def _options(group: Mapping[str, object]) -> dict[str, object]:
    return {str(name): value for name, value in group.items() if name != "params"}
