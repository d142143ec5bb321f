"""What is asked of a generated table: how near it is, and what it is good for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifact_torch.contracts import Result
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources, TableSpec
from artifact_torch.table_comparison.seen import numbers_of

# Any, in this file: scikit-learn and sdmetrics have no types

_PLAN = TableComparisonPlan(scores=["MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"])
_N_FOLDS = 5


def nearness(train: pd.DataFrame, generated: pd.DataFrame, spec: TableSpec) -> dict[str, float]:
    """artifact-core's scores against the rows of training, 0 where the tables are the same: `js`, of
    each column alone, and `correlation`, of each two.
    """
    resources = TableComparisonResources(spec=spec, df_real=train, generated=generated)
    results = _PLAN.execute(resources, _PLAN.result_names)
    values = [each.value for each in results if isinstance(each, Result)]
    return dict(zip(("js", "correlation"), map(_float, values), strict=True))


def sdmetrics_quality(
    train: pd.DataFrame, generated: pd.DataFrame, spec: TableSpec
) -> float | None:
    """SDMetrics' quality of both together, 1 is best; None where it is not installed."""
    if find_spec("sdmetrics") is None:
        return None
    kinds = dict.fromkeys(spec.cts_features, "numerical")
    kinds |= dict.fromkeys(spec.cat_features, "categorical")
    metadata = {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}
    made: Any = import_module("sdmetrics.reports.single_table.quality_report").QualityReport()
    names = [*spec.features]
    made.generate(train[names], generated[names], metadata, verbose=False)
    return float(made.get_score())


def two_sample_auc(
    held_out: pd.DataFrame, generated: pd.DataFrame, spec: TableSpec, seed: int
) -> float:
    """How well gradient boosting tells generated from held-out rows, 0.5 is best.

    As many rows of either, five folds, scikit-learn's `HistGradientBoostingClassifier` as it comes;
    the AUC is of all rows, each by the model that has not seen it (Lopez-Paz and Oquab, C2ST,
    arXiv 1610.06545).
    """
    n_rows = min(len(held_out), len(generated))
    tables = [table.sample(n_rows, random_state=seed) for table in (held_out, generated)]
    features = pd.concat(_for_trees(tables, spec, spec.features), ignore_index=True)
    is_generated = np.repeat([0, 1], n_rows)
    selection = import_module("sklearn.model_selection")
    folds: Any = selection.StratifiedKFold(_N_FOLDS, shuffle=True, random_state=seed)
    chances: NDArray[np.float64] = selection.cross_val_predict(
        _boosted("Classifier", seed), features, is_generated, cv=folds, method="predict_proba"
    )
    return _auc(is_generated, chances[:, 1])


def utility(
    rows: pd.DataFrame, held_out: pd.DataFrame, spec: TableSpec, target: str, seed: int
) -> float:
    """How well gradient boosting that was trained on `rows` predicts the target of held-out rows.

    R² of a continuous one; of a categorical one the AUC, each category against the others, their
    mean. A category that `rows` lack has no chance.
    """
    names = [name for name in spec.features if name != target]
    known, asked = _for_trees([rows, held_out], spec, names)
    if target in spec.cts_features:
        model = _boosted("Regressor", seed).fit(known, rows[target])
        metrics: Any = import_module("sklearn.metrics")
        return float(metrics.r2_score(held_out[target], model.predict(asked)))
    labels, truth = rows[target].astype(str), held_out[target].astype(str)
    asked_for = sorted(truth.unique())
    if min(labels.nunique(), len(asked_for)) < 2:  # it cannot tell, or there is nothing to tell
        return 0.5
    model = _boosted("Classifier", seed).fit(known, labels)
    chances: NDArray[np.float64] = model.predict_proba(asked)
    places = {str(name): place for place, name in enumerate(model.classes_)}
    never = np.zeros(len(truth))
    aucs = [
        _auc(truth == each, chances[:, places[each]] if each in places else never)
        for each in asked_for
    ]
    return float(np.mean(aucs))


def share_of_copies(train: pd.DataFrame, generated: pd.DataFrame) -> float:
    """Of generated rows that are equal to a row of training in every column of `generated`; a
    missing value is equal to one.
    """
    names = [*generated.columns]
    known = train[names].drop_duplicates()
    found = generated.merge(known, how="left", on=names, indicator="is_known")
    return float((found["is_known"] == "both").mean())


def _for_trees(
    tables: Sequence[pd.DataFrame], spec: TableSpec, names: Sequence[str]
) -> list[pd.DataFrame]:
    """Numbers and times as numbers, categories as pandas' own, the same ones in each table: the 254
    commonest, which is what the trees can hold; the others are none.
    """
    together = pd.concat(tables)
    commonest: Mapping[str, pd.Index[Any]] = {
        name: together[name].astype(str).value_counts().index[:254]
        for name in names
        if name in spec.cat_features
    }

    def columns(table: pd.DataFrame) -> dict[str, object]:
        return {
            name: pd.Categorical(table[name].astype(str), categories=commonest[name])
            if name in commonest
            else numbers_of(table[name]).astype(float)
            for name in names
        }

    return [pd.DataFrame(columns(table), index=table.index) for table in tables]


def _boosted(kind: str, seed: int) -> Any:
    ensemble: Any = import_module("sklearn.ensemble")
    return getattr(ensemble, f"HistGradientBoosting{kind}")(
        categorical_features="from_dtype", random_state=seed
    )


def _auc(truth: object, chances: object) -> float:
    return float(import_module("sklearn.metrics").roc_auc_score(truth, chances))


def _float(value: object) -> float:
    if not isinstance(value, float):
        raise TypeError(f"a score must be a float, got {value!r}")
    return value
