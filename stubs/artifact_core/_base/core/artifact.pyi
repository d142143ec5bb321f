from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from artifact_core._base.core.hyperparams import ArtifactHyperparams
from artifact_core._base.core.resource_spec import ResourceSpecProtocol
from artifact_core._base.core.resources import ArtifactResources
from artifact_core._base.typing.artifact_result import ArtifactResult

ArtifactResourcesT = TypeVar("ArtifactResourcesT", bound=ArtifactResources)
ResourceSpecProtocolT = TypeVar("ResourceSpecProtocolT", bound=ResourceSpecProtocol)
ArtifactHyperparamsT = TypeVar("ArtifactHyperparamsT", bound=ArtifactHyperparams)
ArtifactResultT = TypeVar("ArtifactResultT", bound=ArtifactResult)

class Artifact(
    ABC, Generic[ArtifactResourcesT, ResourceSpecProtocolT, ArtifactHyperparamsT, ArtifactResultT]
):
    _resource_spec: ResourceSpecProtocolT
    _hyperparams: ArtifactHyperparamsT
    def __init__(
        self, resource_spec: ResourceSpecProtocolT, hyperparams: ArtifactHyperparamsT
    ) -> None: ...
    @property
    def hyperparams(self) -> ArtifactHyperparamsT: ...
    @property
    def resource_spec(self) -> ResourceSpecProtocolT: ...
    def __call__(self, resources: ArtifactResourcesT) -> ArtifactResultT: ...
    @abstractmethod
    def _compute(self, resources: ArtifactResourcesT) -> ArtifactResultT: ...
    @abstractmethod
    def _validate(self, resources: ArtifactResourcesT) -> ArtifactResourcesT: ...
    def compute(self, resources: ArtifactResourcesT) -> ArtifactResultT: ...
