import numpy as np
from matplotlib.figure import Figure

from artifact_torch.contracts import ArtifactResults
from artifact_torch.table_comparison.routine import with_suffix


def test_every_name_of_every_kind_gets_the_suffix_and_no_key_does() -> None:
    array, plot = np.ones(2), Figure()
    results = ArtifactResults(
        scores={"S": 1.0},
        arrays={"A": array},
        plots={"P": plot},
        score_collections={"S": {"age": 2.0}},
        array_collections={"A": {"age": array}},
        plot_collections={"P": {"age": plot}},
        failures={"F": "ValueError: one"},
    )
    assert with_suffix(results, "VAL") == ArtifactResults(
        scores={"S_VAL": 1.0},
        arrays={"A_VAL": array},
        plots={"P_VAL": plot},
        score_collections={"S_VAL": {"age": 2.0}},
        array_collections={"A_VAL": {"age": array}},
        plot_collections={"P_VAL": {"age": plot}},
        failures={"F_VAL": "ValueError: one"},
    )
