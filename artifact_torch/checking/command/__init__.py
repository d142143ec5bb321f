"""`artifact-torch`: whether research code fits the contracts, said before training."""

from artifact_torch.checking.command.main import main

__all__ = ["main"]
