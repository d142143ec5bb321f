"""One vector a row to the logits of every feature's codes."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional


@final
class MultiFeaturePredictor(nn.Module):
    """The logits of every code of every feature, `[batch, features, max(cardinalities)]`.

    One linear layer computes the logits of all features; they are then laid out as a rectangle,
    with -inf where a feature has fewer codes than the largest one. A softmax over the last
    dimension is thus each feature's distribution, and one call serves all features.
    """

    layout: Tensor  # [features * max_cardinality] int64: the logit at each place, the last: -inf

    def __init__(self, n_in: int, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.cardinalities = tuple(cardinalities)
        self.linear = nn.Linear(n_in, sum(cardinalities))
        counts = torch.tensor(cardinalities).unsqueeze(1)
        offsets = torch.tensor([0, *accumulate(cardinalities)][:-1]).unsqueeze(1)
        codes = torch.arange(max(cardinalities)).unsqueeze(0)
        layout = (offsets + codes).masked_fill(codes >= counts, sum(cardinalities)).flatten()
        self.register_buffer("layout", layout, persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """The logits for `hidden`, `[batch, n_in]`."""
        flat = functional.pad(self.linear(hidden), (0, 1), value=float("-inf"))
        rectangle = flat.index_select(1, self.layout)
        return rectangle.view(-1, len(self.cardinalities), max(self.cardinalities))

    def by_feature(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """The same logits, `[batch, codes]` of each feature, and none for codes that it lacks.

        Views of one tensor, as large as all features together: the rectangle is as large as if
        every feature had the codes of the largest.
        """
        flat: Tensor = self.linear(hidden)
        return flat.split_with_sizes(self.cardinalities, dim=1)
