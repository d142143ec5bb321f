"""An early stopper that a score must not go beyond."""

from collections.abc import Sequence
from typing import final

from artifact_torch.contracts import RunState
from artifact_torch.internal.arguments import function_of_one, number, refuse, shown, text
from artifact_torch.stopping.scores import Watched, as_score, looking, monitored_names


@final
class ScoreBoundStopper:
    """Stops once a score is above `most` or below `least`; NaN is neither.

    `score` is the name of a score, or a function of the epoch's state. A moment that did not
    produce it stops nothing. For a score that must not be reached, such as a membership score; one
    that is to be reached is a bound too: `ScoreBoundStopper("loss", least=0.1)` ends at a loss
    below 0.1.

    Raises `ConfigurationError` without a bound, or with two of which `least` is above `most`.
    """

    def __init__(
        self, score: Watched, /, *, most: float | None = None, least: float | None = None
    ) -> None:
        bounds = {"least": least, "most": most}
        given = {name: value for name, value in bounds.items() if value is not None}
        problems = text("score", score)
        if callable(score):
            problems = function_of_one("score", score, "lambda state: state.scores.get('loss')")
        for name, value in given.items():
            if number(name, value, least=float("-inf")):
                problems.append(f"{name} must be a finite number, got {shown(value)}")
        if not given:
            problems.append("has no bound; give most=... or least=...")
        elif not problems and least is not None and most is not None and least > most:
            problems.append(f"least={least} is above most={most}, so every score would stop it")
        refuse([f"ScoreBoundStopper: {problem}" for problem in problems])
        self._look = looking(score)
        self._most, self._least = most, least

    @property
    def monitored(self) -> Sequence[str]:
        """The score, where it was given by name."""
        return monitored_names(self._look)

    def should_stop(self, update: RunState, /) -> bool:
        seen = self._look(update)
        if seen is None:
            return False
        value = as_score("ScoreBoundStopper", seen)
        is_above = self._most is not None and value > self._most
        return is_above or (self._least is not None and value < self._least)

    def __str__(self) -> str:
        named = (("below", self._least), ("above", self._most))
        bounds = [f"{where} {bound:g}" for where, bound in named if bound is not None]
        return f"{', '.join(self.monitored) or 'score'} {' or '.join(bounds)}"
