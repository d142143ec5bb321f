"""The network: each feature's codes from those of the features before it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from demo.libs.losses.beta_loss import cross_entropy
from demo.libs.sampling import sample_codes

_N_BUMPS, _WIDTH = 8, 0.35  # of the curves, over [-1, 1], that smooth vectors are made of


@final
class Autoregressive(nn.Module):
    """A distribution over rows of integer codes, as a product of one per feature given those before.

    Each code has a vector; a feature sees the sum of those before it (as in NADE, Larochelle and
    Murray 2011), and has a small residual network of its own and a head as large as it has codes.
    A row's log-likelihood is one pass for all features, and a draw one for each, of which none
    repeats the work of another. `frequencies` are each feature's codes among the training rows,
    `[codes]`: the untrained network draws the columns independently, with their right shares. The
    vectors of neighbouring codes of an `ordered` feature begin alike.
    """

    offsets: Tensor  # [features] int64: the row of each feature's code 0 in the table of vectors

    def __init__(
        self,
        frequencies: Sequence[Tensor],
        *,
        ordered: Sequence[bool],
        n_context: int,
        n_hidden: int,
        dropout: float,
        forgetting: float,
    ) -> None:
        super().__init__()
        counts = [len(each) for each in frequencies]
        n_features = len(counts)
        self.n_context = n_context
        offsets = [0, *accumulate(counts)][:-1]
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)
        self.vectors = nn.Embedding(sum(counts), n_context)
        with torch.no_grad():
            begun = [
                _vectors(n, n_context, ordered=o) for n, o in zip(counts, ordered, strict=True)
            ]
            self.vectors.weight.copy_(torch.cat(begun) * n_features**-0.5)
        self.start = nn.Parameter(torch.zeros(n_features, n_context))
        self.inner = _per_feature(n_features, n_context, n_hidden)
        self.inner_bias = nn.Parameter(torch.zeros(n_features, n_hidden))
        self.block = _per_feature(n_features, n_hidden, n_hidden)
        self.block_bias = nn.Parameter(torch.zeros(n_features, n_hidden))
        self.heads = nn.ModuleList(_head(n_hidden, each) for each in frequencies)
        self._dropout = dropout
        self._forgetting = forgetting

    def nll(self, codes: Tensor) -> Tensor:
        """The negative log-likelihood of the rows `codes`, `[batch, features]`: `[]`, nats a row."""
        hidden = self._hidden(self._contexts(codes))
        logits = [head(each) for head, each in zip(self.heads, hidden, strict=True)]
        return cross_entropy(logits, codes)

    def draw(self, n_rows: int, *, temperature: float, sample: bool) -> Tensor:
        """`n_rows` new rows of codes, feature after feature, `[rows, features]` int64."""
        codes: list[Tensor] = []
        before = self.start.new_zeros(n_rows, self.n_context)
        for place, (head, offset) in enumerate(zip(self.heads, self.offsets, strict=True)):
            hidden = self._hidden(before + self.start[place], place)
            codes.append(sample_codes(head(hidden), temperature=temperature, sample=sample))
            before = before + self.vectors(codes[-1] + offset)
        return torch.stack(codes, dim=1)

    def _contexts(self, codes: Tensor) -> Tensor:
        """What each feature sees, `[features, batch, context]`."""
        vectors: Tensor = self.vectors(codes + self.offsets)
        if self.training and self._forgetting:
            kept = torch.rand(codes.shape, device=codes.device) >= self._forgetting
            vectors = vectors * kept.unsqueeze(-1)
        before = vectors.cumsum(dim=1)[:, :-1]
        return functional.pad(before, (0, 0, 1, 0)).transpose(0, 1) + self.start.unsqueeze(1)

    def _hidden(self, contexts: Tensor, place: int | None = None) -> Tensor:
        """Of all features, `[features, batch, hidden]`, or of one, `[batch, hidden]`."""
        if place is None:
            inner = torch.baddbmm(self.inner_bias.unsqueeze(1), contexts, self.inner)
            return self._block(inner, self.block, self.block_bias.unsqueeze(1))
        inner = torch.addmm(self.inner_bias[place], contexts, self.inner[place])
        return self._block(inner, self.block[place], self.block_bias[place])

    def _block(self, inner: Tensor, matrix: Tensor, bias: Tensor) -> Tensor:
        first = functional.silu(inner)
        second = functional.silu(self._dropped(first) @ matrix + bias)
        return self._dropped(first + self._dropped(second))

    def _dropped(self, hidden: Tensor) -> Tensor:
        return functional.dropout(hidden, self._dropout, training=self.training)


def _vectors(n_codes: int, n_context: int, *, ordered: bool) -> Tensor:
    """`[codes, context]`, of variance 1; smooth along the codes if they are `ordered`."""
    rough = torch.randn(n_codes, n_context)
    if not ordered or n_codes < 2:
        return rough
    places = torch.linspace(-1.0, 1.0, n_codes).unsqueeze(1)
    bumps = torch.exp(-((places - torch.linspace(-1.0, 1.0, _N_BUMPS)) / _WIDTH).square())
    smooth = torch.cat([bumps, places], dim=1) @ torch.randn(_N_BUMPS + 1, n_context)
    return 0.9 * smooth / smooth.std() + 0.1 * rough


def _per_feature(n_features: int, n_in: int, n_out: int) -> nn.Parameter:
    """A matrix for each feature."""
    return nn.Parameter(torch.randn(n_features, n_in, n_out) * n_in**-0.5)


def _head(n_hidden: int, frequencies: Tensor) -> nn.Linear:
    """It begins with the log of the frequencies, whatever the hidden layer says."""
    head = nn.Linear(n_hidden, len(frequencies))
    nn.init.zeros_(head.weight)
    with torch.no_grad():
        head.bias.copy_(torch.log((frequencies + 0.5) / (frequencies + 0.5).sum()))
    return head
