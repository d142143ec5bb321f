from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from artifact_core._base.core.artifact import Artifact
from artifact_core._base.core.hyperparams import ArtifactHyperparams
from artifact_core._base.core.resource_spec import ResourceSpecProtocol
from artifact_core._base.core.resources import ArtifactResources
from artifact_core._base.primitives.artifact_type import ArtifactType as ArtifactType
from artifact_core._base.typing.artifact_result import ArtifactResult

ArtifactT = TypeVar("ArtifactT", bound=Artifact[Any, Any, Any, Any])
ArtifactHyperparamsT = TypeVar("ArtifactHyperparamsT", bound=ArtifactHyperparams)
ArtifactResourcesT = TypeVar("ArtifactResourcesT", bound=ArtifactResources)
ResourceSpecProtocolT = TypeVar("ResourceSpecProtocolT", bound=ResourceSpecProtocol)
ArtifactTypeT = TypeVar("ArtifactTypeT", bound=ArtifactType)
ArtifactResultT = TypeVar("ArtifactResultT", bound=ArtifactResult)

class ArtifactRegistry(
    Generic[ArtifactResourcesT, ResourceSpecProtocolT, ArtifactTypeT, ArtifactResultT]
):
    @classmethod
    @abstractmethod
    def _get_artifact_configurations(cls) -> Mapping[str, Mapping[str, Any]]: ...
    @classmethod
    def get(
        cls, artifact_type: ArtifactTypeT | str, resource_spec: ResourceSpecProtocolT
    ) -> Artifact[
        ArtifactResourcesT, ResourceSpecProtocolT, ArtifactHyperparams, ArtifactResultT
    ]: ...
    @classmethod
    def register_artifact(
        cls, artifact_type: ArtifactTypeT
    ) -> Callable[[type[ArtifactT]], type[ArtifactT]]: ...
    @classmethod
    def register_artifact_hyperparams(
        cls, artifact_type: ArtifactTypeT
    ) -> Callable[[type[ArtifactHyperparamsT]], type[ArtifactHyperparamsT]]: ...
    @classmethod
    def register_custom_artifact(
        cls, artifact_type: str
    ) -> Callable[[type[ArtifactT]], type[ArtifactT]]: ...
    @classmethod
    def register_custom_artifact_hyperparams(
        cls, artifact_type: str
    ) -> Callable[[type[ArtifactHyperparamsT]], type[ArtifactHyperparamsT]]: ...
