"""The specification's name for the demo with its variational autoencoder."""

from typing import final

from artifact_torch.table_comparison import TableSpec
from demo.config.config import DemoConfig
from demo.tabular_model import TabularModel


@final
class TabularVAE:
    """What the specification's quick start names: a `TabularModel` whose model is the VAE."""

    @staticmethod
    def build(data_spec: TableSpec, config: DemoConfig | None = None) -> TabularModel:
        """For the columns of `data_spec`; `config` is `demo/config/config.json` by default."""
        return TabularModel.build(data_spec, config, model="vae")
