"""The values of a run's first steps against the typed dicts that the model declares."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Generic, final

from artifact_torch.contracts import AnyModel, BatchCallback, InT, OutT
from artifact_torch.errors import LossError
from artifact_torch.modules import as_module
from artifact_torch.weights import fingerprint

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions

N_CHECKED_STEPS = 3


@final
class FirstSteps(Generic[InT, OutT]):
    """Checks the first three batches and outputs, key by key; every one with `debug`.

    Dimension names of jaxtyping annotations (`Float[Tensor, "batch features"]`) stand for the same
    size in the input and the output of one step; those in `fixed` over all checked steps. Raises
    `DataError` naming the key, what was got and what the model's `forward` declares. After the
    last checked step it takes itself out of the loop: no step pays for it.
    """

    def __init__(self, model: AnyModel, *, fixed: Sequence[str], debug: bool) -> None:
        from artifact_torch.checking import ValueChecker, model_types

        input_type, output_type = model_types(model)
        self._input = None if input_type is None else ValueChecker(input_type)
        self._output = None if output_type is None else ValueChecker(output_type)
        self._name = type(model).__name__
        self._module = as_module(model)
        self._fixed_names = frozenset(fixed)
        self._fixed: Dimensions = {}
        self._dimensions: Dimensions = {}
        self._debug = debug
        self._before: list[float] = []
        self._moved = False
        self.active = True

    def checked(
        self, batches: Iterable[InT], watchers: list[BatchCallback[InT, OutT]]
    ) -> Iterator[InT]:
        """The same batches; each is checked before it is given out, its output by `on_batch`."""
        if not self._before:
            self._before = fingerprint(self._module)
        watchers.append(self)
        iterator = iter(batches)
        for batch in islice(iterator, None if self._debug else N_CHECKED_STEPS):
            self._dimensions = dict(self._fixed)
            if self._input is not None:
                self._input.require(batch, f"batch for {self._name}", self._dimensions)
            yield batch
        watchers.remove(self)
        yield from iterator

    def on_batch(self, _step: int, _batch: InT, output: OutT, /) -> None:
        """Called by the trainer after an update whose batch was checked."""
        if self._output is not None:
            self._output.require(output, f"output of {self._name}", self._dimensions)
        self._fixed = {k: v for k, v in self._dimensions.items() if k in self._fixed_names}

    def end_epoch(self) -> None:
        """After the first epoch: raise `LossError` if it left every parameter as it was."""
        if not self._moved and fingerprint(self._module) == self._before:
            raise LossError(
                "model: no parameter changed in the first epoch; the training step must update "
                "the model that the trainer was given, with a learning rate above 0"
            )
        self._moved = True
        self.active = self._debug
