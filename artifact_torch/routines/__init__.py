"""Routines decide when, and over what data, callbacks and artifacts run."""

from artifact_torch.routines.batch import BatchRoutine
from artifact_torch.routines.binding import BoundRoutine, bind
from artifact_torch.routines.loader import DataLoaderRoutine

__all__ = ["BatchRoutine", "BoundRoutine", "DataLoaderRoutine", "bind"]
