"""`artifact-torch`: whether research code fits the contracts, said before training."""
