"""A model of tables that learns from a critic."""

from typing import Self, final

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional

from artifact_torch.contracts import Turn
from artifact_torch.tables import TableCodec
from demo.config.config import ArchitectureConfig
from demo.libs.losses.energy_distance import energy_distance
from demo.libs.sampling import sample_codes
from demo.model.architectures.gan import Critic, Generator
from demo.model.drawing import drawn_table
from demo.model.io import GanOutput, TabularGenerationParams, TabularInput

_WEIGHT = 20.0  # of the energy distance beside the critic


@final
class TabularGAN(nn.Module):
    """A generator of relaxed codes, and a critic that tells them from those of real rows by a hinge
    loss (Lim and Ye 2017, arXiv:1705.02894).

    The generator is led by the energy distance from the real rows too, without which it goes round
    the critic in circles (as by the moments of Park et al. 2018, arXiv:1806.03384).
    """

    def __init__(
        self, codec: TableCodec, *, n_noise: int, layer_sizes: tuple[int, ...], dropout: float
    ) -> None:
        super().__init__()
        counts = codec.cardinalities
        self.generator = Generator(n_noise, layer_sizes[::-1], counts)
        self.critic = Critic(sum(counts), layer_sizes, dropout=dropout)
        self._codec, self._counts = codec, counts

    @classmethod
    def build(cls, codec: TableCodec, config: ArchitectureConfig) -> Self:
        """An untrained model of the tables of `codec`; its weights come from torch's generator."""
        sizes = config.encoder_layer_sizes
        return cls(codec, n_noise=config.latent_dim, layer_sizes=sizes, dropout=config.dropout)

    def forward(self, model_input: TabularInput) -> GanOutput:
        """The losses of a batch."""
        return self.play(model_input, lambda _part, loss: loss())

    def play(self, batch: TabularInput, turn: Turn) -> GanOutput:
        """The critic, then the generator."""
        real = self._as_critic_sees(batch["codes"])
        critic = turn("critic", lambda: self._critic_loss(real))
        generator = turn("generator", lambda: self._generator_loss(real))
        with torch.no_grad():
            distance = energy_distance(real, self._drawn(len(real)))
        return GanOutput(loss=distance, generator_loss=generator, critic_loss=critic)

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        """A table of `params.n_records` new rows, with the training table's columns and dtypes.

        `use_mean` has no meaning here. The draws use torch's global generators.
        """
        return drawn_table(
            self, self._codec, lambda n: self._draw_codes(n, params), n_records=params.n_records
        )

    def _draw_codes(self, n_rows: int, params: TabularGenerationParams) -> Tensor:
        codes = [
            sample_codes(each, temperature=params.temperature, sample=params.sample)
            for each in self.generator.logits(n_rows)
        ]
        return torch.stack(codes, dim=1)

    def _critic_loss(self, real: Tensor) -> Tensor:
        fake = self._drawn(len(real)).detach()
        return torch.relu(1 - self._judged(real)).mean() + torch.relu(1 + self._judged(fake)).mean()

    def _generator_loss(self, real: Tensor) -> Tensor:
        fake = self._drawn(len(real))
        return _WEIGHT * energy_distance(real, fake) - self._judged(fake).mean()

    def _drawn(self, n_rows: int) -> Tensor:
        """`[rows, codes of all features]`, 1 at the code of each feature."""
        drawn: Tensor = self.generator(n_rows)
        return drawn

    def _as_critic_sees(self, codes: Tensor) -> Tensor:
        """The same of real rows, `[rows, features]`."""
        columns = zip(codes.unbind(1), self._counts, strict=True)
        return torch.cat([functional.one_hot(column, n) for column, n in columns], dim=1).float()

    def _judged(self, rows: Tensor) -> Tensor:
        judged: Tensor = self.critic(rows)
        return judged
