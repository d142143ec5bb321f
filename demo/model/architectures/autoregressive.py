"""The network: each feature's codes from those of the features before it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from demo.libs.dropout import dropped
from demo.libs.losses.beta_loss import cross_entropy
from demo.libs.sampling import sample_codes
from demo.model.architectures.copula import Copula, frequencies, normal_scores

_N_BUMPS, _WIDTH = 8, 0.35  # of the curves, over [-1, 1], that what is smooth is made of
_ROUGHNESS = 0.5  # of a head: how fast it learns of one bin what it does not of the next


@final
class Autoregressive(nn.Module):
    """A distribution over rows of integer codes, as a product of one per feature given those before.

    Each code has a vector; a feature sees the sum of those before it (as in NADE, Larochelle and
    Murray 2011), and has a small residual network of its own and a head as large as it has codes.
    A row's log-likelihood is one pass for all features, and a draw one for each, of which none
    repeats the work of another.

    The untrained network is a Gaussian copula of rows, `[rows, features]`: each feature has its
    right shares, and follows those before it along their normal scores, if both are in order
    (`n_ordered` of a feature's codes, from code 0 on, are; two codes always are). What is not of that
    kind is learned; of neighbouring codes in order the same, more or less. `counts` are how many codes
    each feature has.

    There are two: the likelihood has the shares and regressions of `codes`, the rows to learn from,
    so that it says of the rows `held_out` how others would fare; draws have those of both together.
    """

    offsets: Tensor  # [features] int64: the row of each feature's code 0 in the table of vectors
    scores: Tensor  # [all codes]: the normal score of each code
    begun: Tensor  # [2, all codes]: logits, in the likelihood and in draws
    pulls: Tensor  # [2, features, features], as `begun`: of each column, by the score of each row

    def __init__(
        self,
        counts: Sequence[int],
        *,
        codes: Tensor,
        held_out: Tensor | None,
        n_ordered: Sequence[int],
        n_context: int,
        n_hidden: int,
        dropout: float,
        forgetting: float,
    ) -> None:
        super().__init__()
        n_features = len(counts)
        self.n_context = n_context
        self.counts = tuple(counts)
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
        whole = codes if held_out is None else torch.cat([codes, held_out])
        n_placed = [2 if n == 2 else of for n, of in zip(counts, n_ordered, strict=True)]
        scores = [
            normal_scores(each, of)
            for each, of in zip(frequencies(whole, counts), n_placed, strict=True)
        ]
        copulas = [Copula.fit(rows, scores, n_placed) for rows in (codes, whole)]
        self.register_buffer("scores", torch.cat(scores))
        self.register_buffer("begun", torch.stack([each.logits for each in copulas]))
        self.register_buffer("pulls", torch.stack([each.pulls for each in copulas]))
        self.heads = nn.ModuleList(
            _Head(n_hidden, *given) for given in zip(scores, n_ordered, strict=True)
        )
        self._dropout = dropout
        self._forgetting = forgetting

    def nll(self, codes: Tensor) -> Tensor:
        """The negative log-likelihood of the rows `codes`, `[batch, features]`: `[]`, nats a row."""
        hidden = self._hidden(self._contexts(codes))
        pulls = self.scores[codes + self.offsets] @ self.pulls[0]
        given = zip(
            hidden, pulls.unbind(dim=1), self.begun[0].split_with_sizes(self.counts), strict=True
        )
        logits = [head(*each) for head, each in zip(self.heads, given, strict=True)]
        return cross_entropy(logits, codes)

    def draw(self, n_rows: int, *, temperature: float, sample: bool) -> Tensor:
        """`n_rows` new rows of codes, feature after feature, `[rows, features]` int64."""
        codes: list[Tensor] = []
        before = self.start.new_zeros(n_rows, self.n_context)
        pulls = self.start.new_zeros(n_rows, len(self.offsets))
        begun = self.begun[1].split_with_sizes(self.counts)
        for place, (head, offset) in enumerate(zip(self.heads, self.offsets, strict=True)):
            hidden = self._hidden(before + self.start[place], place)
            logits = head(hidden, pulls[:, place], begun[place])
            codes.append(sample_codes(logits, temperature=temperature, sample=sample))
            drawn = codes[-1] + offset
            before = before + self.vectors(drawn)
            pulls = pulls + self.scores[drawn].unsqueeze(1) * self.pulls[1, place]
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
        return dropped(hidden, self._dropout) if self.training else hidden


@final
class _Head(nn.Module):
    """The logits of a feature's codes, `[batch, codes]`: those of the copula, and what is learned.

    A `pull` is along the scores, `[batch]`. What the hidden layer adds is a line, a parabola and some
    curves along the codes in order, and little of each code by itself: the fewer rows there are, the
    sooner the training ends, and the smoother it stays.
    """

    scores: Tensor  # [codes]
    basis: Tensor | None  # [curves, codes]

    def __init__(self, n_hidden: int, scores: Tensor, n_ordered: int) -> None:
        super().__init__()
        self._n_ordered = n_ordered
        self.bias = nn.Parameter(torch.zeros(len(scores)))
        basis = _basis(scores, n_ordered) if n_ordered > 2 else None
        self.weight = nn.Parameter(torch.zeros(n_hidden, len(scores if basis is None else basis)))
        self.register_buffer("scores", scores, persistent=False)
        self.register_buffer("basis", basis, persistent=False)

    def forward(self, hidden: Tensor, pull: Tensor, begun: Tensor) -> Tensor:
        weight = self.weight if self.basis is None else self.weight @ self.basis
        if 1 < self._n_ordered < len(begun):
            learned = torch.addmm(self.bias, hidden, weight)
            return learned + _apart(begun, pull.unsqueeze(1) * self.scores, self._n_ordered)
        return torch.addmm(self.bias + begun, hidden, weight) + pull.unsqueeze(1) * self.scores


def _apart(begun: Tensor, pulled: Tensor, n_ordered: int) -> Tensor:
    """Log-probabilities `[batch, codes]`: `begun`, `[codes]`, with the codes in order `pulled`, and the
    others, the missing value, as likely as without: where a value lies does not say that it is there.
    """
    others = begun[n_ordered:]
    ordered = (begun[:n_ordered] + pulled[:, :n_ordered]).log_softmax(dim=1)
    kept = torch.log1p(-others.exp().sum())
    return torch.cat([ordered + kept, others.expand(len(pulled), -1)], dim=1)


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
