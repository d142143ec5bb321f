"""Results of several splits as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from artifact_torch.contracts import ArtifactResults
from artifact_torch.table_comparison.isolation import add_failure

ValueT = TypeVar("ValueT")

Part: TypeAlias = tuple[str, ArtifactResults]
"""A split's suffix and what a plan computed for it."""


def suffixed(name: str, suffix: str) -> str:
    """`MEAN_JS_DISTANCE_VAL`: the form of artifact-experiment's `DataSplit`."""
    return f"{name}_{suffix}"


def merged(parts: Sequence[Part]) -> ArtifactResults:
    """All results of `parts`, each name with the suffix of its split."""
    failures: dict[str, str] = {}
    for suffix, part in parts:
        for name, reason in part.failures.items():
            add_failure(failures, suffixed(name, suffix), reason)
    return ArtifactResults(
        scores=_joined(parts, lambda part: part.scores),
        arrays=_joined(parts, lambda part: part.arrays),
        plots=_joined(parts, lambda part: part.plots),
        score_collections=_joined(parts, lambda part: part.score_collections),
        array_collections=_joined(parts, lambda part: part.array_collections),
        plot_collections=_joined(parts, lambda part: part.plot_collections),
        failures=failures,
    )


def _joined(
    parts: Sequence[Part], of: Callable[[ArtifactResults], Mapping[str, ValueT]]
) -> dict[str, ValueT]:
    return {
        suffixed(name, suffix): value for suffix, part in parts for name, value in of(part).items()
    }
