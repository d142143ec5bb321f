import numpy as np
from matplotlib.figure import Figure

from artifact_torch.contracts import ArtifactResults
from artifact_torch.table_comparison.results import merged


def test_all_kinds_of_all_parts_with_their_suffixes() -> None:
    array, plot = np.ones(2), Figure()
    train = ArtifactResults(
        scores={"S": 1.0},
        arrays={"A": array},
        plots={"P": plot},
        failures={"F": "ValueError: one"},
    )
    late = ArtifactResults(
        score_collections={"S": {"age": 2.0}},
        array_collections={"A": {"age": array}},
        plot_collections={"P": {"age": plot}},
        failures={"F": "ValueError: two"},
    )
    test = ArtifactResults(scores={"S": 3.0})
    assert merged([("TRAIN", train), ("TRAIN", late), ("TEST", test)]) == ArtifactResults(
        scores={"S_TRAIN": 1.0, "S_TEST": 3.0},
        arrays={"A_TRAIN": array},
        plots={"P_TRAIN": plot},
        score_collections={"S_TRAIN": {"age": 2.0}},
        array_collections={"A_TRAIN": {"age": array}},
        plot_collections={"P_TRAIN": {"age": plot}},
        failures={"F_TRAIN": "ValueError: one; ValueError: two"},
    )


def test_nothing_gives_nothing() -> None:
    assert merged([]) == ArtifactResults()
