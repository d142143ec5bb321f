from abc import ABC
from dataclasses import dataclass
from typing import Any, Self, TypeVar

ArtifactHyperparamsT = TypeVar("ArtifactHyperparamsT", bound=ArtifactHyperparams)

@dataclass(frozen=True)
class ArtifactHyperparams(ABC):
    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Self: ...

@dataclass(frozen=True)
class NoArtifactHyperparams(ArtifactHyperparams): ...

NO_ARTIFACT_HYPERPARAMS: NoArtifactHyperparams
