"""A model of tables that draws each column from those before it."""

from collections.abc import Sequence
from typing import Self, final

import pandas as pd
from torch import Tensor, nn

from artifact_torch.tables import TableCodec
from demo.config.config import ArchitectureConfig
from demo.model.architectures.autoregressive import Autoregressive
from demo.model.drawing import drawn_table
from demo.model.io import LossOutput, TabularGenerationParams, TabularInput


@final
class TabularAutoregressive(nn.Module):
    """An autoregressive network over a table's codes, with the codec that makes tables of them."""

    def __init__(self, network: Autoregressive, codec: TableCodec) -> None:
        super().__init__()
        self.network = network
        self._codec = codec

    @classmethod
    def build(
        cls,
        codec: TableCodec,
        config: ArchitectureConfig,
        *,
        codes: Tensor,
        held_out: Tensor | None,
        n_ordered: Sequence[int],
    ) -> Self:
        """An untrained model of the tables of `codec`, `codes` being those of the rows to learn from,
        `[rows, features]`, and `held_out` of the others. `n_ordered` codes of each feature, from code 0
        on, are bins along a line. Its weights come from torch's generator.
        """
        network = Autoregressive(
            codec.cardinalities,
            codes=codes,
            held_out=held_out,
            n_ordered=n_ordered,
            n_context=config.n_context,
            n_hidden=config.n_hidden,
            dropout=config.autoregressive_dropout,
            forgetting=config.forgetting,
        )
        return cls(network, codec)

    def forward(self, model_input: TabularInput) -> LossOutput:
        """The negative log-likelihood of a batch, in nats a row."""
        return LossOutput(loss=self.network.nll(model_input["codes"]))

    def generate(self, params: TabularGenerationParams) -> pd.DataFrame:
        """A table of `params.n_records` new rows, with the training table's columns and dtypes.

        `use_mean` has no meaning here, and changes nothing. The draws use torch's global generators.
        """
        return drawn_table(
            self,
            self._codec,
            lambda n_rows: self.network.draw(
                n_rows, temperature=params.temperature, sample=params.sample
            ),
            n_records=params.n_records,
        )
