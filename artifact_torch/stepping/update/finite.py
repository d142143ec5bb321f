"""Numbers that are not finite, noticed without waiting for an accelerator."""

import math
from collections.abc import Iterable, Sequence
from typing import final

import torch
from torch import Tensor

from artifact_torch.errors import LossError


@final
class FiniteWatch:
    """Sees one number after the other: on the CPU it looks at once, else when it is asked."""

    def __init__(self) -> None:
        self._sum: Tensor | float = 0.0

    def sees(self, value: Tensor) -> bool:
        """Whether a number, `[]`, is finite; True where that is not known without a sync."""
        if value.device.type == "cpu":
            return math.isfinite(value.item())
        # one kernel: once NaN or infinite, the sum stays so; float32 holds what float16 could not
        self._sum = self._sum + value.detach().float()
        return True

    def all_finite(self) -> bool:
        """Whether all that was seen since the last time was. Syncs."""
        total, self._sum = self._sum, 0.0
        return math.isfinite(total)


def is_finite_sum(tensors: Sequence[Tensor]) -> bool:
    """Whether a few dense tensors on the CPU are finite, by one sum each: half of what a norm of
    all costs. False also where it was not looked at, or where a sum overflows.
    """
    if len(tensors) > _FEW or tensors[0].device.type != "cpu":
        return False
    return all(
        each.layout is torch.strided and math.isfinite(each.sum().item()) for each in tensors
    )


def gradient_not_finite(where: str, named: Iterable[tuple[str, Tensor]]) -> LossError:
    """The error for a gradient of NaN or infinity under a finite loss, with its names. Syncs."""
    bad = [n for n, tensor in named if tensor.grad is not None and not _is_finite(tensor.grad)]
    more = f" and {len(bad) - _N_SHOWN} more" if len(bad) > _N_SHOWN else ""
    which = f"that of {', '.join(bad[:_N_SHOWN])}{more} is not finite" if bad else "not finite"
    return LossError(
        f"gradient: {which} {where}, though the loss is; look for sqrt, log, norm or division at 0 "
        "in forward (add a small number inside), or lower the learning rate"
    )


def parameters_not_finite(named: Iterable[tuple[str, Tensor]]) -> list[str]:
    """The names of those that are trained and hold NaN or infinity; a frozen one may. Syncs."""
    trained = [(name, tensor) for name, tensor in named if tensor.requires_grad]
    return [name for name, tensor in trained if not _is_finite(tensor.detach())]


def _is_finite(tensor: Tensor) -> bool:
    values = tensor.coalesce().values() if tensor.layout is torch.sparse_coo else tensor
    # a sum is ten times as fast as isfinite; only one that overflows needs the second look
    return math.isfinite(values.sum().item()) or bool(torch.isfinite(values).all())


_N_SHOWN = 8
_FEW = 16
