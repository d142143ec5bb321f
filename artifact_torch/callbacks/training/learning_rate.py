"""The learning rate, as the curve that goes with the scores."""

from collections.abc import Sequence
from typing import Final, final

from artifact_torch.contracts import (
    AnyStep,
    Every,
    Moment,
    Result,
    ResultKind,
    ResultName,
    Tuned,
)
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems

_NAME = "learning_rate"


@final
class LearningRate:
    """The learning rate of the updates before each moment, as `learning_rate`.

    A step with one rate gives the score of that name; one with several (groups of parameters,
    several optimizers) the score collection of that name, by group. It is read before the schedules
    that count epochs or look at a score advance; one that counts steps has already set the rate of
    the next update.
    """

    def __init__(self, *, every: Every = 1) -> None:
        refuse(cadence_problems("LearningRate: every", every))
        self.every: Final = every
        self.result_names: Final[Sequence[ResultName]] = (
            (ResultKind.SCORE, _NAME),
            (ResultKind.SCORE_COLLECTION, _NAME),
        )

    def on_moment(self, step: AnyStep, _moment: Moment, /) -> Sequence[Result]:
        """Raises `ContractError` for a step that does not tell its rates."""
        if not isinstance(step, Tuned):
            raise ContractError(
                f"LearningRate: {type(step).__name__} does not tell its learning rates; give it a "
                'property learning_rates that returns a dict such as {"critic": 0.001}'
            )
        rates = dict(step.learning_rates)
        if len(rates) == 1:
            (rate,) = rates.values()
            return [Result(ResultKind.SCORE, _NAME, rate)]
        return [Result(ResultKind.SCORE_COLLECTION, _NAME, rates)]
