"""What is looked at while a run is young: its values, and whether training moves the model."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, final

import torch
from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.contracts import InT, OutT
from artifact_torch.errors import LossError
from artifact_torch.stepping.loss import described_batch

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions, ValueChecker

    _Checks: TypeAlias = dict[type, tuple[str, ValueChecker]]

N_CHECKED: Final = 3

# a warm-up may begin with two epochs at a learning rate of 0, and a float16 loss scale of 65,536
# is halved to 1 in 16 skipped updates
N_EPOCHS: Final = 3
N_UPDATES: Final = 20

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
        for _, part, contract in opened(places):
            name = type(part).__name__
            of_model = isinstance(part, nn.Module)  # named rather than the step around it
            takes, gives = model_types(part) if of_model else declared_types(part, contract)
            if takes is not None and (of_model or takes not in self._batches):
                self._batches[takes] = f"batch for {name}", ValueChecker(takes)
            if gives is not None and (of_model or gives not in self._outputs):
                self._outputs[gives] = f"output of {name}", ValueChecker(gives)

    def called(self, function: Callable[[InT], OutT], batch: InT) -> OutT:
        """What `function` makes of the batch, both looked at.

        Raises `DataError` naming the key, what was got and what is declared.
        """
        sizes = dict(self._fixed)
        for where, checker in self._batches.values():
            checker.require(batch, where, sizes)
        output = function(batch)
        for where, checker in self._outputs.values():
            checker.require(output, where, sizes)
        unnamed = self._fixed_names - sizes.keys()
        if unnamed:
            _logger.warning(
                "fixed_dimensions: %s is in no annotation of the first batch and output, so it "
                "is not looked at; the names there are %s",
                sorted(unnamed),
                sorted(sizes),
            )
            self._fixed_names -= unnamed
        self._fixed.update({k: v for k, v in sizes.items() if k in self._fixed_names})
        return output


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
        self._declared = self._declared or self._declare()
        output = self._declared.called(self._function, batch)
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
