"""One round of validation: everything that is due at a moment, without a trace in the training."""

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from typing import final

import torch
from torch import nn

from artifact_torch.contracts import Failure, Moment, Result, ResultName
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.routines.binding import BoundRoutine
from artifact_torch.routines.results import Computed


@final
@dataclass(frozen=True)
class Validation:
    """Runs the due routines in evaluation mode, without gradient, each with its own random numbers.

    They depend on (seed, epoch, routine) alone, so a routine gives the same results whichever
    others are due, and the training the same bits whether anything is.
    """

    module: nn.Module
    _: KW_ONLY
    device: torch.device
    routines: Sequence[BoundRoutine]
    seed: int

    @property
    def result_names(self) -> list[ResultName]:
        """All that any routine can produce."""
        return [name for routine in self.routines for name in routine.result_names]

    def run(self, moment: Moment, *, computed: Collection[ResultName] = ()) -> Computed:
        """What is due at `moment` and not `computed` yet: a result or a failure for each name.

        Raises `ValidationError` for results that are not what their routine announced.
        """
        results: list[Result | Failure] = []
        for position, routine in enumerate(self.routines):
            names = [name for name in routine.due(moment) if name not in computed]
            if names:
                seed = derived_seed(self.seed, moment.epoch, position)
                with _evaluating(self.module), isolated_rng(self.device, seed):
                    results += routine.compute(names, moment)
        return results


@contextmanager
def _evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode and no gradient inside; every submodule's own mode is restored after.

    A batch norm that the user froze with `eval()` stays frozen.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode
