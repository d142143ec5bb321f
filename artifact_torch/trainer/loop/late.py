"""Stoppers and trackers that decide by scores which are known later."""

import logging
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import final

from artifact_torch.checkpoints.state import read_int
from artifact_torch.contracts import (
    EarlyStopper,
    ModelTracker,
    ResultKind,
    ResultName,
    RunState,
    Stateful,
)
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import by_all
from artifact_torch.internal.arguments import described
from artifact_torch.internal.narrowing import is_list, is_tuple
from artifact_torch.stopping.scores import decided, monitored_names
from artifact_torch.validation.watched import is_silent

_log = logging.getLogger("artifact_torch")


@final
class Late:
    """Asks them about each moment in its order, as if training had waited: what comes after the one
    at which a stopper says so counts for nobody. Rounds are the moments at which one of their
    scores was due; the run ends `staleness` rounds after the one that was decided about.
    """

    def __init__(self, staleness: int, best: ModelTracker[RunState] | None) -> None:
        self.staleness: int = staleness
        self._stop: Sequence[EarlyStopper[RunState]] = ()
        self.best: ModelTracker[RunState] | None = best if self.takes(best) else None
        self.n_rounds: int = 0
        self._stopped: deque[tuple[int, str]] = deque()

    def takes(self, part: object) -> bool:
        """Whether it decides late: one that says by which scores, where that was allowed."""
        return self.staleness > 0 and bool(monitored_names(part))

    def stop_by(self, stop: Sequence[EarlyStopper[RunState]]) -> None:
        """These are asked from now on; what others said is over."""
        self._stop = [each for each in stop if self.takes(each)]
        if self.staleness:
            _tell_of_silent(stop)
        self._stopped.clear()

    @property
    def is_asked(self) -> bool:
        """Whether there is any."""
        return bool(self._stop) or self.best is not None

    def counts(self, names: Collection[ResultName]) -> None:
        """What was due at a moment: a round where one of their scores was."""
        own = {*monitored_names(*self._stop, self.best)}
        self.n_rounds += any(kind is ResultKind.SCORE and name in own for kind, name in names)

    def is_best(self, state: RunState, *, ends_run: bool) -> bool:
        """Whether a moment is, all of whose scores are in `state`."""
        best = self.best
        if best is None or self._stopped:
            return False
        if ends_run and not {*monitored_names(best)} & state.scores.keys():
            return False
        return by_all(lambda: decided(f"{type(best).__name__}.is_best", best.is_best, state))

    def ask(self, state: RunState, n_round: int) -> None:
        """The stoppers, about a moment of that round."""
        if self._stop and not self._stopped:
            said = by_all(lambda: [_said(each, state) for each in self._stop])
            asked = zip(self._stop, said, strict=True)
            self._stopped.extend((n_round, described(each)) for each, stops in asked if stops)

    def stopped_by(self) -> list[str]:
        """Which of them end the run here."""
        until = self.n_rounds - self.staleness
        return [words for n_round, words in self._stopped if n_round <= until]

    def drop_others(self, state: RunState) -> None:
        """After all parts were restored: what stoppers said that this run has not is over, and what
        one would not say any more, as it is set now: it is asked again, without a new score.
        """
        same = replace(state, scores={})
        still = {described(each) for each in self._stop if self._stopped and _says_so(each, same)}
        self._stopped = deque(each for each in self._stopped if each[1] in still)

    def state_dict(self) -> Mapping[str, object]:
        """Rounds so far, and who has said so."""
        return {"n_rounds": self.n_rounds, "stopped": [list(each) for each in self._stopped]}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        self.n_rounds = read_int(state_dict, "n_rounds")
        self._stopped.clear()
        saved = state_dict.get("stopped")
        for each in saved if is_list(saved) else ():
            match list(each) if is_list(each) or is_tuple(each) else each:
                case [int(n_round), str(words)]:
                    self._stopped.append((n_round, words))
                case _:
                    raise CheckpointError(
                        f'checkpoint: "stopped" has {each!r}, expected a round and words; load a '
                        "checkpoint that this version wrote"
                    )


def _says_so(stopper: EarlyStopper[RunState], state: RunState) -> bool:
    """As it is; it does not count that it was asked."""
    before = deepcopy(stopper.state_dict()) if isinstance(stopper, Stateful) else None
    said = _said(stopper, state)
    if isinstance(stopper, Stateful) and before is not None:
        stopper.load_state_dict({**before})
    return said


def _said(stopper: EarlyStopper[RunState], state: RunState) -> bool:
    return decided(f"{type(stopper).__name__}.should_stop", stopper.should_stop, state)


def _tell_of_silent(parts: Sequence[object]) -> None:
    """Whoever does not name what it reads cannot decide later, and keeps every score in the training."""
    for name in [type(each).__name__ for each in parts if is_silent(each)]:
        _log.warning(
            "Beside(staleness=...): %s does not say which score it reads, so it decides in time, and all "
            'scores are computed in the training; give it monitored = ("loss",), or pair it: '
            'stop_when(%s(...), on=score("loss"))',
            *(name, name),
        )
