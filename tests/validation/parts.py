"""Routines whose results tell the weights, the random numbers and the process they were made in."""

import logging
import os
import signal
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from artifact_torch.contracts import ArtifactResults, Every, Moment, ResultKind, ResultName

SCORE = (ResultKind.SCORE, "weight")
CHECKED = (ResultKind.SCORE, "checked")
ARRAY = (ResultKind.ARRAY, "drawn")
PLOT = (ResultKind.PLOT, "picture")


class Looks:
    """A score, an array, a plot, each with the weights and with random numbers."""

    def __init__(
        self, every: Every = 1, names: Sequence[ResultName] = (SCORE, ARRAY, PLOT)
    ) -> None:
        self._every = every
        self._names = list(names)
        self.cadences: Sequence[Every] = (every,)

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self._names

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self._names if moment.ends_run or moment.reaches(self._every) else []

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        assert not model.training
        assert not torch.is_grad_enabled()
        weight = sum(float(each.double().sum()) for each in model.parameters())
        drawn = torch.rand(3).numpy().astype(float) + np.random.rand(3) + weight  # noqa: NPY002
        figure = Figure(figsize=(2, 1))
        figure.add_subplot()
        return ArtifactResults(
            scores={name: weight for kind, name in names if kind is ResultKind.SCORE},
            arrays={"drawn": drawn} if ARRAY in names else {},
            plots={"picture": figure} if PLOT in names else {},
        )


class Process(Looks):
    """Its score is the process."""

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        return ArtifactResults(scores={name: float(os.getpid()) for _, name in names})


class Dies(Looks):
    """Ends its process, at every job or at its first."""

    def __init__(self, marks: Path, *, how: str, always: bool = False) -> None:
        super().__init__(names=[SCORE])
        self._marks, self._how, self._always = marks, how, always

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        mark = self._marks / "died"
        if moment.epoch and (self._always or not mark.exists()):
            mark.touch()
            match self._how:
                case "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "exit":
                    os._exit(3)
                case "memory":
                    held = [np.ones(2**24) for _ in range(8)]  # 1 GiB
                    time.sleep(60)
                    del held
                case _:
                    time.sleep(60)
        return super().validate(model, names, moment)


class Raises(Looks):
    """Where it is computed for a second time."""

    def validate(
        self, model: nn.Module, names: Collection[ResultName], moment: Moment
    ) -> ArtifactResults:
        if moment.epoch == 2:
            raise OSError("no table")
        logging.getLogger("artifact_torch.tests").warning("seen at epoch %d", moment.epoch)
        return super().validate(model, names, moment)


class AwkwardError(Exception):
    """Pickles, and cannot be made of that again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")
