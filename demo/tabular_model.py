"""The demo in three calls, for each of its models: build, fit, generate."""

from collections.abc import Mapping
from dataclasses import replace
from math import isqrt
from os import PathLike
from typing import Final, Self, final

import pandas as pd
import torch
from torch import Tensor, nn

from artifact_torch import (
    DataLoader,
    RunFolder,
    TensorTable,
    TrainingResult,
    bind,
    seed_everything,
    trainer_from_recipe,
)
from artifact_torch.contracts import ModelOutput, ResultsClient, TrackingClient
from artifact_torch.table_comparison import TableSpec, TableSynthesizer
from artifact_torch.tables import ColumnSpecs, Kind, TableCodec, infer_spec
from artifact_torch.trainer.display.screen import Mode
from artifact_torch.validation.configuration import Where
from demo.config.config import DemoConfig, ModelName, load_config
from demo.model.io import TabularGenerationParams, TabularInput
from demo.model.models import build_model, loss_terms
from demo.places import places_of
from demo.same_table import fingerprint, require_same_table
from demo.trainer.holdout import held_out
from demo.trainer.trainer import TableRecipe
from demo.trainer.validation import generation_params, table_comparison_routine

_Synthesizer = TableSynthesizer[TabularInput, ModelOutput, TabularGenerationParams]


@final
class TabularModel:
    """Learns a table and makes new rows of it, by a model over the codes of its columns."""

    def __init__(
        self, data_spec: TableSpec, config: DemoConfig, columns: ColumnSpecs | None
    ) -> None:
        self._spec = data_spec
        self._config = config
        self._columns = columns
        self._trained: tuple[_Synthesizer, TrainingResult] | None = None

    @classmethod
    def build(
        cls,
        data_spec: TableSpec,
        config: DemoConfig | None = None,
        *,
        model: ModelName | None = None,
        columns: ColumnSpecs | None = None,
    ) -> Self:
        """For the columns of `data_spec`; `config` is `demo/config/config.json` by default, and
        `model` is "vae", "autoregressive" or "gan", by default the one that `config` names.

        `columns` has the kinds of all columns; without it the continuous ones of `data_spec` are
        numeric, or times, the others categories, and further ones are left out.
        """
        chosen = load_config() if config is None else config
        if model is not None:
            chosen = replace(chosen, architecture=replace(chosen.architecture, model=model))
        return cls(data_spec, chosen, columns)

    def fit(
        self,
        df: pd.DataFrame,
        data_spec: TableSpec | None = None,
        tracking_client: TrackingClient | ResultsClient | None = None,
        *,
        run_folder: str | PathLike[str] | RunFolder | None = None,
        device: torch.device | str = "auto",
        progress: Mode = "auto",
        validation: Where = "auto",
        compares: bool = True,
    ) -> pd.DataFrame:
        """Train on `df`; returns the scores, a row per epoch. The model has the best weights then.

        `data_spec` takes the place of that of `build`. `run_folder` keeps all that comes of it; a run
        that it holds already is gone on with, and refused by `ConfigurationError` if it is of another
        table. Without it nothing is written but by a `tracking_client` that has a folder of its own
        (`run_dir`): `tabular_data` and `torch_checkpoints` are there then too. `validation` says whether the comparisons are computed
        beside the training; without `compares` there are none. Seeds the global generators with the
        configuration's seed.
        """
        spec = self._spec if data_spec is None else data_spec
        training, architecture = self._config.training, self._config.architecture
        seed_everything(training.seed)
        columns = _columns(df, spec) if self._columns is None else self._columns
        n_bins = min(architecture.n_bins_cts, max(_FEWEST_BINS, isqrt(len(df))))
        table = fingerprint(df[[*columns.names]], columns)
        require_same_table(run_folder, table)
        codec = TableCodec.fit(df[[*columns.names]], columns, n_bins=n_bins)
        codes = codec.encode(df)
        train, held = held_out(codes, training)
        if held is None:
            training = replace(training, validation_share=0.0)
        n_ordered = [
            _n_ordered(df[name], column) if columns[name].kind in _ORDERED else 0
            for name, column in zip(codec.features, codes.T, strict=True)
        ]
        model = build_model(codec, architecture, codes=train, held_out=held, n_ordered=n_ordered)
        places = places_of(tracking_client, run_folder, training.checkpoint_period)
        routine = table_comparison_routine(
            df, spec, self._config.validation, export_to=places.tables
        )
        trainer = trainer_from_recipe(
            TableRecipe(
                config=training,
                device=device,
                loss_terms=loss_terms(architecture),
                checkpoints=places.checkpoints,
            ),
            model,
            train_loader=self._loader(train, shuffle=True),
            validation_loader=None if held is None else self._loader(held, shuffle=False),
            routines=[bind(routine, model)] if compares else [],
            tracking_clients=[] if tracking_client is None else [tracking_client],
            settings={**vars(self._config), "table": table},
            progress=progress,
            validation=validation,
            run_folder=run_folder,
            checkpoint_every=training.checkpoint_period,
        )
        result = trainer.train()
        _load(model, result.best_weights)
        self._trained = model, result
        return result.epoch_scores

    @property
    def synthesizer(self) -> _Synthesizer:
        """The model with its best weights. Raises RuntimeError before `fit`."""
        return self._require_trained()[0]

    @property
    def result(self) -> TrainingResult:
        """The outcome of `fit`. Raises RuntimeError before it."""
        return self._require_trained()[1]

    def generate(self, n_records: int) -> pd.DataFrame:
        """A table of `n_records` new rows. Raises RuntimeError before `fit`."""
        model, _ = self._require_trained()
        return model.generate(generation_params(self._config.validation, n_records=n_records))

    def _loader(self, codes: Tensor, *, shuffle: bool) -> DataLoader[TabularInput]:
        training = self._config.training
        return DataLoader(
            TensorTable(TabularInput(codes=codes)),
            batch_size=min(training.batch_size, len(codes)),
            shuffle=shuffle,
            drop_last=shuffle and training.drop_last,
            seed=training.seed,
        )

    def _require_trained(self) -> tuple[_Synthesizer, TrainingResult]:
        if self._trained is None:
            raise RuntimeError("TabularModel: is not trained yet; call fit first")
        return self._trained


_FEWEST_BINS = 8
_ORDERED: Final[tuple[Kind, ...]] = ("numeric", "datetime", "ordinal")


def _n_ordered(column: pd.Series, codes: Tensor) -> int:
    """How many of the codes of an ordered column are no missing values, which come last."""
    present = codes[torch.as_tensor(column.notna().to_numpy(dtype=bool, copy=True))]
    return int(present.max()) + 1 if len(present) else 0


def _load(model: object, weights: Mapping[str, object] | None) -> None:
    if isinstance(model, nn.Module) and weights is not None:
        model.load_state_dict(dict(weights))


def _columns(table: pd.DataFrame, spec: TableSpec) -> ColumnSpecs:
    columns = infer_spec(table[[name for name in table.columns if name in spec.features]])
    numeric = [name for name in spec.cts_features if columns[name].kind != "datetime"]
    return columns.with_kinds(dict.fromkeys(numeric, "numeric")).with_kinds(
        dict.fromkeys(spec.cat_features, "category")
    )
