"""The values of a run's first steps against the typed dicts that its parts declare."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeAlias, final

from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.contracts import InT, OutT
from artifact_torch.steps.loss import described_batch

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions, ValueChecker

    _Checks: TypeAlias = dict[type, tuple[str, ValueChecker]]

N_CHECKED = 3

_logger = logging.getLogger(__name__)


@final
class Declared:
    """What the parts in `places` declare about batches and outputs.

    Dimension names of jaxtyping annotations (`Float[Tensor, "batch features"]`) stand for the same
    size in the batch and the output of one step, those in `fixed` in all that share `sizes`; a
    name that is found nowhere is told once, and leaves `fixed`.
    """

    def __init__(self, places: Sequence[Place], *, fixed: set[str], sizes: "Dimensions") -> None:
        from artifact_torch.checking.model_io import declared_types, model_types
        from artifact_torch.checking.values.values import ValueChecker

        self._batches: _Checks = {}
        self._outputs: _Checks = {}
        self._fixed_names = fixed
        self._fixed = sizes
        self._dimensions: Dimensions = {}
        for _, part, contract in opened(places):
            name = type(part).__name__
            of_model = isinstance(part, nn.Module)  # named rather than the step around it
            takes, gives = model_types(part) if of_model else declared_types(part, contract)
            if takes is not None and (of_model or takes not in self._batches):
                self._batches[takes] = f"batch for {name}", ValueChecker(takes)
            if gives is not None and (of_model or gives not in self._outputs):
                self._outputs[gives] = f"output of {name}", ValueChecker(gives)

    def check_batch(self, batch: object) -> None:
        """Raises `DataError` naming the key, what was got and what is declared."""
        self._dimensions = dict(self._fixed)
        for where, checker in self._batches.values():
            checker.require(batch, where, self._dimensions)

    def check_output(self, output: object) -> None:
        """As `check_batch`, for what the model made of that batch."""
        for where, checker in self._outputs.values():
            checker.require(output, where, self._dimensions)
        unnamed = self._fixed_names - self._dimensions.keys()
        if unnamed:
            _logger.warning(
                "fixed_dimensions: %s is in no annotation of the first batch and output, so it "
                "is not looked at; the names there are %s",
                sorted(unnamed),
                sorted(self._dimensions),
            )
            self._fixed_names -= unnamed
        self._fixed.update({k: v for k, v in self._dimensions.items() if k in self._fixed_names})


@final
class FirstCalls(Generic[InT, OutT]):
    """`call` is `update` or `evaluate` of a step: checked for the first three batches that it is
    given, for every one with `debug`. After the last it is the bare function: no step pays for it.
    """

    def __init__(
        self, function: Callable[[InT], OutT], declare: Callable[[], Declared], *, debug: bool
    ) -> None:
        self._function = function
        self._declare = declare
        self._declared: Declared | None = None
        self._left = sys.maxsize if debug else N_CHECKED
        self.call: Callable[[InT], OutT] = self._checked

    def _checked(self, batch: InT, /) -> OutT:
        if self._left == 0:  # whoever kept `call` over a whole pass comes here
            return self._function(batch)
        declared = self._declared = self._declared or self._declare()
        declared.check_batch(batch)
        output = self._function(batch)
        declared.check_output(output)
        self._left -= 1
        if self._left == 0:
            self.call = self._function
        return output


def noting(function: Callable[[InT], OutT], where: str) -> Callable[[InT], OutT]:
    """`function`, whose errors then also say of which batch, as those of the training do."""

    def call(batch: InT, /) -> OutT:
        try:
            return function(batch)
        except Exception as error:
            error.add_note(f"{where}: {described_batch(batch)}")
            raise

    return call
