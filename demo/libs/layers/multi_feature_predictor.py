"""One vector a row to the logits of every feature's codes."""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn


@final
class MultiFeaturePredictor(nn.Module):
    """The logits of each feature's codes, `[batch, codes]` of each.

    Views of one tensor, as large as all features together: a feature of many codes costs the
    others nothing.
    """

    def __init__(self, n_in: int, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.cardinalities = tuple(cardinalities)
        self.linear = nn.Linear(n_in, sum(cardinalities))

    def forward(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """The logits for `hidden`, `[batch, n_in]`."""
        flat: Tensor = self.linear(hidden)
        return flat.split_with_sizes(self.cardinalities, dim=1)
