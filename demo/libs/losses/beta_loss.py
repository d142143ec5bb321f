"""The loss of a beta-VAE over integer codes."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class BetaLoss(NamedTuple):
    """The loss and its two terms; each a `[]` scalar, in nats a row."""

    loss: Tensor
    reconstruction: Tensor
    kl: Tensor


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, diag(exp(logvar))) || N(0, I)) of each row, `[batch]`, in nats.

    The closed form of Kingma and Welling 2014 (arXiv:1312.6114), appendix B. `mu` and `logvar`
    are `[batch, latent]`.
    """
    return 0.5 * (mu.square() + logvar.exp() - 1.0 - logvar).sum(dim=1)


def cross_entropy(logits: Sequence[Tensor], codes: Tensor) -> Tensor:
    """Summed over the features, `[]`, in nats a row.

    `logits` are `[batch, codes]` of each feature, `codes` is `[batch, features]` int64.
    """
    losses = [
        functional.cross_entropy(each, column)
        for each, column in zip(logits, codes.unbind(dim=1), strict=True)
    ]
    return torch.stack(losses).sum()


def beta_loss(
    *, logits: Sequence[Tensor], codes: Tensor, mu: Tensor, logvar: Tensor, beta: float
) -> BetaLoss:
    """Cross-entropy summed over the features, plus `beta` times the KL divergence.

    Both terms are sums over a row and means over the batch: with `beta` 1 the loss is the
    negative evidence lower bound; other values are the beta-VAE of Higgins et al. 2017.
    `logits` are `[batch, codes]` of each feature, `codes` `[batch, features]` int64, `mu` and `logvar`
    `[batch, latent]`.
    """
    reconstruction = cross_entropy(logits, codes)
    kl = gaussian_kl(mu, logvar).mean()
    loss = torch.add(reconstruction, kl, alpha=beta)
    return BetaLoss(loss=loss, reconstruction=reconstruction, kl=kl)
