"""Copies of a model's weights, which later updates cannot change."""

import copy
from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from artifact_torch.checkpoints.state import read_int
from artifact_torch.internal.narrowing import is_state_dict


def copied(module: nn.Module) -> dict[str, object]:
    """The state of the module: tensors cloned to the CPU, anything else copied."""
    state: Mapping[str, object] = module.state_dict()
    return {
        name: value.detach().to("cpu", copy=True)
        if isinstance(value, Tensor)
        else copy.deepcopy(value)
        for name, value in state.items()
    }


def parameters_equal(module: nn.Module, before: Sequence[Tensor]) -> bool:
    """Whether every parameter is what it was, bit for bit. Syncs."""
    now = (parameter.detach().to("cpu") for parameter in module.parameters())
    return all(torch.equal(a, b) for a, b in zip(now, before, strict=True))


@final
class BestWeights:
    """The weights after the best epoch so far."""

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.weights: dict[str, object] | None = None

    def keep(self, epoch: int, module: nn.Module) -> None:
        """Copy the weights as they are now."""
        self.epoch, self.weights = epoch, copied(module)

    def state_dict(self) -> Mapping[str, object]:
        """Epoch and weights, or nothing."""
        return {} if self.epoch is None else {"epoch": self.epoch, "weights": self.weights}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Replace what is here by `state_dict`."""
        weights = state_dict.get("weights")
        self.epoch, self.weights = None, None
        if is_state_dict(weights):
            self.epoch, self.weights = read_int(state_dict, "epoch"), weights
