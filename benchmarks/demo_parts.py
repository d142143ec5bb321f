"""The demo's model, table and comparison, as the sections use them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import pandas as pd
import torch
from artifact_core.table_comparison import TabularDataSpec
from torch import Tensor

from artifact_torch.tables import TableCodec
from demo.config.config import load_config
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.model.io import TabularInput
from demo.model.synthesizer import TabularVAESynthesizer

CONFIG = load_config()


@final
@dataclass(frozen=True, kw_only=True)
class Parts:
    """Made of one simulated table."""

    table: pd.DataFrame
    spec: TabularDataSpec
    codec: TableCodec
    model: TabularVAESynthesizer

    @property
    def columns(self) -> TabularInput:
        return TabularInput(codes=self.codec.encode(self.table))

    @property
    def weights(self) -> Mapping[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.model.named_parameters()}


def parts(n_rows: int) -> Parts:
    """The same at each call."""
    torch.default_generator.manual_seed(0)
    table = simulated_heart_disease(n_rows)
    codec = TableCodec.fit(table, n_bins=CONFIG.architecture.n_bins_cts)
    return Parts(
        table=table,
        spec=TabularDataSpec.from_df(
            table, cts_features=list(CTS_FEATURES), cat_features=list(CAT_FEATURES)
        ),
        codec=codec,
        model=TabularVAESynthesizer.build(codec, CONFIG.architecture),
    )
