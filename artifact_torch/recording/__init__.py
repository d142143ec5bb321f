"""Carries the results of a run to any tracking client."""

from artifact_torch.recording.recorder import RunRecorder

__all__ = ["RunRecorder"]
