"""Optimizers that keep two sets of weights."""

from typing import Protocol, final, runtime_checkable


@runtime_checkable
class HasModes(Protocol):
    """An optimizer that keeps two sets of weights, such as a schedule-free one."""

    def train(self) -> object: ...

    def eval(self) -> object: ...


@final
class Modes:
    """Sets the mode of such an optimizer where it is another."""

    def __init__(self, optimizer: HasModes) -> None:
        self._optimizer = optimizer
        self._is_training: bool | None = None

    def train(self) -> None:
        """Before an update."""
        if not self._is_training:
            self._optimizer.train()
            self._is_training = True

    def eval(self) -> None:
        """Before a look at the model."""
        if self._is_training is not False:
            self._optimizer.eval()
            self._is_training = False

    def forget(self) -> None:
        """The state was loaded, and with it another mode."""
        self._is_training = None
