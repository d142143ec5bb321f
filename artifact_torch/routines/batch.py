"""Callbacks on the batches of the training itself."""

from collections.abc import Sequence
from typing import Generic, final

from artifact_torch.checking.places import Place
from artifact_torch.contracts import BatchCallback, StepCallback
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra
from artifact_torch.internal.arguments import listed, refuse


@final
class BatchRoutine(Generic[SeenIn_contra, SeenOut_contra]):
    """Runs `callbacks` after each update, in order; itself a batch callback."""

    def __init__(self, callbacks: Sequence[BatchCallback[SeenIn_contra, SeenOut_contra]]) -> None:
        problems = listed("BatchRoutine: callbacks", callbacks)
        problems += [
            f"BatchRoutine: {type(each).__name__} has moments of its own, at which nobody would ask "
            "it here; hand it to the trainer: callbacks=[...]"
            for each in (callbacks if not problems else ())
            if isinstance(each, StepCallback) and not isinstance(each, type)
        ]
        refuse(problems)
        self._callbacks = tuple(callbacks)

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its callbacks, which have to agree with the trainer's model and batches."""
        return [
            ("callbacks", each, BatchCallback[SeenIn_contra, SeenOut_contra])
            for each in self._callbacks
        ]

    def on_batch(self, step: int, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        for callback in self._callbacks:
            callback.on_batch(step, batch, output)
