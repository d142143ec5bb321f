"""A step that is parallel by torch's own means, and takes its rows of a batch that all have."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import final

import torch
from torch import nn, optim

from artifact_torch import OptimizerStep
from artifact_torch.contracts import Moment
from artifact_torch.internal.ranks import ranks
from tests.toys import Fit, Points

SGD = partial(optim.SGD, lr=0.05)


class Line(nn.Module):
    """Without dropout: the ranks draw their own."""

    def __init__(self) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))

    def forward(self, points: Points) -> Fit:
        residual: torch.Tensor = self.layers(points["x"]) - points["y"]
        return Fit(loss=residual.square().mean(), residual=residual)


@final
class Part:
    """Contiguous rows, as many on all ranks as it divides."""

    is_spare: bool = False

    def __call__(self, batch: Points) -> Points:
        here, n = ranks(), len(batch["y"])
        share = -(-n // here.size)
        start, stop = min(here.rank * share, n), min((here.rank + 1) * share, n)
        self.is_spare = start == stop
        rows = slice(0, 1) if self.is_spare else slice(start, stop)
        return Points(x=batch["x"][rows], y=batch["y"][rows])


@final
class Together:
    """`OptimizerStep` of a model that `replicate` made parallel, over parts of each batch. For batches
    that divide: it weighs no part.
    """

    def __init__(
        self,
        model: Line,
        *,
        schedule: Callable[[optim.SGD], object] | None = None,
        before: Callable[[int, Points], object] = lambda _step, _batch: None,
    ) -> None:
        if not ranks().is_alone:
            replicate: Callable[[nn.Module], object] = vars(
                __import__("torch.distributed._composable", fromlist=["replicate"])
            )["replicate"]
            replicate(model)
        self._step = OptimizerStep(model, optimizer=SGD, device="cpu", schedule=schedule)
        self._before = before
        self.model: nn.Module = model
        self.device: torch.device = torch.device("cpu")
        self.part: Part | None = None if ranks().is_alone else Part()

    @property
    def n_steps(self) -> int:
        return self._step.n_steps

    @property
    def monitored(self) -> object:
        return self._step.monitored

    @property
    def learning_rates(self) -> Mapping[str, float]:
        return self._step.learning_rates

    def update(self, batch: Points) -> Fit:
        self._before(self.n_steps + 1, batch)
        return self._step.update(batch)

    def evaluate(self, batch: Points) -> Fit:
        return self._step.evaluate(batch)

    def end_epoch(self) -> None:
        self._step.end_epoch()

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        self._step.after_scores(scores, moment)

    def state_dict(self) -> Mapping[str, object]:
        return self._step.state_dict()

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        self._step.load_state_dict(state_dict)
