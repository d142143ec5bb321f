"""A routine whose results tell the weights, the random numbers and the process they were made in."""

import os
import signal
from collections.abc import Collection, Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import nn

from artifact_torch import steps
from artifact_torch.contracts import ArtifactResults, Every, Moment, ResultKind, ResultName
from artifact_torch.internal.ranks import ranks
from tests.validation.parts import ARRAY, PLOT, SCORE


class Draws:
    """Each three steps; its score "falling" is the lowest at the ninth, and is for those who decide.

    It ends its process once, which `kills` marks, or raises, where it is asked for what nobody decides
    by.
    """

    result_names: Sequence[ResultName] = (
        SCORE,
        (ResultKind.SCORE, "process"),
        (ResultKind.SCORE, "world"),
        (ResultKind.SCORE, "falling"),
        ARRAY,
        PLOT,
    )
    cadences: Sequence[Every] = (steps(3),)

    def __init__(self, *, kills: Path | None = None, raises_at: int = 0) -> None:
        self._kills, self._raises_at = kills, raises_at

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.reaches(self.cadences[0]) else []

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        assert ranks().is_first
        assert not model.training
        if ARRAY in names and moment.step:
            self._fail(moment.step)
        weight = sum(float(each.detach().double().sum()) for each in model.parameters())
        drawn = torch.rand(3).numpy().astype(float)
        values = {
            "weight": weight,
            "process": float(os.getpid()),
            "world": float(os.environ.get("WORLD_SIZE", "0")),
            "falling": abs(moment.step - 10) + drawn[0] / 10,
        }
        return ArtifactResults(
            scores={name: values[name] for kind, name in names if kind is ResultKind.SCORE},
            arrays={"drawn": drawn + weight} if ARRAY in names else {},
            plots={"picture": Figure(figsize=(1, 1))} if PLOT in names else {},
        )

    def _fail(self, step: int) -> None:
        if step == self._raises_at:
            raise OSError("no table")
        if self._kills is not None and not self._kills.exists():
            self._kills.touch()
            os.kill(os.getpid(), signal.SIGKILL)
