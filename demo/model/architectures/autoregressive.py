"""The network: each feature's codes from those of the features before it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from demo.libs.losses.beta_loss import cross_entropy
from demo.libs.sampling import sample_codes
from demo.model.architectures.copula import normal_scores, regressions

_N_BUMPS, _WIDTH = 8, 0.35  # of the curves, over [-1, 1], that what is smooth is made of
_ROUGHNESS = 0.5  # of a head: how fast it learns of one bin what it does not of the next


@final
class Autoregressive(nn.Module):
    """A distribution over rows of integer codes, as a product of one per feature given those before.

    Each code has a vector; a feature sees the sum of those before it (as in NADE, Larochelle and
    Murray 2011), and has a small residual network of its own and a head as large as it has codes.
    A row's log-likelihood is one pass for all features, and a draw one for each, of which none
    repeats the work of another.

    The untrained network is a Gaussian copula of `codes`, the rows, `[rows, features]`: each feature
    has its right shares, and follows those before it along their normal scores, if both are in order
    (`n_ordered` of a feature's codes, from code 0 on, are; two codes always are). What is not of that
    kind is learned; of neighbouring codes in order the same, more or less. `counts` are how many codes
    each feature has.
    """

    offsets: Tensor  # [features] int64: the row of each feature's code 0 in the table of vectors
    scores: Tensor  # [all codes]: the normal score of each code
    pulls: Tensor  # [features, features]: along its line, of each column by the score of each row

    def __init__(
        self,
        counts: Sequence[int],
        *,
        codes: Tensor,
        n_ordered: Sequence[int],
        n_context: int,
        n_hidden: int,
        dropout: float,
        forgetting: float,
    ) -> None:
        super().__init__()
        n_features = len(counts)
        self.n_context = n_context
        offsets = [0, *accumulate(counts)][:-1]
        self.register_buffer("offsets", torch.tensor(offsets), persistent=False)
        self.vectors = nn.Embedding(sum(counts), n_context)
        with torch.no_grad():
            begun = [_vectors(n, n_context, of) for n, of in zip(counts, n_ordered, strict=True)]
            self.vectors.weight.copy_(torch.cat(begun) * n_features**-0.5)
        self.start = nn.Parameter(torch.zeros(n_features, n_context))
        self.inner = _per_feature(n_features, n_context, n_hidden)
        self.inner_bias = nn.Parameter(torch.zeros(n_features, n_hidden))
        self.block = _per_feature(n_features, n_hidden, n_hidden)
        self.block_bias = nn.Parameter(torch.zeros(n_features, n_hidden))
        frequencies = [
            torch.bincount(column, minlength=n).float()
            for column, n in zip(codes.T, counts, strict=True)
        ]
        scores = [
            normal_scores(each, 2 if len(each) == 2 else of)
            for each, of in zip(frequencies, n_ordered, strict=True)
        ]
        coefficients, variances = regressions(codes, scores)
        self.register_buffer("scores", torch.cat(scores))
        self.register_buffer("pulls", coefficients / variances)
        self.heads = nn.ModuleList(
            _Head(n_hidden, *given)
            for given in zip(frequencies, scores, variances, n_ordered, strict=True)
        )
        self._dropout = dropout
        self._forgetting = forgetting

    def nll(self, codes: Tensor) -> Tensor:
        """The negative log-likelihood of the rows `codes`, `[batch, features]`: `[]`, nats a row."""
        hidden = self._hidden(self._contexts(codes))
        pulls = self.scores[codes + self.offsets] @ self.pulls
        logits = [
            head(each, pull)
            for head, each, pull in zip(self.heads, hidden, pulls.unbind(dim=1), strict=True)
        ]
        return cross_entropy(logits, codes)

    def draw(self, n_rows: int, *, temperature: float, sample: bool) -> Tensor:
        """`n_rows` new rows of codes, feature after feature, `[rows, features]` int64."""
        codes: list[Tensor] = []
        before = self.start.new_zeros(n_rows, self.n_context)
        pulls = self.start.new_zeros(n_rows, len(self.offsets))
        for place, (head, offset) in enumerate(zip(self.heads, self.offsets, strict=True)):
            hidden = self._hidden(before + self.start[place], place)
            logits = head(hidden, pulls[:, place])
            codes.append(sample_codes(logits, temperature=temperature, sample=sample))
            drawn = codes[-1] + offset
            before = before + self.vectors(drawn)
            pulls = pulls + self.scores[drawn].unsqueeze(1) * self.pulls[place]
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


@final
class _Head(nn.Module):
    """The logits of a feature's codes, `[batch, codes]`.

    It begins with the log of the frequencies, and with what a normal column of mean m and variance
    v adds to them at the score z, where the marginal's is N(0, 1): z m / v - (1 / v - 1) z² / 2.
    A `pull` is m / v, `[batch]`. What the hidden layer adds is a line, a parabola and some curves
    along the codes in order, and little of each code by itself: the fewer rows there are, the
    sooner the training ends, and the smoother it stays.
    """

    scores: Tensor  # [codes]
    basis: Tensor | None  # [curves, codes]

    def __init__(
        self,
        n_hidden: int,
        frequencies: Tensor,
        scores: Tensor,
        variance: Tensor,
        n_ordered: int,
    ) -> None:
        super().__init__()
        shares = (frequencies + 0.5) / (frequencies + 0.5).sum()
        self.bias = nn.Parameter(shares.log() - 0.5 * (1.0 / variance - 1.0) * scores.square())
        basis = _basis(scores, n_ordered) if n_ordered > 2 else None
        self.weight = nn.Parameter(torch.zeros(n_hidden, len(scores if basis is None else basis)))
        self.register_buffer("scores", scores, persistent=False)
        self.register_buffer("basis", basis, persistent=False)

    def forward(self, hidden: Tensor, pull: Tensor) -> Tensor:
        weight = self.weight if self.basis is None else self.weight @ self.basis
        return torch.addmm(self.bias, hidden, weight) + pull.unsqueeze(1) * self.scores


def _basis(scores: Tensor, n_ordered: int) -> Tensor:
    """A line, a parabola and bumps along the codes in order, and each code by itself; `[curves, codes]`."""
    line = scores[:n_ordered].unsqueeze(1)
    smooth = torch.cat([line, (line.square() - 1.0) / 2.0, _bumps(n_ordered)], dim=1)
    single = torch.ones(len(scores))
    single[:n_ordered] = _ROUGHNESS
    rest = len(scores) - n_ordered
    return torch.cat([functional.pad(smooth, (0, 0, 0, rest)), single.diag()], dim=1).T.contiguous()


def _bumps(n_codes: int) -> Tensor:
    """`[codes, bumps]`."""
    places = torch.linspace(-1.0, 1.0, n_codes).unsqueeze(1)
    return torch.exp(-((places - torch.linspace(-1.0, 1.0, _N_BUMPS)) / _WIDTH).square())


def _vectors(n_codes: int, n_context: int, n_ordered: int) -> Tensor:
    """`[codes, context]`, of variance 1; smooth along the codes in order."""
    rough = torch.randn(n_codes, n_context)
    if n_ordered < 2:
        return rough
    places = torch.linspace(-1.0, 1.0, n_ordered).unsqueeze(1)
    curves = torch.cat([_bumps(n_ordered), places], dim=1)
    smooth = curves @ torch.randn(_N_BUMPS + 1, n_context)
    mixed = 0.9 * smooth / smooth.std() + 0.1 * rough[:n_ordered]
    return torch.cat([mixed, rough[n_ordered:]])


def _per_feature(n_features: int, n_in: int, n_out: int) -> nn.Parameter:
    """A matrix for each feature."""
    return nn.Parameter(torch.randn(n_features, n_in, n_out) * n_in**-0.5)
