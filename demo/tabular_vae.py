"""The demo in three calls: build, fit, generate."""

from pathlib import Path
from typing import Self, final

import pandas as pd
import torch

from artifact_torch import BatchLossCallback, DataLoader, Trainer, TrainingResult, bind
from artifact_torch.contracts import TrackingClient
from artifact_torch.table_comparison import TableSpec
from demo.components.routines.artifact import generation_params, table_comparison_routine
from demo.config.config import DemoConfig, load_config
from demo.data.dataset import TabularVAEDataset
from demo.libs.transformers.table_codec import TableCodec
from demo.model.io import TabularVAEInput, TabularVAEOutput
from demo.model.synthesizer import TabularVAESynthesizer
from demo.trainer.trainer import TabularVAERecipe


@final
class TabularVAE:
    """Learns a table and makes new rows of it: a VAE over discretized and encoded columns."""

    def __init__(self, data_spec: TableSpec, config: DemoConfig) -> None:
        self._spec = data_spec
        self._config = config
        self._synthesizer: TabularVAESynthesizer | None = None
        self._result: TrainingResult | None = None
        self._batch_loss = BatchLossCallback(every_n_steps=config.training.batch_loss_period)

    @classmethod
    def build(cls, data_spec: TableSpec, config: DemoConfig | None = None) -> Self:
        """For the columns of `data_spec`; `config` is `demo/config/config.json` by default."""
        return cls(data_spec, load_config() if config is None else config)

    def fit(
        self,
        table: pd.DataFrame,
        tracking_client: TrackingClient | None = None,
        *,
        folder: Path,
        device: torch.device | str = "auto",
        progress: bool = True,
    ) -> pd.DataFrame:
        """Train on `table`; returns the scores, a row per epoch. Checkpoints go into `folder`.

        Seeds torch's global generators with the configuration's seed.
        """
        seed_torch(self._config.training.seed)
        codec = TableCodec.fit(
            table,
            cts_features=self._spec.cts_features,
            cat_features=self._spec.cat_features,
            n_bins=self._config.architecture.n_bins_cts,
        )
        model = TabularVAESynthesizer.build(codec, self._config.architecture)
        routine = table_comparison_routine(table, self._spec, self._config.validation)
        trainer = Trainer[TabularVAEInput, TabularVAEOutput].from_recipe(
            TabularVAERecipe(
                config=self._config.training,
                on_device=device,
                checkpoint_folder=folder / "checkpoints",
                batch_loss=self._batch_loss,
            ),
            model=model,
            train_loader=DataLoader(
                TabularVAEDataset.build(table, codec),
                batch_size=min(self._config.training.batch_size, len(table)),
                shuffle=True,
                drop_last=self._config.training.drop_last,
                seed=self._config.training.seed,
            ),
            artifact_routine=bind(routine, model),
            tracking_client=tracking_client,
            progress=progress,
        )
        self._result = trainer.train()
        self._synthesizer = model
        return self._result.epoch_scores

    @property
    def result(self) -> TrainingResult:
        """The outcome of `fit`. Raises RuntimeError before it."""
        if self._result is None:
            raise RuntimeError("TabularVAE: is not trained yet; call fit first")
        return self._result

    @property
    def batch_loss(self) -> BatchLossCallback:
        """The loss of every so many steps of `fit`."""
        return self._batch_loss

    def generate(self, n_records: int) -> pd.DataFrame:
        """A table of `n_records` new rows. Raises RuntimeError before `fit`."""
        if self._synthesizer is None:
            raise RuntimeError("TabularVAE: is not trained yet; call fit first")
        return self._synthesizer.generate(
            generation_params(self._config.validation, n_records=n_records)
        )


def seed_torch(seed: int) -> None:
    """The same weights, dropout and draws for the same seed, on the CPU and on CUDA."""
    torch.default_generator.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
