"""Dropout for small networks on the CPU, where drawing its mask costs more than the layer."""

import torch
from torch import Tensor

_LEVELS = 256


def dropped(hidden: Tensor, share: float) -> Tensor:
    """`hidden` with a `share` of its numbers set to 0 and the others grown, so that the mean stays.

    A mask takes one random byte a number of torch's global generator, where `functional.dropout` takes
    eight; so `share`, in [0, 1), is rounded to a 256th.
    """
    n_dropped = min(round(share * _LEVELS), _LEVELS - 1)
    if not n_dropped:
        return hidden
    n_words = -(-hidden.numel() // 8)
    words = torch.empty(n_words, dtype=torch.int64, device=hidden.device).random_(-(2**63), None)
    drawn = words.view(torch.uint8)[: hidden.numel()].view(hidden.shape)
    kept = (drawn >= n_dropped).to(hidden.dtype).mul_(_LEVELS / (_LEVELS - n_dropped))
    return hidden * kept
