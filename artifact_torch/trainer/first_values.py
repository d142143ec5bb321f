"""The values of a run's first steps against the typed dicts that its parts declare."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeAlias, final

from artifact_torch.checking.places import Place, opened
from artifact_torch.contracts import AnyModel, BatchCallback, InT, LoaderRoutine, Model, OutT
from artifact_torch.internal.modules import as_forward

if TYPE_CHECKING:
    from artifact_torch.checking import Dimensions, ValueChecker

    _Checks: TypeAlias = dict[type, tuple[str, ValueChecker]]

N_CHECKED_STEPS = 3


@final
class Declared:
    """What a model, and the parts beside it, declare about batches and outputs.

    `written` are the trainer's type arguments, for a `forward` that declares nothing. Dimension
    names of jaxtyping annotations (`Float[Tensor, "batch features"]`) stand for the same size in
    the batch and the output of one step, those in `fixed` in all that share `sizes`.
    """

    def __init__(
        self,
        model: AnyModel,
        places: Sequence[Place],
        *,
        written: tuple[type | None, type | None] = (None, None),
        fixed: Collection[str] = (),
        sizes: "Dimensions | None" = None,
    ) -> None:
        from artifact_torch.checking.model_io import declared_types, model_types

        self._batches: _Checks = {}
        self._outputs: _Checks = {}
        self._fixed_names = frozenset(fixed)
        self._fixed: Dimensions = {} if sizes is None else sizes
        self._dimensions: Dimensions = {}
        name = type(model).__name__
        takes, gives = model_types(model)
        _add(self._batches, takes or written[0], f"batch for {name}")
        _add(self._outputs, gives or written[1], f"output of {name}")
        for _, part, contract in opened(places):
            takes, gives = declared_types(part, contract)
            _add(self._batches, takes, f"batch for {type(part).__name__}")
            _add(self._outputs, gives, f"output for {type(part).__name__}")

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


def _add(checks: "_Checks", hint: type | None, where: str) -> None:
    from artifact_torch.checking import ValueChecker

    if hint is not None and hint not in checks:
        checks[hint] = where, ValueChecker(hint)


@final
class FirstValues(Generic[InT, OutT]):
    """The checks of all first values of a run: of the training and of each loader routine."""

    def __init__(
        self,
        model: Model[InT, OutT],
        *,
        places: Sequence[Place],
        loader_routines: Sequence[LoaderRoutine[InT, OutT]],
        fixed: Sequence[str],
        debug: bool,
    ) -> None:
        self._model = model
        self._places = places
        self._routines = tuple(loader_routines)
        self._fixed = fixed
        self._debug = debug
        self._steps: FirstSteps[InT, OutT] | None = None
        self._passes: list[FirstPass[InT, OutT]] = []

    def begin(self, written: Sequence[object]) -> None:
        """Before the first epoch; `written` are the trainer's type arguments, if it has any."""
        from artifact_torch.checking.model_io import typed_dicts

        if self._steps is not None:
            return
        sizes: Dimensions = {}
        declare = partial(
            Declared,
            self._model,
            written=typed_dicts(*written),
            fixed=self._fixed,
            sizes=sizes,
        )
        self._steps = FirstSteps[InT, OutT](declare(self._places), debug=self._debug)
        for routine in self._routines:
            seen = declare([("loader_routines", routine, LoaderRoutine[InT, OutT])])
            self._passes.append(FirstPass(as_forward(self._model), seen, debug=self._debug))

    def checked(
        self, batches: Iterable[InT], watchers: list[BatchCallback[InT, OutT]]
    ) -> Iterable[InT]:
        """The batches of one epoch of the training: the same object once nothing is to be checked."""
        if self._steps is None or not self._steps.active:
            return batches
        return self._steps.checked(batches, watchers)

    def forward_for(self, position: int) -> Callable[[InT], OutT]:
        """The model's call for the loader routine at `position`."""
        return self._passes[position].for_pass()


@final
class FirstSteps(Generic[InT, OutT]):
    """Checks the first three batches and outputs of the training; every one with `debug`.

    After the last checked step it takes itself out of the loop: no step pays for it.
    """

    def __init__(self, declared: Declared, *, debug: bool) -> None:
        self._declared = declared
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
            self._declared.check_batch(batch)
            yield batch
        watchers.remove(self)
        yield from iterator

    def on_batch(self, _step: int, _batch: InT, output: OutT, /) -> None:
        """Called by the trainer after an update whose batch was checked."""
        self._left -= 1
        self._declared.check_output(output)


@final
class FirstPass(Generic[InT, OutT]):
    """The model's call for one routine: checked for the first three batches that it is given, in
    however many passes, and for every one with `debug`.
    """

    def __init__(self, forward: Callable[[InT], OutT], declared: Declared, *, debug: bool) -> None:
        self._forward = forward
        self._declared = declared
        self._left = sys.maxsize if debug else N_CHECKED_STEPS

    def for_pass(self) -> Callable[[InT], OutT]:
        """For the next pass: this, or the bare call once nothing is left to check."""
        return self if self._left > 0 else self._forward

    def __call__(self, batch: InT, /) -> OutT:
        if self._left <= 0:
            return self._forward(batch)
        self._left -= 1
        self._declared.check_batch(batch)
        output = self._forward(batch)
        self._declared.check_output(output)
        return output
