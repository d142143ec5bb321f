"""The values of a run's first steps against the typed dicts that its parts declare."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeAlias, final

from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.contracts import BatchCallback, InT, OutT

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions, ValueChecker

    _Checks: TypeAlias = dict[type, tuple[str, ValueChecker]]

N_CHECKED_STEPS = 3


@final
class Declared:
    """What the parts in `places` declare about batches and outputs.

    Dimension names of jaxtyping annotations (`Float[Tensor, "batch features"]`) stand for the same
    size in the batch and the output of one step, those in `fixed` in all that share `sizes`.
    """

    def __init__(
        self, places: Sequence[Place], *, fixed: Collection[str] = (), sizes: "Dimensions"
    ) -> None:
        from artifact_torch.checking import ValueChecker
        from artifact_torch.checking.model_io import declared_types, model_types

        self._batches: _Checks = {}
        self._outputs: _Checks = {}
        self._fixed_names = frozenset(fixed)
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
        self._fixed.update({k: v for k, v in self._dimensions.items() if k in self._fixed_names})


@final
class FirstSteps(Generic[InT, OutT]):
    """Checks the first three batches and outputs of the training; every one with `debug`.

    After the last checked step it takes itself out of the loop: no step pays for it.
    """

    def __init__(self, declare: Callable[[], Declared], *, debug: bool) -> None:
        self._declare = declare
        self._declared: Declared | None = None
        self._left = sys.maxsize if debug else N_CHECKED_STEPS

    def checked(
        self, batches: Iterable[InT], watchers: list[BatchCallback[InT, OutT]]
    ) -> Iterable[InT]:
        """The batches of one epoch: the same object once nothing is to be checked."""
        return self._checked(batches, watchers) if self._left > 0 else batches

    def _checked(
        self, batches: Iterable[InT], watchers: list[BatchCallback[InT, OutT]]
    ) -> Iterator[InT]:
        declared = self._declared = self._declared or self._declare()
        watchers.insert(0, self)
        iterator = iter(batches)
        for batch in islice(iterator, self._left):
            declared.check_batch(batch)
            yield batch
        watchers.remove(self)
        yield from iterator

    def on_batch(self, _step: int, _batch: InT, output: OutT, /) -> None:
        """Called by the trainer after an update whose batch was checked."""
        self._left -= 1
        if self._declared is not None:
            self._declared.check_output(output)


@final
class FirstPass(Generic[InT, OutT]):
    """The step's evaluation for one routine: checked for the first three batches that it is given,
    in however many passes, and for every one with `debug`.
    """

    def __init__(
        self, evaluate: Callable[[InT], OutT], declare: Callable[[], Declared], *, debug: bool
    ) -> None:
        self._evaluate = evaluate
        self._declare = declare
        self._declared: Declared | None = None
        self._left = sys.maxsize if debug else N_CHECKED_STEPS

    def for_pass(self) -> Callable[[InT], OutT]:
        """For the next pass: this, or the bare evaluation once nothing is left to check."""
        return self if self._left > 0 else self._evaluate

    def __call__(self, batch: InT, /) -> OutT:
        if self._left <= 0:
            return self._evaluate(batch)
        self._left -= 1
        declared = self._declared = self._declared or self._declare()
        declared.check_batch(batch)
        output = self._evaluate(batch)
        declared.check_output(output)
        return output
