from typing import TypeAlias

from artifact_core.typing import ArtifactResult
from artifact_experiment._base.primitives.file import File

TrackingData: TypeAlias = ArtifactResult | File | None
