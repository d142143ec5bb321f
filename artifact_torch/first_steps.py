"""The values of a run's first steps against the typed dicts that the model declares."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Generic, final

from torch import Tensor, nn

from artifact_torch.contracts import AnyModel, BatchCallback, InT, OutT
from artifact_torch.errors import LossError
from artifact_torch.weights import parameters_equal

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
        self._fixed_names = frozenset(fixed)
        self._fixed: Dimensions = {}
        self._dimensions: Dimensions = {}
        self._left = sys.maxsize if debug else N_CHECKED_STEPS

    @property
    def active(self) -> bool:
        """Whether any step is still to be checked."""
        return self._left > 0

    def checked(
        self, batches: Iterable[InT], watchers: list[BatchCallback[InT, OutT]]
    ) -> Iterator[InT]:
        """The same batches; each is checked before it is given out, its output by `on_batch`."""
        watchers.insert(0, self)
        iterator = iter(batches)
        for batch in islice(iterator, self._left):
            self._dimensions = dict(self._fixed)
            if self._input is not None:
                self._input.require(batch, f"batch for {self._name}", self._dimensions)
            yield batch
        watchers.remove(self)
        yield from iterator

    def on_batch(self, _step: int, _batch: InT, output: OutT, /) -> None:
        """Called by the trainer after an update whose batch was checked."""
        self._left -= 1
        if self._output is not None:
            self._output.require(output, f"output of {self._name}", self._dimensions)
        self._fixed = {k: v for k, v in self._dimensions.items() if k in self._fixed_names}


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
