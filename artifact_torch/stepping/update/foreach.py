"""torch's kernels over lists of tensors, which its own optimizers use: one call, no synchronisation.

They are public in none of its stubs, hence looked up by name.
"""

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Final

import torch
from torch import Tensor

from artifact_torch.checkpoints.sharded import is_sharded

norms: Final[Callable[[Sequence[Tensor]], Sequence[Tensor]]] = vars(torch)["_foreach_norm"]
"""The 2-norm of each, `[]`."""
_scale_: Final[Callable[[Sequence[Tensor], Tensor], None]] = vars(torch)["_foreach_mul_"]
"""All in place by one factor, `[]`."""
copy_: Final[Callable[[Sequence[Tensor], Sequence[Tensor]], None]] = vars(torch)["_foreach_copy_"]
"""The second list into the first."""
lerp_: Final[Callable[[Sequence[Tensor], Sequence[Tensor], float], None]] = vars(torch)[
    "_foreach_lerp_"
]
"""The first list in place towards the second, by a weight between 0 and 1."""
look_for_not_finite: Final[Callable[[Sequence[Tensor], Tensor, Tensor], None]] = vars(torch)[
    "_amp_foreach_non_finite_check_and_unscale_"
]
"""Put 1.0 into the second, `[]`, where one of the first holds NaN or infinity; all are multiplied by
the third, `[]`. A third of what a norm costs; not of sparse or complex tensors.
"""
_vector_norm: Final[Callable[[Tensor], Tensor]] = vars(torch.linalg)["vector_norm"]


def total_norm(tensors: Sequence[Tensor]) -> Tensor:
    """The 2-norm over all, `[]`; bit for bit that of `torch.nn.utils.clip_grad_norm_`.

    NaN or infinity where one of them holds such a number.
    """
    return _vector_norm(torch.stack([*norms(tensors)]))


def norm_of_shards(tensors: Sequence[Tensor]) -> Tensor:
    """The same, plain, of tensors of which some are shards: over those of all ranks, which meet here."""
    shards = [each for each in tensors if is_sharded(each)]
    plain = [each for each in tensors if not is_sharded(each)]
    found: list[Tensor] = [methodcaller("full_tensor")(total_norm(shards))] if shards else []
    return total_norm([*found, *([total_norm(plain)] if plain else [])])


def clip_(tensors: Sequence[Tensor], norm: Tensor, most: float) -> None:
    """All in place to a total norm of `most`, if `norm` is above; as `clip_grad_norm_` does it."""
    _scale_(tensors, torch.clamp(most / (norm + 1e-6), max=1.0))
