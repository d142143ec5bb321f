"""The latent of a VAE: a Gaussian with a diagonal covariance for each row."""

from typing import NamedTuple, final

import torch
from torch import Tensor, nn


class LatentSample(NamedTuple):
    """A draw from each row's posterior, with the posterior's parameters; each `[batch, latent]`."""

    z: Tensor
    mu: Tensor
    logvar: Tensor


@final
class DiagonalGaussianLatent(nn.Module):
    """The approximate posterior N(mu, diag(exp(logvar))) of each row, and one draw from it.

    The draw is reparameterised, so that gradients reach mu and logvar (Kingma and Welling 2014,
    arXiv:1312.6114, section 2.4). It is random in evaluation mode too: the loss is the same
    quantity in both modes.
    """

    def __init__(self, n_in: int, latent_dim: int) -> None:
        super().__init__()
        self.mu = nn.Linear(n_in, latent_dim)
        self.logvar = nn.Linear(n_in, latent_dim)

    def forward(self, hidden: Tensor) -> LatentSample:
        """z, mu and logvar for `hidden`, `[batch, n_in]`."""
        mu: Tensor = self.mu(hidden)
        logvar: Tensor = self.logvar(hidden)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return LatentSample(z=z, mu=mu, logvar=logvar)
