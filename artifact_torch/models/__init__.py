"""Models made of modules that others wrote."""

from artifact_torch.models.supervised import Labelled, Predicted, supervised
from artifact_torch.models.with_forward import with_forward

__all__ = ["Labelled", "Predicted", "supervised", "with_forward"]
