"""Copies of a model's weights, which later updates cannot change."""

from collections.abc import Mapping
from typing import final

from torch import Tensor, nn

from artifact_torch.narrowing import is_state_dict
from artifact_torch.state import read_int


def copied(module: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers, cloned to the CPU."""
    state: Mapping[str, object] = module.state_dict()
    return {
        name: value.detach().to("cpu", copy=True)
        for name, value in state.items()
        if isinstance(value, Tensor)
    }


@final
class BestWeights:
    """The weights after the best epoch so far."""

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.weights: dict[str, Tensor] | None = None

    def keep(self, epoch: int, module: nn.Module) -> None:
        """Copy the weights as they are now."""
        self.epoch, self.weights = epoch, copied(module)

    def state_dict(self) -> Mapping[str, object]:
        """Epoch and weights, or nothing."""
        return {} if self.epoch is None else {"epoch": self.epoch, "weights": self.weights}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Continue from `state_dict`."""
        weights = state_dict.get("weights")
        if is_state_dict(weights):
            self.epoch = read_int(state_dict, "epoch")
            self.weights = {name: w for name, w in weights.items() if isinstance(w, Tensor)}


def fingerprint(module: nn.Module) -> list[float]:
    """A number per parameter that any update changes. Syncs."""
    return [parameter.detach().double().sum().item() for parameter in module.parameters()]
