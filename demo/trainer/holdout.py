"""Rows that are held out of the training."""

import torch
from torch import Tensor

from demo.config.config import TrainingConfig

_MOST_ROWS = 10_000  # of a large table: more would say no more about when to stop


def held_out(codes: Tensor, config: TrainingConfig) -> tuple[Tensor, Tensor | None]:
    """The rows to train on, and those held out: `config.validation_share` of all, at least 1.

    None are held out where the share is 0, or there are fewer than 2 rows. The draw depends on the
    configuration's seed alone.
    """
    n_held = min(max(round(len(codes) * config.validation_share), 1), _MOST_ROWS)
    if not config.validation_share or len(codes) < 2:
        return codes, None
    order = torch.randperm(len(codes), generator=torch.Generator().manual_seed(config.seed))
    return codes[order[n_held:]], codes[order[:n_held]]
