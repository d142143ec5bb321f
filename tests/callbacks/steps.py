"""A training step that does nothing, for callbacks that are asked directly."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from artifact_torch.contracts import Moment
from tests.toys import Fit, Points


class Still:
    """A step around a module: what it tells is what it was given."""

    def __init__(self, model: nn.Module, device: str = "cpu") -> None:
        self.model = model
        self.device = torch.device(device)
        self.n_steps = 0

    def update(self, batch: Points) -> Fit:
        raise NotImplementedError

    def evaluate(self, batch: Points) -> Fit:
        raise NotImplementedError

    def end_epoch(self) -> None:
        raise NotImplementedError

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None:
        raise NotImplementedError

    def state_dict(self) -> Mapping[str, object]:
        raise NotImplementedError

    def load_state_dict(self, state_dict: dict[str, object]) -> None:
        raise NotImplementedError


class Telling(Still):
    """One that tells its rates and the norm of its gradients."""

    def __init__(
        self, model: nn.Module, rates: Mapping[str, float], gradient_norm: Tensor | None = None
    ) -> None:
        super().__init__(model)
        self.learning_rates = rates
        self.gradient_norm = gradient_norm


def at(
    *,
    epoch: int = 1,
    step: int = 10,
    seconds: float = 0.0,
    ends_epoch: bool = True,
    is_rehearsal: bool = False,
) -> Moment:
    return Moment(
        epoch=epoch, step=step, seconds=seconds, ends_epoch=ends_epoch, is_rehearsal=is_rehearsal
    )
