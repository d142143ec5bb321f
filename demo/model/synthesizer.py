"""The model the demo trains: a VAE that learns tables and makes new ones."""

from typing import Self, final

import pandas as pd
import torch
from torch import Tensor, nn

from artifact_torch.tables import TableCodec
from demo.config.config import ArchitectureConfig
from demo.libs.losses.beta_loss import beta_loss
from demo.libs.sampling import sample_codes
from demo.model.architectures.vae import VAE
from demo.model.drawing import drawn_table
from demo.model.io import TabularGenerationParams, TabularInput, TabularVAEOutput


@final
class TabularVAESynthesizer(nn.Module):
    """A beta-VAE over a table's codes, with the codec that makes tables of them."""

    def __init__(self, vae: VAE, codec: TableCodec, *, loss_beta: float) -> None:
        super().__init__()
        self.vae = vae
        self._codec = codec
        self._loss_beta = loss_beta

    @classmethod
    def build(cls, codec: TableCodec, config: ArchitectureConfig) -> Self:
        """An untrained model of the tables of `codec`; its weights come from torch's generator."""
        vae = VAE(
            codec.cardinalities,
            n_embd=config.n_embd,
            encoder_layer_sizes=config.encoder_layer_sizes,
            latent_dim=config.latent_dim,
            dropout=config.dropout,
        )
        return cls(vae, codec, loss_beta=config.loss_beta)

    def forward(self, model_input: TabularInput) -> TabularVAEOutput:
        """The beta-VAE loss of a batch, and the posterior behind it."""
        codes = model_input["codes"]
        latent = self.vae.encode(codes)
        logits = self.vae.decode(latent.z)
        losses = beta_loss(
            logits=logits, codes=codes, mu=latent.mu, logvar=latent.logvar, beta=self._loss_beta
        )
        return TabularVAEOutput(
            loss=losses.loss,
            reconstruction=losses.reconstruction,
            kl=losses.kl,
            mu=latent.mu,
            logvar=latent.logvar,
        )

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        """A table of `params.n_records` new rows, with the training table's columns and dtypes.

        Decodes draws from the prior N(0, I) in evaluation mode, without gradients, on the
        parameters' device; leaves every module in the mode it was in. The draws use torch's
        global generators (CPU, and the parameters' device).
        """
        return drawn_table(
            self, self._codec, lambda n: self._draw_codes(n, params), n_records=params.n_records
        )

    def _draw_codes(self, n_rows: int, params: TabularGenerationParams) -> Tensor:
        like = next(self.parameters())
        draw = torch.zeros if params.use_mean else torch.randn
        z = draw(n_rows, self.vae.latent_dim, dtype=like.dtype, device=like.device)
        codes = [
            sample_codes(logits, temperature=params.temperature, sample=params.sample)
            for logits in self.vae.decode(z)
        ]
        return torch.stack(codes, dim=1)
