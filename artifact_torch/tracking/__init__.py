"""Carries the results of a run to any tracking client."""

from artifact_torch.tracking.recorder import RunRecorder

__all__ = ["RunRecorder"]
