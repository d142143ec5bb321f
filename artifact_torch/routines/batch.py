"""Callbacks on the batches of the training itself."""

from collections.abc import Sequence
from typing import Generic, final

from artifact_torch.contracts import BatchCallback, InT, OutT
from artifact_torch.parts import Place, check_contracts
from artifact_torch.randomness import kept_torch_rng


@final
class BatchRoutine(Generic[InT, OutT]):
    """Runs `callbacks` after each update, in order; itself a batch callback.

    What a callback draws from torch's random generators is given back, so that no callback changes
    the training (D14); this costs about 10 microseconds a batch.
    """

    def __init__(self, callbacks: Sequence[BatchCallback[InT, OutT]]) -> None:
        self._callbacks = tuple(callbacks)
        check_contracts(*self.places)

    @property
    def places(self) -> Sequence[Place]:
        """Its callbacks, which have to agree with the trainer's model and batches."""
        return [("callbacks", each, BatchCallback[InT, OutT]) for each in self._callbacks]

    def on_batch(self, step: int, batch: InT, output: OutT, /) -> None:
        """Called by the trainer."""
        with kept_torch_rng(output["loss"].device):
            for callback in self._callbacks:
                callback.on_batch(step, batch, output)
