"""The network: codes to a latent and back to logits."""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from demo.libs.layers.diagonal_gaussian_latent import DiagonalGaussianLatent, LatentSample
from demo.libs.layers.embedder import Embedder
from demo.libs.layers.mlp import MLP
from demo.libs.layers.multi_feature_predictor import MultiFeaturePredictor


@final
class VAE(nn.Module):
    """A variational autoencoder over rows of integer codes.

    `cardinalities` holds the number of codes of each feature; the decoder mirrors
    `encoder_layer_sizes`.
    """

    def __init__(
        self,
        cardinalities: Sequence[int],
        *,
        n_embd: int,
        encoder_layer_sizes: Sequence[int],
        latent_dim: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.embedder = Embedder(cardinalities, n_embd)
        self.encoder = MLP(self.embedder.n_out, encoder_layer_sizes, dropout=dropout)
        self.latent = DiagonalGaussianLatent(self.encoder.n_out, latent_dim)
        self.decoder = MLP(latent_dim, encoder_layer_sizes[::-1], dropout=dropout)
        self.predictor = MultiFeaturePredictor(self.decoder.n_out, cardinalities)

    def encode(self, codes: Tensor) -> LatentSample:
        """The posterior of each row of `codes`, `[batch, features]` int64, and a draw from it."""
        latent: LatentSample = self.latent(self.encoder(self.embedder(codes)))
        return latent

    def decode(self, z: Tensor) -> tuple[Tensor, ...]:
        """The logits of each feature, `[batch, codes]`, of latent vectors `[batch, latent]`."""
        logits: tuple[Tensor, ...] = self.predictor(self.decoder(z))
        return logits
