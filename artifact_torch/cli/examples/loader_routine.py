"""Looks at the output of one fixed batch after every epoch."""

from collections.abc import Callable, Sequence
from typing import TypedDict

import torch
from torch import Tensor

from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName


class Points(TypedDict):
    x: Tensor  # [batch, 3]


class Fit(TypedDict):
    loss: Tensor  # []


class OneBatch:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "loss_of_zeros"),)

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return not final

    def run(
        self, forward: Callable[[Points], Fit], device: torch.device, epoch: int
    ) -> ArtifactResults:
        output = forward(Points(x=torch.zeros(1, 3, device=device)))
        return ArtifactResults(scores={"loss_of_zeros": output["loss"].item()})


class WrongOneBatch:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "loss_of_zeros"),)

    def is_due(self, epoch: int) -> bool:
        return True

    def run(self, forward: Callable[[Points], Fit]) -> float:
        return forward(Points(x=torch.zeros(1, 3)))["loss"].item()
