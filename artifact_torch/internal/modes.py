"""Training and evaluation mode of a model, and its way back."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode and no gradient inside; every submodule's own mode is restored after.

    By the submodule's own `train(mode)`, which may do work: adapters leave the frozen weights. The
    flag itself after that: a batch norm that a model leaves out of its `train()` stays out of it.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:  # parents first: they take their children along
            if part.training is not mode:
                part.train(mode)
        for part, mode in modes:
            part.training = mode
