"""A tabular VAE: a plain `nn.Module`, which imports nothing of artifact_torch."""

from dataclasses import dataclass
from typing import TypedDict

import pandas as pd
import torch
from torch import Tensor, nn


class VAEInput(TypedDict):
    values: Tensor  # [batch, columns], standardized


class VAEOutput(TypedDict):
    loss: Tensor  # []
    mu: Tensor  # [batch, latent]


@dataclass(frozen=True, kw_only=True)
class GenerationParams:
    n_records: int
    seed: int = 0


class TabularVAE(nn.Module):
    def __init__(self, columns: tuple[str, ...], *, n_latent: int = 2) -> None:
        super().__init__()
        self.columns = columns
        self.n_latent = n_latent
        self.encoder = nn.Linear(len(columns), 2 * n_latent)
        self.decoder = nn.Linear(n_latent, len(columns))

    def forward(self, batch: VAEInput) -> VAEOutput:
        values = batch["values"]
        encoded: Tensor = self.encoder(values)
        mu, log_variance = encoded.chunk(2, dim=1)
        codes = mu + torch.randn_like(mu) * (log_variance / 2).exp()
        decoded: Tensor = self.decoder(codes)
        error = (decoded - values).square().sum(dim=1)
        divergence = (mu.square() + log_variance.exp() - 1 - log_variance).sum(dim=1) / 2
        return VAEOutput(loss=(error + divergence).mean(), mu=mu)

    @torch.no_grad()
    def generate(self, params: GenerationParams) -> pd.DataFrame:
        generator = torch.Generator().manual_seed(params.seed)
        codes = torch.randn(params.n_records, self.n_latent, generator=generator)
        decoded: Tensor = self.decoder.cpu()(codes)
        return pd.DataFrame(decoded.numpy(), columns=list(self.columns))
