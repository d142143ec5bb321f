"""Validation by artifacts: the plan, and the routine that runs it."""

from pathlib import Path

import pandas as pd

from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonRoutine,
    TableSpec,
)
from demo.config.config import ValidationConfig
from demo.model.io import TabularGenerationParams

# by name: artifact-core is loaded by the first comparison, after the first steps of training
PLAN = TableComparisonPlan(
    scores=[
        "MEAN_JS_DISTANCE",
        "CORRELATION_DISTANCE",
    ],
    plots=["DISTRIBUTIONS", "CORRELATION_DIFFERENCE", "PCA_JUXTAPOSITION"],
    score_collections=["JS_DISTANCE", "MISSING_DIFFERENCE", "UNKNOWN_DIFFERENCE"],
    array_collections=[
        "MEAN_JUXTAPOSITION",
        "STD_JUXTAPOSITION",
        "MIN_JUXTAPOSITION",
        "MAX_JUXTAPOSITION",
    ],
    plots_every=None,  # all plots together take some seconds: once, at the end
)


def table_comparison_routine(
    real: pd.DataFrame,
    spec: TableSpec,
    config: ValidationConfig,
    *,
    export_to: Path | None = None,
) -> TableComparisonRoutine[TabularGenerationParams]:
    """Compares generated with real rows every `validation_plan_callback_period` epochs; `export_to`
    is a folder that keeps the generated tables.
    """
    return TableComparisonRoutine(
        spec=spec,
        plan=PLAN,
        params=generation_params(config, n_records=config.generation_n_records),
        train=Split(real, every=config.validation_plan_callback_period),
        export_to=export_to,
    )


def generation_params(config: ValidationConfig, *, n_records: int) -> TabularGenerationParams:
    """How the demo generates `n_records` rows."""
    return TabularGenerationParams(
        n_records=n_records,
        use_mean=config.generation_use_mean,
        temperature=config.generation_temperature,
        sample=True,
    )
