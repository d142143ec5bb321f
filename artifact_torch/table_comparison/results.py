"""Results under the names of a split."""

from collections.abc import Mapping
from typing import TypeVar

from artifact_torch.contracts import ArtifactResults

ValueT = TypeVar("ValueT")


def suffixed(name: str, suffix: str) -> str:
    """`MEAN_JS_DISTANCE_VAL`: the form of artifact-experiment's `DataSplit`."""
    return f"{name}_{suffix}"


def with_suffix(results: ArtifactResults, suffix: str) -> ArtifactResults:
    """All of `results`, failures included, each name with `suffix`."""

    def renamed(named: Mapping[str, ValueT]) -> dict[str, ValueT]:
        return {suffixed(name, suffix): value for name, value in named.items()}

    return ArtifactResults(
        scores=renamed(results.scores),
        arrays=renamed(results.arrays),
        plots=renamed(results.plots),
        score_collections=renamed(results.score_collections),
        array_collections=renamed(results.array_collections),
        plot_collections=renamed(results.plot_collections),
        failures=renamed(results.failures),
    )
