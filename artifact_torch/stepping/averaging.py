"""How averages of the weights follow them, which often generalise better than the weights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from artifact_torch.contracts import Cadence, Every, Moment
from artifact_torch.internal.arguments import integer, number, refuse
from artifact_torch.internal.cadence import cadence_problems

_EACH_STEP = Cadence("steps", 1)


@final
@dataclass(frozen=True, kw_only=True)
class Averaging:
    """How an average follows the weights; made by `ema` and `swa`."""

    weight: Callable[[int], float]
    """Of the present weights, once so many were averaged, at least 1: the first are the average."""
    start: Every
    every: Every

    def reached(self, moment: Moment) -> bool:
        """Whether the present weights go into the average."""
        start = self.start
        begun = moment.epoch >= start if isinstance(start, int) else moment.step >= start.n
        return begun and moment.reaches(self.every)


def ema(decay: float = 0.999, /, *, every: Every = _EACH_STEP) -> Averaging:
    """An exponential moving average: `decay` of the average and the rest of the weights, after each
    update (`every=`: steps or epochs).
    """
    problems = number("ema: decay", decay, least=0) + _problems("ema", every)
    if not problems and decay >= 1:
        problems.append(f"ema: decay must be below 1, got {decay}; 0.999 is usual")
    refuse(problems)
    return Averaging(weight=lambda _n: 1 - decay, start=0, every=every)


def swa(*, start: Every = 0, every: Every = 1) -> Averaging:
    """The mean of the weights after each epoch from `start` on (arXiv 1803.05407); `start` and
    `every` in epochs, or `steps(n)`.
    """
    problems = integer("swa: start", start, least=0) if isinstance(start, int) else []
    if not isinstance(start, int):
        problems += _problems("swa", start, "start")
    refuse(problems + _problems("swa", every))
    return Averaging(weight=lambda n: 1 / (n + 1), start=start, every=every)


def _problems(of: str, every: object, name: str = "every") -> list[str]:
    problems = [f"{of}: {each}" for each in cadence_problems(name, every)]
    if isinstance(every, Cadence) and every.unit == "minutes":
        problems.append(f"{of}: {name} must be in epochs or steps, got minutes({every.n})")
    return problems
