"""The demo in three calls: build, fit, generate."""

from os import PathLike
from typing import Self, final

import pandas as pd
import torch

from artifact_torch import (
    DataLoader,
    RunFolder,
    TensorTable,
    TrainingResult,
    bind,
    seed_everything,
    trainer_from_recipe,
)
from artifact_torch.contracts import ResultsClient, TrackingClient
from artifact_torch.table_comparison import TableSpec
from artifact_torch.tables import TableCodec, infer_spec
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.validation.configuration import Where
from demo.config.config import DemoConfig, load_config
from demo.model.io import TabularVAEInput
from demo.model.synthesizer import TabularVAESynthesizer
from demo.trainer.trainer import TableRecipe
from demo.trainer.validation import generation_params, table_comparison_routine


@final
class TabularVAE:
    """Learns a table and makes new rows of it: a VAE over discretized and encoded columns."""

    def __init__(self, data_spec: TableSpec, config: DemoConfig) -> None:
        self._spec = data_spec
        self._config = config
        self._trained: tuple[TabularVAESynthesizer, TrainingResult] | None = None

    @classmethod
    def build(cls, data_spec: TableSpec, config: DemoConfig | None = None) -> Self:
        """For the columns of `data_spec`; `config` is `demo/config/config.json` by default."""
        return cls(data_spec, load_config() if config is None else config)

    def fit(
        self,
        table: pd.DataFrame,
        tracking_client: TrackingClient | ResultsClient | None = None,
        *,
        run_folder: str | PathLike[str] | RunFolder | None = None,
        device: torch.device | str = "auto",
        progress: Mode = "auto",
        validation: Where = "auto",
    ) -> pd.DataFrame:
        """Train on `table`; returns the scores, a row per epoch.

        `run_folder` keeps all that comes of it; a run that it holds already is gone on with.
        Without it nothing is written. `validation` says whether the comparisons are computed beside
        the training. Seeds the global generators with the configuration's seed.
        """
        training = self._config.training
        seed_everything(training.seed)
        codec = _codec(table, self._spec, n_bins=self._config.architecture.n_bins_cts)
        model = TabularVAESynthesizer.build(codec, self._config.architecture)
        routine = table_comparison_routine(table, self._spec, self._config.validation)
        recipe = TableRecipe(
            config=training,
            device=device,
            loss_terms=("reconstruction", "kl"),
        )
        trainer = trainer_from_recipe(
            recipe,
            model,
            train_loader=DataLoader(
                TensorTable(TabularVAEInput(codes=codec.encode(table))),
                batch_size=min(training.batch_size, len(table)),
                shuffle=True,
                drop_last=training.drop_last,
                seed=training.seed,
            ),
            routines=[bind(routine, model)],
            tracking_clients=[] if tracking_client is None else [tracking_client],
            settings=self._config,
            progress=progress,
            validation=validation,
            run_folder=run_folder,
            checkpoint_every=training.checkpoint_period,
        )
        self._trained = model, trainer.train()
        return self.result.epoch_scores

    @property
    def result(self) -> TrainingResult:
        """The outcome of `fit`. Raises RuntimeError before it."""
        return self._require_trained()[1]

    def generate(self, n_records: int) -> pd.DataFrame:
        """A table of `n_records` new rows. Raises RuntimeError before `fit`."""
        model, _ = self._require_trained()
        return model.generate(generation_params(self._config.validation, n_records=n_records))

    def _require_trained(self) -> tuple[TabularVAESynthesizer, TrainingResult]:
        if self._trained is None:
            raise RuntimeError("TabularVAE: is not trained yet; call fit first")
        return self._trained


def _codec(table: pd.DataFrame, spec: TableSpec, *, n_bins: int) -> TableCodec:
    """Of the columns of `spec`: what it calls continuous is numeric, unless it is of times."""
    used = table[[name for name in table.columns if name in spec.features]]
    columns = infer_spec(used)
    numeric = [name for name in spec.cts_features if columns[name].kind != "datetime"]
    columns = columns.with_kinds(dict.fromkeys(numeric, "numeric"))
    columns = columns.with_kinds(dict.fromkeys(spec.cat_features, "category"))
    return TableCodec.fit(used, columns, n_bins=n_bins)
