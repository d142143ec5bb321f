"""Drawing integer codes from logits."""

import torch
from torch import Tensor


def sample_codes(logits: Tensor, *, temperature: float = 1.0, sample: bool = True) -> Tensor:
    """One code a row and feature, `[batch, features]` int64, from `[batch, features, codes]`.

    With `sample`, a draw from softmax(logits / temperature) with torch's global generator: a
    temperature below 1 sharpens the distribution, above 1 flattens it. Without, the most likely
    code. A logit of -inf is never chosen.
    """
    if not sample:
        return logits.argmax(dim=-1)
    probabilities = torch.softmax(logits / temperature, dim=-1)
    codes = torch.multinomial(probabilities.flatten(end_dim=1), num_samples=1)
    return codes.reshape(logits.shape[:2])
