"""Tables from whatever draws codes."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

import pandas as pd
import torch
from torch import Tensor, nn

from artifact_torch.tables import TableCodec

_BATCH_SIZE = 4096  # rows: what a model computes of so many is in memory at once


def drawn_table(
    model: nn.Module, codec: TableCodec, draw: Callable[[int], Tensor], *, n_records: int
) -> pd.DataFrame:
    """A table of `n_records` rows whose codes come from `draw(n_rows)`, `[rows, features]` int64.

    In evaluation mode, without gradients; leaves every module of `model` in the mode it was in.
    """
    full, rest = divmod(n_records, _BATCH_SIZE)
    sizes = [_BATCH_SIZE] * full + [rest] * (rest > 0)
    with _evaluating(model), torch.no_grad():
        batches = (draw(size).cpu() for size in sizes)
        return codec.decode_batches(batches, n_rows=n_records)


@contextmanager
def _evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode inside the block; every submodule's own mode again after it."""
    modes = [(submodule, submodule.training) for submodule in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for submodule, mode in modes:
            submodule.training = mode
