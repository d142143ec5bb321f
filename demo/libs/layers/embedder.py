"""Integer codes to one concatenated embedding vector a row."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn


@final
class Embedder(nn.Module):
    """A learned vector for each code of each feature, concatenated over the features.

    `[batch, features]` int64 to `[batch, features * n_embd]`. All features share one embedding
    table, in which every feature has rows of its own, so that a batch costs one lookup.
    """

    offsets: Tensor  # [features] int64: the row of each feature's code 0 in the shared table

    def __init__(self, cardinalities: Sequence[int], n_embd: int) -> None:
        super().__init__()
        self.n_out = len(cardinalities) * n_embd
        self.table = nn.Embedding(sum(cardinalities), n_embd)
        offsets = [0, *accumulate(cardinalities)][:-1]
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)

    def forward(self, codes: Tensor) -> Tensor:
        """The concatenated embeddings, `[batch, features * n_embd]`."""
        embeddings: Tensor = self.table(codes + self.offsets)
        return embeddings.flatten(start_dim=1)
