"""Whether training moves the model at all."""

from typing import Final, final

from torch import Tensor, nn

from artifact_torch.errors import LossError
from artifact_torch.trainer.weights import parameters_equal

# a warm-up may begin with two epochs at a learning rate of 0, and a float16 loss scale of 65,536
# is halved to 1 in 16 skipped updates
N_EPOCHS: Final = 3
N_UPDATES: Final = 20


@final
class Movement:
    """Notices a model that is not the one that is trained: none of its parameters moves.

    Looks after each epoch until one did, and complains once `N_EPOCHS` epochs and `N_UPDATES`
    updates have moved none. Holds one copy of the parameters on the CPU until then, mostly for one
    epoch. A model without a parameter that requires a gradient is left alone: its step may train
    buffers.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._before: list[Tensor] | None = None

    def start(self) -> None:
        """Before the first epoch of a run."""
        parameters = list(self._module.parameters())
        self._before = None
        if any(p.requires_grad for p in parameters):
            self._before = [p.detach().to("cpu", copy=True) for p in parameters]

    def after(self, epoch: int, n_steps: int) -> None:
        """Raise `LossError` if that many epochs and updates since the start moved nothing."""
        if self._before is None:
            return
        if not parameters_equal(self._module, self._before):
            self._before = None
        elif epoch >= N_EPOCHS and n_steps >= N_UPDATES:
            raise LossError(
                f"model: no parameter changed in the first {epoch} epochs ({n_steps} updates), "
                "expected some to; the training step updates another model than the trainer's, "
                "its learning rate is 0, or its float16 loss scale skips every update: give the "
                "step the trainer's model, a learning rate above 0, or autocast=torch.bfloat16"
            )
