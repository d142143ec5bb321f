"""Drawing integer codes from logits."""

import torch
from torch import Tensor


def sample_codes(logits: Tensor, *, temperature: float = 1.0, sample: bool = True) -> Tensor:
    """A code for each distribution, `[...]` int64, from `[..., codes]`.

    With `sample`, a draw from softmax(logits / temperature) with torch's global generator: a
    temperature below 1 sharpens the distribution, above 1 flattens it. Without, the most likely
    code. A logit of -inf is never chosen. Raises ValueError for logits that are no distribution.
    """
    if not sample:
        return logits.argmax(dim=-1)
    exact = logits if logits.dtype == torch.float64 else logits.float()  # halves sum too coarsely
    levels = torch.rand(logits.shape[:-1], dtype=exact.dtype, device=logits.device)
    return codes_at(exact if temperature == 1.0 else exact / temperature, levels)


def codes_at(logits: Tensor, levels: Tensor) -> Tensor:
    """The code at which softmax(logits), summed from code 0, first exceeds a level: inverse CDF.

    From `[..., codes]` and levels in [0, 1), `[...]`, both float32 or both float64, to `[...]`
    int64. A level is taken as a share of the sum as it was rounded: below 1 it stays below that
    sum, so that the last code that has a probability ends it. Raises ValueError where logits are
    NaN or +inf, or all -inf.
    """
    weights = (logits - logits.amax(dim=-1, keepdim=True)).exp_()  # softmax takes twice the time
    sums = weights.cumsum(dim=-1)
    wanted = levels.unsqueeze(-1) * sums[..., -1:]
    codes = torch.searchsorted(sums, wanted, right=True).squeeze(-1)
    if codes.numel() and int(codes.max()) == logits.shape[-1]:  # a sum that is NaN has no place
        bad = int((codes == logits.shape[-1]).sum())
        raise ValueError(
            f"logits must be finite or -inf, and one of each distribution finite, got {bad} of "
            f"{codes.numel()} distributions with NaN, +inf or -inf alone; "
            "look for the step from which the loss was no longer finite"
        )
    return codes
