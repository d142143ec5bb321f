"""Artifacts of our own: functions of a domain's resources, registered with artifact-core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, final

from artifact_torch.contracts import ResultKind
from artifact_torch.contracts.kinds import Array, ArrayCollection, ScoreCollection
from artifact_torch.domain_kit.domain import Compute, Domain, Resources
from artifact_torch.errors import MissingExtraError
from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from artifact_torch.domain_kit.domain import Member

# Any, in this file: artifact-core's registries are generic in classes of its own


def _none() -> dict[str, Any]:
    return {}


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class OwnArtifacts(Generic[Resources]):
    """What can be computed of a domain's resources, by name: functions of a module."""

    scores: Mapping[str, Callable[[Resources], float]] = field(default_factory=_none)
    arrays: Mapping[str, Callable[[Resources], Array]] = field(default_factory=_none)
    plots: Mapping[str, Callable[[Resources], Figure]] = field(default_factory=_none)
    score_collections: Mapping[str, Callable[[Resources], ScoreCollection]] = field(
        default_factory=_none
    )
    array_collections: Mapping[str, Callable[[Resources], ArrayCollection]] = field(
        default_factory=_none
    )
    plot_collections: Mapping[str, Callable[[Resources], Mapping[str, Figure]]] = field(
        default_factory=_none
    )

    @property
    def by_kind(self) -> Mapping[ResultKind, Mapping[str, Callable[[Resources], object]]]:
        """The same, for a loop."""
        return {
            ResultKind.SCORE: self.scores,
            ResultKind.ARRAY: self.arrays,
            ResultKind.PLOT: self.plots,
            ResultKind.SCORE_COLLECTION: self.score_collections,
            ResultKind.ARRAY_COLLECTION: self.array_collections,
            ResultKind.PLOT_COLLECTION: self.plot_collections,
        }


def own_domain(resources: type[Resources], artifacts: OwnArtifacts[Resources]) -> Domain[Resources]:
    """A domain that artifact-core does not have: what can be computed of objects of `resources`.

    Its artifacts are computed without loading artifact-core. `domain.register(kind, name, function)`
    adds one more under a name, by artifact-core's public interface for custom artifacts, and
    `domain.registry(kind)` is artifact-core's registry of a kind with all of them in it.
    """
    own = _Own(artifacts)
    return Domain(
        resources=resources,
        names={kind: [*functions] for kind, functions in artifacts.by_kind.items()},
        computing=own.computing,
        find=own.find,
        registry=own.registry,
        adapted=adapted,
    )


def adapted(_: ResultKind, function: Callable[[Any], object]) -> type[Any]:
    """The artifact of artifact-core that computes a function of the resources as they are."""
    with from_extra("tables", "a custom artifact"):
        from artifact_core.spi.artifact import Artifact

    class OfFunction(Artifact[Any, Any, Any, Any]):
        def _validate(self, resources: Any) -> Any:
            return resources

        def _compute(self, resources: Any) -> Any:
            return function(resources)

    return OfFunction


@final
class _Own(Generic[Resources]):
    """The functions, and their registries once somebody asks for one. In another process they are
    made again.
    """

    def __init__(self, artifacts: OwnArtifacts[Resources]) -> None:
        self._artifacts = artifacts
        self._registries: dict[ResultKind, Any] = {}

    def __reduce__(self) -> tuple[type[_Own[Resources]], tuple[OwnArtifacts[Resources]]]:
        return _Own, (self._artifacts,)

    def computing(self, resources: Resources) -> Compute:
        own = self._artifacts.by_kind

        def compute(kind: ResultKind, member: Member) -> object:
            if isinstance(member, str) and member in own[kind]:
                return own[kind][member](resources)
            return self._found(kind, str(member)).compute(resources=resources)

        return compute

    def find(self, kind: ResultKind, name: str) -> object:
        try:
            return self._found(kind, name)
        except MissingExtraError:  # then nobody can have added one
            raise ValueError(f"{name} is not registered") from None

    def registry(self, kind: ResultKind) -> Any:
        with from_extra("tables", "a custom artifact"):
            from artifact_core.spi.orchestration import ArtifactRegistry

        if kind not in self._registries:

            class Registry(ArtifactRegistry[Any, Any, Any, Any]):
                @classmethod
                def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]:
                    return {}

            for name, function in self._artifacts.by_kind[kind].items():
                Registry.register_custom_artifact(name)(adapted(kind, function))
            self._registries[kind] = Registry
        return self._registries[kind]

    def _found(self, kind: ResultKind, name: str) -> Any:
        with from_extra("tables", "a custom artifact"):
            from artifact_core.spi.resources import NO_RESOURCE_SPEC

        return self.registry(kind).get(artifact_type=name, resource_spec=NO_RESOURCE_SPEC)
