"""A network and a loss function, as they are: a model."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import TypedDict, final

from torch import Tensor, nn

from artifact_torch.contracts import Model
from artifact_torch.errors import ConfigurationError, ContractError
from artifact_torch.internal.arguments import shown
from artifact_torch.models.with_forward import with_forward


class Labelled(TypedDict):
    """What `supervised` takes."""

    inputs: Tensor  # [batch, ...]
    target: Tensor  # [batch, ...]


class Predicted(TypedDict):
    """What `supervised` gives."""

    loss: Tensor  # []
    prediction: Tensor  # [batch, ...], what the network returns


def supervised(
    net: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], /
) -> Model[Labelled, Predicted]:
    """`net` trained to make `loss(net(inputs), target)` small:
    `OptimizerStep(supervised(net, nn.CrossEntropyLoss()), optimizer=...)`.

    For keys of one's own, several inputs or terms of a loss, write the function: `with_forward`.
    Weights and their names are those of `net`; class weights of a loss follow it to its device.
    Raises ContractError for what cannot be called, ConfigurationError for a loss with parameters,
    which would not be trained.
    """
    _require_loss(loss)
    moves = isinstance(loss, nn.Module) and next(loss.buffers(), None) is not None
    return with_forward(net, _Called(loss, moves=moves))


def _require_loss(loss: object) -> None:
    if isinstance(loss, type) or not callable(loss):
        advice = f"call it: {loss.__name__}()" if isinstance(loss, type) else "nn.MSELoss() is one"
        raise ContractError(
            f"supervised: loss must be a function of prediction and target, got {shown(loss)}; "
            f"{advice}"
        )
    if isinstance(loss, nn.Module) and next(loss.parameters(), None) is not None:
        raise ConfigurationError(
            f"supervised: loss {type(loss).__name__} has parameters of its own, which would not be "
            "trained; make it a part of a module, with a forward that returns its loss"
        )


@final
@dataclass(frozen=True, eq=False)
class _Called:
    loss: Callable[[Tensor, Tensor], Tensor]
    _: KW_ONLY
    moves: bool

    def __call__(self, net: nn.Module, batch: Labelled) -> Predicted:
        prediction: Tensor = net(batch["inputs"])
        if self.moves and isinstance(self.loss, nn.Module):
            self.loss.to(prediction.device)  # its tensors are few
        return Predicted(loss=self.loss(prediction, batch["target"]), prediction=prediction)
