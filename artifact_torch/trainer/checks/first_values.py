"""What is looked at while a run is young: its values against what the parts declare."""

import logging
import sys
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeGuard, final

from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.contracts import InT, LoaderRoutine, Moment, OutT, ResultName, TrainingStep
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.ranks import ranks
from artifact_torch.parallel.rows import part_of
from artifact_torch.routines import BoundRoutine, DataLoaderRoutine
from artifact_torch.stepping.update.loss import described_batch

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions, ValueChecker

    _Checks: TypeAlias = dict[type, tuple[str, ValueChecker]]

N_CHECKED: Final = 3

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


@final
class FirstValues(Generic[InT, OutT]):
    """The calls of one step, in training and in validation, with their first values looked at."""

    def __init__(
        self,
        step: TrainingStep[InT, OutT],
        places: Sequence[Place],
        *,
        fixed: set[str],
        debug: bool,
        update: Callable[[InT], OutT] | None = None,
    ) -> None:
        """`update` is called in place of the step's own."""
        self._step = step
        self._place = places[0]
        self._declare = partial(Declared, fixed=fixed, sizes={})
        self._debug = debug
        watching = [place for place in places if place[0] in {"step", "callbacks"}]
        self.of_updates: FirstCalls[InT, OutT] = FirstCalls(
            update or step.update, partial(self._declare, watching), debug=debug
        )

    def bound(self, routine: LoaderRoutine[InT, OutT] | BoundRoutine) -> BoundRoutine:
        """The routine with the step's evaluation."""
        if isinstance(routine, BoundRoutine):
            return routine
        step = self._step
        reading: list[Place] = [self._place, ("routines", routine, LoaderRoutine[InT, OutT])]
        first = FirstCalls[InT, OutT](
            step.evaluate, partial(self._declare, reading), debug=self._debug
        )

        shared = routine if not ranks().is_alone and _can_share(routine) else None
        if shared is not None:
            refuse([f"DataLoaderRoutine: {each}" for each in shared.cannot_be_shared])
        part = part_of(step)

        def run(names: Collection[ResultName], moment: Moment) -> object:
            evaluate = _noting_batch(first.call, f"in validation at {moment}")
            if shared is not None:
                return shared.run_shared(evaluate, part, step.device, names, moment)
            return routine.run(evaluate, step.device, names, moment)

        return BoundRoutine(routine, run, does="run", of=step)


def _can_share(
    routine: LoaderRoutine[InT, OutT],
) -> TypeGuard[DataLoaderRoutine[InT, OutT]]:
    """By several processes; any other routine runs over all rows in each."""
    return isinstance(routine, DataLoaderRoutine)


def _noting_batch(function: Callable[[InT], OutT], where: str) -> Callable[[InT], OutT]:
    """`function`, whose errors then also say of which batch, as those of the training do."""

    def call(batch: InT, /) -> OutT:
        try:
            return function(batch)
        except Exception as error:
            error.add_note(f"{where}: {described_batch(batch)}")
            raise

    return call
