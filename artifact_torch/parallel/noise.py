"""Random numbers of each rank's own inside its forward pass, and common ones outside."""

from collections.abc import Callable

import torch

from artifact_torch.contracts import InT, OutT
from artifact_torch.internal.randomness import derived_seed, own_torch_rng


def with_own_noise(
    forward: Callable[[InT], OutT], device: torch.device, rank: int, counted: Callable[[], int]
) -> Callable[[InT], OutT]:
    """`forward` with torch's random numbers from (the run's seed, batches `counted`, `rank`).

    Ranks that draw alike would drop the same units and add the same noise to different rows.
    Outside, their generators stay alike, and so do the batches of a source that draws from them.
    """

    def call(batch: InT) -> OutT:
        with own_torch_rng(device, derived_seed(torch.initial_seed(), counted(), rank)):
            return forward(batch)

    return call
