"""The specification's demo under the published artifact-torch (0.1.5); see `benchmarks.published`.

Run by the interpreter of an environment that has it, never imported: there `artifact_torch` is
another package than ours, and no type checker of ours looks at this file. Network, codec, table
and configuration are the demo's own, so that the two packages alone differ.

    published-venv/bin/python -P benchmarks/published_demo.py TABLE EPOCHS SEED
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # last: `artifact_torch` is to be the installed one

import pandas as pd
import torch
from artifact_experiment._base.tracking.background.worker import StopFlag
from artifact_experiment.tracking import DataSplit, FilesystemTrackingClient

from artifact_torch.nn import DataLoader, Dataset, Trainer
from artifact_torch.nn.callbacks import LossCallback
from artifact_torch.nn.early_stopping import EpochBoundStopper, StopperUpdateData
from artifact_torch.nn.plans import ModelIOPlan
from artifact_torch.nn.routines import DataLoaderRoutine, TrainDiagnosticsRoutine
from artifact_torch.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonPlan,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonRoutine,
    TableComparisonRoutineData,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TableSynthesizer,
    TabularDataSpec,
    TabularSynthesisExperiment,
)
from artifact_torch.tables import TableCodec
from demo.config.config import SPECIFICATION_CONFIG, load_config
from demo.model.io import TabularGenerationParams
from demo.model.synthesizer import TabularVAESynthesizer

CONFIG = load_config(SPECIFICATION_CONFIG)
N_EPOCHS = int(sys.argv[2])


class Rows(Dataset):
    def __init__(self, codes):
        self.codes = codes

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, row):
        return {"codes": self.codes[row]}


class Synthesizer(TableSynthesizer):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, model_input, *_, **__):
        output = self.inner(model_input)
        return {**output, "t_loss": output["loss"]}

    def generate(self, params):
        return self.inner.generate(TabularGenerationParams(**params))


class Losses(ModelIOPlan):
    @classmethod
    def _get_score_callbacks(cls, context):
        return [LossCallback(period=1, writer=context.score_writer)]

    @classmethod
    def _nothing(cls, context):
        return []

    _get_array_callbacks = _nothing
    _get_plot_callbacks = _nothing
    _get_score_collection_callbacks = _nothing
    _get_array_collection_callbacks = _nothing
    _get_plot_collection_callbacks = _nothing


class Artifacts(TableComparisonPlan):
    """The plan of `demo.trainer.validation`."""

    @staticmethod
    def _get_score_types():
        return [
            TableComparisonScoreType.MEAN_JS_DISTANCE,
            TableComparisonScoreType.CORRELATION_DISTANCE,
        ]

    @staticmethod
    def _get_array_types():
        return []

    @staticmethod
    def _get_plot_types():
        return [
            TableComparisonPlotType.PDF,
            TableComparisonPlotType.CDF,
            TableComparisonPlotType.DESCRIPTIVE_STATS_ALIGNMENT,
            TableComparisonPlotType.PCA_JUXTAPOSITION,
            TableComparisonPlotType.CORRELATION_HEATMAP_JUXTAPOSITION,
        ]

    @staticmethod
    def _get_score_collection_types():
        return [TableComparisonScoreCollectionType.JS_DISTANCE]

    @staticmethod
    def _get_array_collection_types():
        return [
            TableComparisonArrayCollectionType.MEAN_JUXTAPOSITION,
            TableComparisonArrayCollectionType.STD_JUXTAPOSITION,
            TableComparisonArrayCollectionType.MIN_JUXTAPOSITION,
            TableComparisonArrayCollectionType.MAX_JUXTAPOSITION,
        ]

    @staticmethod
    def _get_plot_collection_types():
        return [TableComparisonPlotCollectionType.PDF, TableComparisonPlotCollectionType.CDF]


class Comparison(TableComparisonRoutine):
    @classmethod
    def _get_period(cls, data_split):
        return CONFIG.validation.validation_plan_callback_period

    @classmethod
    def _get_artifact_plan(cls, data_split):
        return Artifacts if data_split is DataSplit.TRAIN else None

    @classmethod
    def _get_generation_params(cls):
        return {"n_records": CONFIG.validation.generation_n_records}


class OverTheTable(DataLoaderRoutine):
    @classmethod
    def _get_model_io_plan(cls, data_split):
        return Losses if data_split is DataSplit.TRAIN else None

    @classmethod
    def _get_forward_hook_plan(cls, data_split):
        return None


class WhileTraining(TrainDiagnosticsRoutine):
    @classmethod
    def _get_model_io_plan(cls):
        return Losses

    @classmethod
    def _get_forward_hook_plan(cls):
        return None

    @classmethod
    def _get_backward_hook_plan(cls):
        return None


class DemoTrainer(Trainer):
    @staticmethod
    def _get_optimizer(model):
        return torch.optim.Adam(model.parameters(), lr=CONFIG.training.learning_rate)

    @staticmethod
    def _get_scheduler(optimizer):
        return None

    @staticmethod
    def _get_device():
        return torch.device("cpu")

    @staticmethod
    def _get_checkpoint_period():
        return CONFIG.training.checkpoint_period

    @staticmethod
    def _get_early_stopper():
        return EpochBoundStopper(max_n_epochs=N_EPOCHS)

    def _get_stopper_update_data(self):
        return StopperUpdateData(n_epochs_elapsed=self.n_epochs_elapsed)

    @staticmethod
    def _get_model_tracker():
        return None

    def _get_model_tracking_criterion(self):
        return None


class Demo(TabularSynthesisExperiment):
    @classmethod
    def _get_trainer(cls):
        return DemoTrainer

    @classmethod
    def _get_train_diagnostics_routine(cls):
        return WhileTraining

    @classmethod
    def _get_loader_routine(cls):
        return OverTheTable

    @classmethod
    def _get_artifact_routine(cls):
        return Comparison


def main():
    features = {"cts_features": list(CONFIG.data.cts_features)}
    features["cat_features"] = list(CONFIG.data.cat_features)
    table = pd.read_csv(sys.argv[1])[[*features["cts_features"], *features["cat_features"]]]
    torch.manual_seed(int(sys.argv[3]))
    codec = TableCodec.fit(table, n_bins=CONFIG.architecture.n_bins_cts)
    model = Synthesizer(TabularVAESynthesizer.build(codec, CONFIG.architecture))
    loader = DataLoader(
        Rows(codec.encode(table)), batch_size=CONFIG.training.batch_size, shuffle=True
    )
    client = FilesystemTrackingClient.build(experiment_id="demo")
    experiment = Demo.build(
        model=model,
        data_loaders={DataSplit.TRAIN: loader},
        artifact_routine_data={DataSplit.TRAIN: TableComparisonRoutineData(df_real=table)},
        artifact_routine_data_spec=TabularDataSpec.from_df(table, **features),
        tracking_client=client,
    )
    experiment.run()
    worker = client._logger_worker
    worker._queue.put(StopFlag())  # `client.stop()` alone leaves out what is still in the queue
    worker._thread.join()
    client.stop()
    print(json.dumps({"folder": client.run_dir}))


if __name__ == "__main__":
    main()
