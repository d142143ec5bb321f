"""The values of a run's first batches against the typed dicts that the model declares."""

from collections.abc import Iterable, Iterator
from typing import Generic, final

from artifact_torch.checking import model_types, require_value
from artifact_torch.contracts import AnyModel, InT, ModelInput, ModelOutput
from artifact_torch.errors import LossError
from artifact_torch.modules import as_module
from artifact_torch.weights import fingerprint


@final
class FirstSteps(Generic[InT]):
    """Checks the first batch, and its output, key by key; after that nothing is looked at.

    Raises `DataError` naming the key, what was got and what the model's `forward` declares.
    """

    def __init__(self, model: AnyModel) -> None:
        self._input_type, self._output_type = model_types(model)
        self._name = type(model).__name__
        self._module = as_module(model)
        self._before: list[float] = []

    def checked(self, batches: Iterable[InT]) -> Iterator[InT]:
        """The same batches; the first is checked before it is given out."""
        self._before = fingerprint(self._module)
        iterator = iter(batches)
        for batch in iterator:
            if self._input_type is not None:
                require_value(batch, self._input_type, f"first batch for {self._name}")
            yield batch
            break
        yield from iterator

    def on_batch(self, _step: int, _batch: ModelInput, output: ModelOutput, /) -> None:
        """Called by the trainer in its first epoch."""
        if self._output_type is not None:
            require_value(output, self._output_type, f"first output of {self._name}")
            self._output_type = None

    def require_movement(self) -> None:
        """Raise `LossError` if the first epoch left every parameter as it was."""
        if fingerprint(self._module) == self._before:
            raise LossError(
                "model: no parameter changed in the first epoch; the training step must update "
                "the model that the trainer was given, with a learning rate above 0"
            )
