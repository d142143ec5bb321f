"""Whether training moves the model, and the modes that its modules train in."""

from typing import Final, final

import torch
from torch import nn

from artifact_torch.errors import LossError

# a warm-up may begin with two epochs at a learning rate of 0, and a float16 loss scale of 65,536
# is halved to 1 in 16 skipped updates
N_EPOCHS: Final = 3
N_UPDATES: Final = 20


@final
class Movement:
    """Notices a model that is not the one that is trained: none of its parameters moves.

    Made before the first epoch of a run. Looks after each epoch until one did, and complains once
    `N_EPOCHS` epochs and `N_UPDATES` updates have moved none. Holds one copy of the parameters on
    the CPU until then, mostly for one epoch. A model without a parameter that requires a gradient
    is left alone: its step may train buffers.
    """

    def __init__(self, module: nn.Module) -> None:
        self._parameters = list(module.parameters())
        trained = any(each.requires_grad for each in self._parameters)
        self._before = (
            [each.detach().to("cpu", copy=True) for each in self._parameters] if trained else None
        )

    def after(self, epoch: int, n_steps: int) -> None:
        """Raise `LossError` if that many epochs and updates since the start moved nothing. Syncs."""
        if self._before is None:
            return
        now = (each.detach().to("cpu") for each in self._parameters)
        if not all(torch.equal(a, b) for a, b in zip(now, self._before, strict=True)):
            self._before = None
        elif epoch >= N_EPOCHS and n_steps >= N_UPDATES:
            raise LossError(
                f"model: no parameter changed in the first {epoch} epochs ({n_steps} updates), "
                "expected some to; the training step updates another model than the trainer's, "
                "its learning rate is 0, or its float16 loss scale skips every update: give the "
                "step the trainer's model, a learning rate above 0, or autocast=torch.bfloat16"
            )


@final
class PreparedModes:
    """The modules that are in evaluation mode when `train()` begins, inside a model that is in
    training mode: they stay so. Those of the build, where the whole model was put in evaluation mode.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._kept: list[nn.Module] = []
        self._look()

    def train(self) -> None:
        """Training mode, by the model's own method."""
        self._look()
        self._module.train()
        for part in self._kept:
            part.training = False

    def _look(self) -> None:
        if self._module.training:
            self._kept = [part for part in self._module.modules() if not part.training]
