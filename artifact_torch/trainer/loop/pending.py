"""Moments some of whose results are computed beside the training: recorded in their order."""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind, ResultName, RunState
from artifact_torch.internal.agreement import by_first
from artifact_torch.routines.results import Computed
from artifact_torch.trainer.loop.keeper import Keeper
from artifact_torch.trainer.loop.late import Late
from artifact_torch.trainer.ranks.answers import come, pause
from artifact_torch.trainer.run import Run
from artifact_torch.validation.elsewhere import Elsewhere, SentRoutine
from artifact_torch.validation.jobs import Answer
from artifact_torch.validation.rounds import Validation, Within

_log = logging.getLogger("artifact_torch")


@dataclass(eq=False)
class _Held:
    """A moment that is not wholly recorded, or not decided about."""

    moment: Moment
    state: RunState
    results: Computed
    sent: list[SentRoutine]
    n_round: int
    weights: dict[str, object] | None
    """Those of the moment, where it may turn out later to be the best; else they are still there."""
    files: Sequence[SentRoutine] = ()
    is_recorded: bool = False
    late: list[Result | Failure] = field(default_factory=list["Result | Failure"])


@final
class Pending:
    """The moments whose results are under way, and those after them, which wait for their turn.

    With nothing beside, a moment is recorded as it comes. Of several processes the first is answered:
    it tells the others where all ask, so that each holds the same.
    """

    def __init__(
        self,
        run: Run,
        *,
        keeper: Keeper,
        validation: Validation,
        elsewhere: Elsewhere,
        late: Late,
        weights: Callable[[], dict[str, object]],
    ) -> None:
        self._run = run
        self._weights = weights
        self._keeper = keeper
        self._validation = validation
        self._elsewhere = elsewhere
        self._late = late
        self._held: deque[_Held] = deque()
        self._has_told = False
        self._left_out: dict[ResultName, int] = {}
        """From which step on: what of it was sent before that was known is not taken."""
        self.tell: Callable[[Moment, Mapping[str, float]], object] = _nothing
        """Called with scores that came later."""
        self.check: Callable[[], object] = _no_signal
        """Called while it waits: raises `Asked` where a signal came."""
        self.show: Callable[[int, int], object] = _nothing
        """Called while everything is waited for: how many moments of how many are there."""
        elsewhere.room = self._has_room

    def hold(self, moment: Moment, state: RunState, results: Computed) -> None:
        """What was computed here of a moment, and what was sent of it: `settle` records it."""
        sent, self._elsewhere.sent = self._elsewhere.sent, []
        names = [name for each in sent for name in each.due.names]
        if not moment.ends_run:
            self._run.owed = {*names}
        self._run.computed.update(names)
        self._late.counts([*names, *((each.kind, each.name) for each in results)])
        is_decided_later = bool(sent or self._held)
        weights = self._weights() if is_decided_later and self._late.best else None
        held = _Held(moment, state, results, [*sent], self._late.n_rounds, weights, tuple(sent))
        self._held.append(held)

    def settle(self) -> None:
        """Record what is complete, in order. Raises what a routine raised."""
        while self._held:
            first = self._held[0]
            if not first.is_recorded:
                self._keeper.record(first.results, first.moment)
                first.is_recorded = True
            if not self._is_complete(first):
                return
            self._held.popleft()
            self._elsewhere.done(first.files)
            if first.late:
                self._add_late(first.moment, first.late)
            if self._late.is_asked:
                self._decide(first)

    def wait(self, *, before: int | None = None) -> None:
        """Until all moments are recorded, or those before a step. A signal raises `Asked`."""
        self.settle()
        n_all = len(self._held)
        while self._held and (before is None or self._held[0].moment.step < before):
            self.show(n_all - len(self._held), n_all)
            self._wait_a_little()

    def wait_for_rounds(self) -> None:
        """Until what ends the run here is known."""
        until = self._late.n_rounds - self._late.staleness
        while self._late.is_asked and any(
            each.n_round <= until and each.sent for each in self._held
        ):
            self._wait_a_little()

    def give_up(self, timeout_s: float, why: str, *, before: int | None = None) -> None:
        """Wait so long for all, or those before a step; what is not there then is lost."""
        end = time.monotonic() + timeout_s  # the first one's
        due = [each for each in self._held if before is None or each.moment.step < before]
        self.settle()
        while any(each in self._held for each in due) and by_first(lambda: time.monotonic() < end):
            pause(self._held[0].sent)
            self.settle()
        for held in due:
            _lose(held, why)
        self.settle()

    def leave(self, why: str) -> None:
        """By this process alone, where an error ends the run: nothing is waited for or asked, and all
        that was under way is lost.
        """
        for held in self._held:
            if not held.is_recorded:
                self._keeper.record(held.results, held.moment)
            _lose(held, why)
            if held.late:
                self._add_late(held.moment, held.late)
        self.forget()

    def forget(self) -> None:
        """The run was restored: what is under way is another run's."""
        for held in self._held:
            self._elsewhere.done(held.files)
        self._held.clear()
        self.drop()

    def drop(self) -> None:
        """What was sent of a moment that is left."""
        self._elsewhere.done(self._elsewhere.sent)
        self._elsewhere.sent = []

    def redo(self, moment: Moment, within: Within) -> None:
        """What was under way when the state that is gone on from was saved: computed here, by the
        same weights.
        """
        names = self._run.owed
        if not names:
            return
        results = self._validation.again(names, moment, within)
        self._run.owed = set()
        self._run.add_late(moment, results)
        self._keeper.record_again(results, moment)
        if self._late.is_asked:
            sent: list[SentRoutine] = []
            held = _Held(
                moment, self._run.state, (), sent, self._late.n_rounds, None, late=[*results]
            )
            self._decide(held)

    @property
    def is_empty(self) -> bool:
        """Whether all moments are recorded and decided about."""
        return not self._held

    def _is_complete(self, held: _Held) -> bool:
        """Takes in what has come of it."""
        sent = [*held.sent]
        answers = come(sent, self._elsewhere, lambda one: bool(self._wanted(one, held.moment)))
        for at, answer in answers.items():
            held.sent.remove(sent[at])
            held.late += self._results_of(sent[at], answer, held)
        return not held.sent

    def _wanted(self, one: SentRoutine, moment: Moment) -> Collection[ResultName]:
        step, until = moment.step, self._left_out
        return {name for name in one.due.names if step <= until.get(name, step)}

    def _results_of(self, one: SentRoutine, answer: Answer, held: _Held) -> Computed:
        names, due = self._wanted(one, held.moment), one.due
        if not names:
            return ()
        if answer.lost:
            reason = f"lost: {answer.lost}, when it was computed beside the training"
            return [Failure(*name, reason) for name in due.names]
        error = answer.error
        if error is None:
            return [each for each in answer.results if (each.kind, each.name) in names]
        error.add_note("beside the training")
        try:
            failures, left = self._validation.raised(due.routine, due.names, held.moment, error)
        except Exception:
            held.late += [Failure(*name, f"{type(error).__name__}: {error}") for name in due.names]
            raise
        gone = {(each.kind, each.name): held.moment.step for each in failures}
        self._left_out.update(gone)
        if left:
            held.sent.append(self._elsewhere.again(one, left))
        return failures

    def _add_late(self, moment: Moment, results: Sequence[Result | Failure]) -> None:
        if moment.step == self._run.state.n_steps:
            self._run.owed = set()
        self._run.add_late(moment, results)
        self._keeper.record(results, moment)
        self.tell(moment, _scores(results))

    def _decide(self, held: _Held) -> None:
        """What the late say about a moment of which all is known."""
        state = replace(held.state, scores={**held.state.scores, **_scores(held.late)})
        if self._late.is_best(state, ends_run=held.moment.ends_run):
            self._run.keep_best(held.weights or self._weights(), state)
            self._keeper.keep_best(state)
        if not held.moment.ends_run:
            self._late.ask(state, held.n_round)

    def _has_room(self) -> bool:
        """Whether one more moment may be under way; waits for it where that was asked for."""
        how = self._elsewhere.how
        self.settle()
        while sum(bool(each.sent) for each in self._held) >= how.pending:
            if how.when_full == "skip":
                self.tell_left_out()
                return False
            self._wait_a_little()
        return True

    def _wait_a_little(self) -> None:
        """A signal raises `Asked`."""
        self.check()
        pause(self._held[0].sent)
        self.settle()

    def tell_left_out(self) -> None:
        """Once."""
        if not self._has_told:
            self._has_told = True
            _log.warning(
                "validation beside training: %d moments are still computed, so what is due now is left "
                'out, and so it will be (when_full="skip"); validate less often, or give it more '
                "workers",
                self._elsewhere.how.pending,
            )


def _scores(results: Computed) -> dict[str, float]:
    return {
        each.name: each.value
        for each in results
        if isinstance(each, Result)
        and each.kind is ResultKind.SCORE
        and isinstance(each.value, float)
    }


def _lose(held: _Held, why: str) -> None:
    held.late += [Failure(*name, why) for each in held.sent for name in each.due.names]
    held.sent.clear()


def _no_signal() -> None: ...


def _nothing(_first: object, _second: object) -> None: ...
