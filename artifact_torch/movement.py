"""Whether training moves the model at all."""

from typing import final

from torch import Tensor, nn

from artifact_torch.errors import LossError
from artifact_torch.weights import parameters_equal


@final
class Movement:
    """Notices a model that is not the one that is trained: none of its parameters moves.

    Asked after the second epoch of a run, so that a warm-up may begin with a learning rate of 0.
    Holds one copy of the parameters on the CPU until then.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._before: list[Tensor] | None = None

    def start(self) -> None:
        """Before the first epoch of a run."""
        self._before = [p.detach().to("cpu", copy=True) for p in self._module.parameters()]

    def after(self, epoch: int) -> None:
        """Raise `LossError` if the run's first two epochs moved nothing."""
        if self._before is None or epoch < 2:
            return
        if parameters_equal(self._module, self._before):
            raise LossError(
                "model: no parameter changed in the first two epochs; the training step must "
                "update the model that the trainer was given, with a learning rate above 0"
            )
        self._before = None
