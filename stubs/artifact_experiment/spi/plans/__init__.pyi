from dataclasses import dataclass
from typing import Generic, TypeVar

from artifact_experiment.tracking.spi import TrackingQueue

_SpecT_co = TypeVar("_SpecT_co", covariant=True)

@dataclass(frozen=True)
class PlanBuildContext:
    tracking_queue: TrackingQueue | None

@dataclass(frozen=True)
class ArtifactPlanBuildContext(PlanBuildContext, Generic[_SpecT_co]):
    resource_spec: _SpecT_co
