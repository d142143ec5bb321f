"""artifact-core's calculators, told of what is missing or unknown in a table."""

from importlib import import_module
from typing import Any

from artifact_torch.table_comparison.associations import can_be_associated
from artifact_torch.table_comparison.present import (
    js_with_missing,
    present_associations,
    set_apart,
)
from artifact_torch.table_comparison.shared import at_work

# Any, in this file: private parts of artifact-core, which has no stubs of them

BOTH = ("dataset_real", "dataset_synthetic")
"""What its methods call the two tables."""


def correlations(original: Any) -> Any:
    """By dython only where ours are not equal; each pair over the rows that have both."""

    def part(**given: Any) -> Any:
        table, nominal = given["dataset"], given["cat_features"]
        if not can_be_associated(table, nominal):
            return original(**given)
        of_nominal, of_numeric = (
            given[f"{kind}_correlation_type"].value for kind in ("categorical", "continuous")
        )
        shared = at_work.get()
        return present_associations(
            table,
            nominal,
            shared.gaps.words if shared else {},
            of_nominal=of_nominal,
            of_numeric=of_numeric,
        )

    return part


def distances(original: Any) -> Any:
    """What is missing among numbers is a bin of its own."""

    def part(**given: Any) -> Any:
        names, real, generated = (given[k] for k in ("cts_features", "df_real", "df_synthetic"))
        missing = [n for n in names if real[n].isna().any() or generated[n].isna().any()]
        if given["categorical_only"] or not missing:
            return original(**given)
        n_bins = given["n_bins_cts_histogram"]
        rest = [name for name in names if name not in missing]
        found = original(**{**given, "cts_features": rest})
        found |= {name: js_with_missing(real[name], generated[name], n_bins) for name in missing}
        return {name: found[name] for name in (*given["cat_features"], *names)}

    return part


def differences(original: Any) -> Any:
    """What one table has and the other has not counts against the model."""

    def part(**given: Any) -> Any:
        shared = at_work.get()
        if shared is None or not shared.gaps.apart or not {*BOTH} <= given.keys():
            return original(**given)
        rest = {k: v for k, v in given.items() if k not in (*BOTH, "distance_metric")}
        compute = original.__self__.compute_df_correlations
        real, generated = (compute(dataset=given[name], **rest) for name in BOTH)
        shares = [shared.gaps.apart.get(str(name), 0.0) for name in given[BOTH[0]].columns]
        moved = set_apart(real, generated, shares)
        if "distance_metric" not in given:
            return abs(real - moved)
        calculator = vars(import_module(original.__module__))["VectorDistanceCalculator"]
        return calculator.compute(
            metric=given["distance_metric"], v_1=real.to_numpy(), v_2=moved.to_numpy()
        )

    return part
