"""The losses of all ranks: whether they are finite."""

from typing import final

from torch import Tensor

from artifact_torch.internal.ranks import gathered
from artifact_torch.stepping.update.finite import FiniteWatch


@final
class LossesOfRanks:
    """As `FiniteWatch`, which knows one process: asked for all that was seen, it asks all."""

    def __init__(self) -> None:
        self._own = FiniteWatch()
        self.where: str = ""
        """Whose were not finite, in words, once it was asked."""

    def sees(self, value: Tensor) -> bool:
        """Whether this rank's number, `[]`, is finite; True where that is not known without a sync."""
        return self._own.sees(value)

    def all_finite(self) -> bool:
        """Whether all that any rank has seen since the last time was. Syncs."""
        bad = [rank for rank, fits in enumerate(gathered(self._own.all_finite())) if not fits]
        self.where = f" on rank {', '.join(map(str, bad))}" if bad else ""
        return not bad
