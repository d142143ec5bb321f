"""Routines that are computed in processes beside the training: which, of what, and by whom."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import final

import torch

from artifact_torch.contracts import AnyStep, ArtifactRoutine, Moment, ResultName
from artifact_torch.errors import RankError
from artifact_torch.internal.agreement import by_first
from artifact_torch.internal.ranks import ranks
from artifact_torch.run_folder.configuration import RunFolder
from artifact_torch.validation.configuration import Beside, Where
from artifact_torch.validation.jobs import Answer, Job
from artifact_torch.validation.process import Sent, WorkerProcess
from artifact_torch.validation.rounds import Due
from artifact_torch.validation.sendable import Sendable
from artifact_torch.validation.staying import computed_here
from artifact_torch.validation.surroundings import idle_cores, surroundings_here
from artifact_torch.validation.watched import Watched
from artifact_torch.validation.whole_model import WholeModel

PAYS_AFTER_S = 10.0
"""A validation that took less in all is not worth the start of a process, 2 to 3 s of a core."""


@final
@dataclass(frozen=True)
class SentRoutine:
    """What was sent of one routine at one moment."""

    due: Due
    sent: Sent


@final
class Elsewhere:
    """Sends what can be computed by another process, and nobody waits for.

    Of several processes that train the first has all of it: it says what goes, to the others too, and
    sends it. A pass over a loader, which is one of all of them, stays with them.

    Plots are drawn as `drawn` has them. `spent` are the seconds of validation so far, by which
    `"auto"` decides; `room` is asked where something is to be sent, may wait until there is some,
    and says whether it is to be sent; `tell` is called, by a thread, when there is an answer.
    """

    def __init__(
        self,
        where: Where,
        step: AnyStep,
        *,
        drawn: RunFolder | None,
        spent: Callable[[], float],
        whole: WholeModel,
    ) -> None:
        self.where: Where = where
        self._is_auto = where == "auto"
        self._is_on = where != "inline"
        self.how: Beside = where if isinstance(where, Beside) else Beside()
        self._step = step
        self.waits: Watched = Watched(frozenset())
        """What is computed here, since the training waits for it."""
        self._drawn = drawn
        self._whole = whole
        self._spent = spent
        self.room: Callable[[], bool] = _always
        self.tell: Callable[[], object] = _nothing
        self.sent: list[SentRoutine] = []
        """At the moment in progress."""
        self._workers: list[WorkerProcess] = []
        self._sendable = Sendable(step, whole, only_ours=self._is_auto)

    def send(self, due: Sequence[Due], moment: Moment) -> Sequence[Due]:
        """Have what can be of it computed beside; returns what is to be computed here."""
        if not self._is_on or moment.ends_run or moment.is_rehearsal:
            return due
        wanted = [each for one in due if (each := self._going(one))]
        can_go = by_first(lambda: self._can_go(wanted)) if wanted else ()
        going = [each for each in wanted if each.position in can_go]
        if not going:
            return due
        if not self.room():
            left_out = {name for each in going for name in each.names}
            return _without(due, left_out)
        gone = {name for each in self._posted(going, moment) for name in each.names}
        return _without(due, gone)

    def here(self, one: SentRoutine, answer: Answer) -> Answer:
        """See `computed_here`."""
        return computed_here(one.due, one.sent.job, answer, self._sendable.staying)

    def again(self, one: SentRoutine, names: Collection[ResultName]) -> SentRoutine:
        """`names` of what was sent, once more, of the same weights."""
        due = replace(one.due, names=[each for each in one.due.names if each in names])
        return self.submitted(due, replace(one.sent.job, names=due.names))

    def done(self, sent: Sequence[SentRoutine]) -> None:
        """The weights that these were computed of are not needed any more."""
        for file in {each.sent.job.targets for each in sent} if ranks().is_first else ():
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """What is under way is given up, and the processes end."""
        for worker in self._workers:
            worker.close()
        self._workers, self.sent = [], []
        self._sendable.close()

    def _going(self, one: Due) -> Due | None:
        """What of it nobody waits for; of a pass over a loader all or nothing."""
        names = [name for name in one.names if name not in self.waits]
        is_whole = len(names) == len(one.names)
        return replace(one, names=names) if names and (is_whole or _makes_artifacts(one)) else None

    def _can_go(self, wanted: Sequence[Due]) -> Collection[int]:
        """The positions of those that nothing keeps here."""
        is_alike = not torch.is_autocast_enabled("cpu")  # around `train()`: no step's own
        is_on = is_alike and not self._sendable.staying.is_all
        if not is_on or not (self._workers or self._pays()):
            return ()
        return [each.position for each in wanted if not self._sendable.why_not(each)]

    def _pays(self) -> bool:
        """Whether a process may be started for it."""
        return not self._is_auto or (self._spent() >= PAYS_AFTER_S and idle_cores() > 0)

    def _posted(self, going: Sequence[Due], moment: Moment) -> Sequence[Due]:
        """What was sent of it: all, unless its weights cannot be."""
        if self._sendable.needs_whole(going):
            self._whole.of(self._step.model)
        jobs = by_first(lambda: self._jobs(going, moment))
        self.sent += map(self.submitted, going if jobs else (), jobs)
        return going if jobs else ()

    def _jobs(self, going: Sequence[Due], moment: Moment) -> Sequence[Job]:
        """One for each; none where the weights cannot be sent."""
        try:
            jobs = self._sendable.jobs(going, moment)
            if not self._workers:
                self._start()
        except RankError:  # of a process that is gone, told while this one was at work here
            raise
        except Exception as error:  # noqa: BLE001  what the pickling of anybody's part raises
            for each in going:
                self._sendable.staying.keep(each, f"its weights cannot be sent ({error})")
            return ()
        return jobs

    def submitted(self, due: Due, job: Job) -> SentRoutine:
        sent = Sent(job)
        if ranks().is_first:
            self._worker_for(due.position).submit(sent)
        return SentRoutine(due, sent)

    def _worker_for(self, position: int) -> WorkerProcess:
        """The routine's own, which keeps it as it has become; of `workers` the user asked for, one
        that has less to do, so that moments of one routine are computed side by side.
        """
        at = [*self._sendable.routines].index(position) % len(self._workers)
        if self.how.workers is None:
            return self._workers[at]
        return min(self._workers[at:] + self._workers[:at], key=lambda one: one.n_left)

    def _start(self) -> None:
        n = self.how.workers or max(1, min(idle_cores(), len(self._sendable.routines)))
        surroundings = surroundings_here(
            self._drawn, self.how.memory_mib, str(self._sendable.folder)
        )
        self._workers = [
            WorkerProcess(surroundings, time_limit=self.how.time_limit, tell=self._told)
            for _ in range(n)
        ]

    def _told(self) -> None:
        self.tell()  # whoever that is by now


def _makes_artifacts(one: Due) -> bool:
    return isinstance(one.routine.routine, ArtifactRoutine)


def _without(due: Sequence[Due], gone: Collection[ResultName]) -> list[Due]:
    left = [replace(one, names=[name for name in one.names if name not in gone]) for one in due]
    return [each for each in left if each.names]


def _always() -> bool:
    return True


def _nothing() -> None: ...
