"""Models made of modules that others wrote."""

from artifact_torch.models.with_forward import with_forward

__all__ = ["with_forward"]
