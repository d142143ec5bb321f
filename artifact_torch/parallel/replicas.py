"""Whether a model that each rank has all of is one model still."""

from collections.abc import Callable, Iterator
from math import isclose
from typing import Final

import torch
from torch import Tensor, nn

from artifact_torch.errors import RankError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.ranks import gathered

_TOLERANCE: Final = 1e-3
"""Of a norm: the same update may round otherwise on another kind of device."""
_MOST: Final = 5
"""Parameters that are named."""


def require_alike(model: nn.Module) -> None:
    """Raise `RankError` on all ranks where the norm of a trained parameter is not that of the first
    one: gradients are averaged, weights never are, so that it would stay so. Syncs.
    """
    norms = dict(_norms(model))
    of_ranks = gathered(norms)
    for rank, own in enumerate(of_ranks):
        others = [name for name, norm in of_ranks[0].items() if not _is_like(own.get(name), norm)]
        if others:
            more = f" and {len(others) - _MOST} more" if len(others) > _MOST else ""
            words = (
                f"the model of rank {rank} is another than that of rank 0, in {', '.join(others[:_MOST])}"
                f"{more}; whatever changes it, a callback or a hook, has to do so on every rank alike"
            )
            raise agreed(RankError(words, rank=rank))


def _norms(model: nn.Module) -> Iterator[tuple[str, float]]:
    trained = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
    if trained:
        norms = torch.stack([_norm(each.detach()) for _, each in trained]).cpu()
        for (name, _), norm in zip(trained, norms, strict=True):
            yield name, norm.item()


def _norm(tensor: Tensor) -> Tensor:
    norm: Callable[..., Tensor] = vars(torch.linalg)["vector_norm"]  # untyped
    real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    return norm(real, dtype=torch.float32)


def _is_like(one: float | None, other: float) -> bool:
    return one is not None and isclose(one, other, rel_tol=_TOLERANCE)
