"""The running statistics of norms, which a forward pass moves before anybody knows if it succeeds."""

from typing import Final, final

import torch
from torch import Tensor, nn

from artifact_torch.stepping.update.foreach import copy_

_NORMS: Final = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.SyncBatchNorm,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
)


@final
class RunningStatistics:
    """A copy of them for the update that is under way: small, and one fused copy a batch; nothing
    where a model has none.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._own: list[Tensor] = []
        self._kept: list[Tensor] = []

    def find(self) -> None:
        """Before an epoch: modules may have been put in, or moved."""
        norms = [part for part in self._model.modules() if isinstance(part, _NORMS)]
        self._own = [buffer for norm in norms for buffer in norm.buffers(recurse=False)]
        self._kept = [torch.empty_like(each) for each in self._own]

    def keep(self) -> None:
        """Before the first batch of an update. Does not sync."""
        if self._own:
            copy_(self._kept, self._own)

    def give_back(self) -> None:
        """The update has failed, or is left out."""
        if self._own:
            with torch.no_grad():
                copy_(self._own, self._kept)

    def give_back_where(self, found: Tensor) -> None:
        """Where `found`, `[]`, is not 0. Does not sync."""
        if self._own:
            with torch.no_grad():
                is_found = found.bool()
                for own, kept in zip(self._own, self._kept, strict=True):
                    own.copy_(torch.where(is_found, kept, own))
