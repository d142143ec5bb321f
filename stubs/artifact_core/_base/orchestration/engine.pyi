from abc import ABC, abstractmethod
from typing import Any, Generic, Self, TypeVar

from artifact_core._base.core.resource_spec import ResourceSpecProtocol
from artifact_core._base.core.resources import ArtifactResources
from artifact_core._base.orchestration.registry import ArtifactRegistry
from artifact_core._base.primitives.artifact_type import ArtifactType
from artifact_core._base.typing.artifact_result import (
    Array,
    ArrayCollection,
    Plot,
    PlotCollection,
    Score,
    ScoreCollection,
)

ScoreTypeT = TypeVar("ScoreTypeT", bound=ArtifactType)
ArrayTypeT = TypeVar("ArrayTypeT", bound=ArtifactType)
PlotTypeT = TypeVar("PlotTypeT", bound=ArtifactType)
ScoreCollectionTypeT = TypeVar("ScoreCollectionTypeT", bound=ArtifactType)
ArrayCollectionTypeT = TypeVar("ArrayCollectionTypeT", bound=ArtifactType)
PlotCollectionTypeT = TypeVar("PlotCollectionTypeT", bound=ArtifactType)
ArtifactResourcesT = TypeVar("ArtifactResourcesT", bound=ArtifactResources)
ResourceSpecProtocolT = TypeVar("ResourceSpecProtocolT", bound=ResourceSpecProtocol)
ArtifactEngineT = TypeVar(
    "ArtifactEngineT", bound=ArtifactEngine[Any, Any, Any, Any, Any, Any, Any, Any]
)

class ArtifactEngine(
    ABC,
    Generic[
        ArtifactResourcesT,
        ResourceSpecProtocolT,
        ScoreTypeT,
        ArrayTypeT,
        PlotTypeT,
        ScoreCollectionTypeT,
        ArrayCollectionTypeT,
        PlotCollectionTypeT,
    ],
):
    def __init__(
        self,
        resource_spec: ResourceSpecProtocolT,
        score_registry: type[
            ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, ScoreTypeT, Score]
        ],
        array_registry: type[
            ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, ArrayTypeT, Array]
        ],
        plot_registry: type[
            ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, PlotTypeT, Plot]
        ],
        score_collection_registry: type[
            ArtifactRegistry[
                ArtifactResourcesT, ResourceSpecProtocolT, ScoreCollectionTypeT, ScoreCollection
            ]
        ],
        array_collection_registry: type[
            ArtifactRegistry[
                ArtifactResourcesT, ResourceSpecProtocolT, ArrayCollectionTypeT, ArrayCollection
            ]
        ],
        plot_collection_registry: type[
            ArtifactRegistry[
                ArtifactResourcesT, ResourceSpecProtocolT, PlotCollectionTypeT, PlotCollection
            ]
        ],
    ) -> None: ...
    @classmethod
    def build(cls, resource_spec: ResourceSpecProtocolT) -> Self: ...
    @property
    def resource_spec(self) -> ResourceSpecProtocolT: ...
    @classmethod
    @abstractmethod
    def _get_score_registry(
        cls,
    ) -> type[ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, ScoreTypeT, Score]]: ...
    @classmethod
    @abstractmethod
    def _get_array_registry(
        cls,
    ) -> type[ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, ArrayTypeT, Array]]: ...
    @classmethod
    @abstractmethod
    def _get_plot_registry(
        cls,
    ) -> type[ArtifactRegistry[ArtifactResourcesT, ResourceSpecProtocolT, PlotTypeT, Plot]]: ...
    @classmethod
    @abstractmethod
    def _get_score_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            ArtifactResourcesT, ResourceSpecProtocolT, ScoreCollectionTypeT, ScoreCollection
        ]
    ]: ...
    @classmethod
    @abstractmethod
    def _get_array_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            ArtifactResourcesT, ResourceSpecProtocolT, ArrayCollectionTypeT, ArrayCollection
        ]
    ]: ...
    @classmethod
    @abstractmethod
    def _get_plot_collection_registry(
        cls,
    ) -> type[
        ArtifactRegistry[
            ArtifactResourcesT, ResourceSpecProtocolT, PlotCollectionTypeT, PlotCollection
        ]
    ]: ...
    def produce_score(
        self, score_type: ScoreTypeT | str, resources: ArtifactResourcesT
    ) -> Score: ...
    def produce_array(
        self, array_type: ArrayTypeT | str, resources: ArtifactResourcesT
    ) -> Array: ...
    def produce_plot(self, plot_type: PlotTypeT | str, resources: ArtifactResourcesT) -> Plot: ...
    def produce_score_collection(
        self, score_collection_type: ScoreCollectionTypeT | str, resources: ArtifactResourcesT
    ) -> ScoreCollection: ...
    def produce_array_collection(
        self, array_collection_type: ArrayCollectionTypeT | str, resources: ArtifactResourcesT
    ) -> ArrayCollection: ...
    def produce_plot_collection(
        self, plot_collection_type: PlotCollectionTypeT | str, resources: ArtifactResourcesT
    ) -> PlotCollection: ...
