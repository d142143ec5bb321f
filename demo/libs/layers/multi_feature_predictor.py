"""One vector a row to the logits of every feature's codes."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn


@final
class MultiFeaturePredictor(nn.Module):
    """The logits of every code of every feature, `[batch, features, max(cardinalities)]`.

    One linear layer computes the logits of all features; they are then laid out as a rectangle,
    with -inf where a feature has fewer codes than the largest one. A softmax over the last
    dimension is thus each feature's distribution, and one call serves all features.
    """

    layout: Tensor  # [features * max_cardinality] int64: the logit that stands at each place
    absent: Tensor  # [features, max_cardinality] bool: where no such code exists

    def __init__(self, n_in: int, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, sum(cardinalities))
        counts = torch.tensor(cardinalities).unsqueeze(1)
        offsets = torch.tensor([0, *accumulate(cardinalities)][:-1]).unsqueeze(1)
        codes = torch.arange(max(cardinalities)).unsqueeze(0)
        absent = codes >= counts
        layout = (offsets + codes).masked_fill(absent, 0).flatten()
        self.register_buffer("layout", layout, persistent=False)
        self.register_buffer("absent", absent, persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """The logits for `hidden`, `[batch, n_in]`."""
        flat: Tensor = self.linear(hidden)
        rectangle = flat.index_select(1, self.layout).view(-1, *self.absent.shape)
        return rectangle.masked_fill(self.absent, float("-inf"))
