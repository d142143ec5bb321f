"""The two networks of a generative adversarial network of codes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from demo.libs.layers.mlp import MLP
from demo.libs.layers.multi_feature_predictor import MultiFeaturePredictor

_TEMPERATURE = 0.7  # of the relaxed draw


@final
class Generator(nn.Module):
    """Noise to a code for each feature, drawn, as `[batch, codes of all features]` with 1 at each.

    The gradient is that of the relaxed draw (Jang et al. 2017, arXiv:1611.01144).
    """

    def __init__(self, n_noise: int, sizes: Sequence[int], cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.n_noise = n_noise
        self.trunk = MLP(n_noise, sizes, dropout=0.0)
        self.predictor = MultiFeaturePredictor(self.trunk.n_out, cardinalities)

    def logits(self, n_rows: int) -> tuple[Tensor, ...]:
        """Of each feature's codes, `[rows, codes]`, for new noise."""
        like = self.predictor.linear.weight
        noise = torch.randn(n_rows, self.n_noise, dtype=like.dtype, device=like.device)
        logits: tuple[Tensor, ...] = self.predictor(self.trunk(noise))
        return logits

    def forward(self, n_rows: int) -> Tensor:
        """The draws of `n_rows` rows."""
        logits = self.logits(n_rows)
        drawn = [functional.gumbel_softmax(each, tau=_TEMPERATURE, hard=True) for each in logits]
        return torch.cat(drawn, dim=1)


@final
class Critic(nn.Module):
    """How real each row looks, `[batch, n_in]` to `[batch, 1]`."""

    def __init__(self, n_in: int, sizes: Sequence[int], *, dropout: float) -> None:
        super().__init__()
        layers = [
            nn.Sequential(nn.Linear(a, b), nn.LeakyReLU(0.2), nn.Dropout(dropout))
            for a, b in pairwise((n_in, *sizes))
        ]
        self.layers = nn.Sequential(*layers, nn.Linear((n_in, *sizes)[-1], 1))

    def forward(self, rows: Tensor) -> Tensor:
        """High for real rows, low for others."""
        judged: Tensor = self.layers(rows)
        return judged
