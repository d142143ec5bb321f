"""What the hooks of one watch have seen since it was last asked."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar, final

import torch
from torch import Tensor

from artifact_torch.contracts import Failure, Result, ResultKind, Summary
from artifact_torch.errors import ValidationError
from artifact_torch.internal.agreement import Raised, raised_here
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.draws import KeptDraws, is_ours
from artifact_torch.internal.merging import as_merged, merging_problems
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

R = TypeVar("R")


@final
@dataclass(frozen=True)
class SeenThrough:
    """On one process."""

    states: Sequence[object]
    """What its summary says: one, or none where nothing was seen."""
    error: Raised | None


@final
class Window(Generic[R]):
    """Tensors go in one by one; one result comes out, or why there is none.

    What raises in a summary, which runs within the training's own forward and backward pass, is
    kept until the result is asked for: a look never ends an update.
    """

    def __init__(self, name: str, summary: Callable[[], Summary[R]], what: str) -> None:
        refuse(_problems(summary, what))
        self._make, self._name = summary, name
        made = summary()
        self.kind: ResultKind = made.kind
        self._draws: AbstractContextManager[object] = (
            nullcontext() if is_ours(made) else KeptDraws()
        )
        self.forget()

    def forget(self) -> None:
        self._summary: Summary[R] | None = None
        self._error: Exception | None = None
        self._reasons: Sequence[str] = ()
        self.is_open: bool = False

    def open(self, reasons: Sequence[str]) -> None:
        """From here on something is to be seen; `reasons` say where it cannot be.

        What an interrupted update or epoch has left is forgotten.
        """
        self.forget()
        self.is_open, self._reasons = True, reasons

    def see(self, place: str, value: object) -> None:
        """Every floating-point tensor in the output of a module."""
        for name, tensor in tensors_in(value, place):
            self.see_one(name, tensor)

    def see_one(self, place: str, tensor: Tensor) -> None:
        if self._error is not None:
            return
        try:
            with (
                torch.no_grad(),
                self._draws,
            ):  # anybody's may draw, in the middle of a forward pass
                if self._summary is None:
                    self._summary = self._make()
                self._summary.add(place, _plain(tensor.detach()))
        except Exception as error:  # noqa: BLE001  (a summary is anybody's)
            self._error = error

    @property
    def cannot_be_shared(self) -> Sequence[str]:
        """Where its summary cannot be told what its like have seen on other processes."""
        return merging_problems(self._make())

    def seen(self) -> SeenThrough:
        """For the other processes."""
        merged = None if self._summary is None else as_merged(self._summary)
        error = self._error
        return SeenThrough(
            states=[] if merged is None or error is not None else [merged.seen()],
            error=None if error is None else raised_here(error),
        )

    def merge(self, seen: Sequence[SeenThrough]) -> None:
        """What all have seen, or what one of them raised, in place of its own."""
        errors = [each.error for each in seen if each.error is not None]
        self._error = (self._error or errors[0].as_error()) if errors else None
        states = [state for each in seen for state in each.states]
        self._summary = self._make() if states else None
        if (merged := as_merged(self._summary)) is not None:
            merged.merge(states)

    def results(self, expected: str) -> Sequence[Result | Failure]:
        """The result, or a failure with its reason; nothing where nothing was to be seen."""
        if not self.is_open:
            return []
        try:
            return [Result(self.kind, self._name, self._taken(expected))]
        except Exception as error:  # noqa: BLE001  (a summary is anybody's)
            return [Failure(self.kind, self._name, str(error) or type(error).__name__)]

    def result(self, expected: str) -> R:
        """The result. Raises `ValidationError` where nothing was seen, or why not."""
        try:
            return self._taken(expected)
        except ValidationError as error:
            raise ValidationError(f'callback "{self._name}": {error}') from error

    def _taken(self, expected: str) -> R:
        summary, error, reasons = self._summary, self._error, self._reasons
        self.forget()
        if error is not None:
            raise ValidationError(
                f"the summary failed with {type(error).__name__}: {error}"
            ) from error
        if reasons:
            raise ValidationError("; ".join(reasons))
        if summary is None:
            raise ValidationError(f"saw nothing; {expected}")
        return summary.result()


def _problems(summary: object, what: str) -> list[str]:
    must = f"{what}: summary must be what makes a summary when called, such as Mean"
    if not isinstance(summary, type) and _is_summary(summary):
        return [f"{must}, got a summary itself, {shown(summary)}; leave out its ()"]
    if not callable(summary):
        return [f"{must}, got {shown(summary)}"]
    made: object = summary()
    if not _is_summary(made):
        return [f"{must}, got {shown(made)} from it"]
    return []


def _is_summary(value: object) -> bool:
    return isinstance(value, Summary) and value.kind in [*ResultKind]


def tensors_in(value: object, name: str) -> Iterator[tuple[str, Tensor]]:
    """Floating-point tensors, those in a tuple as `name[0]`, those in a dict as `name[key]`."""
    if isinstance(value, Tensor):
        if value.is_floating_point():
            yield name, value
    elif is_mapping(value):
        for key, inner in value.items():
            yield from tensors_in(inner, f"{name}[{key}]")
    elif is_tuple(value) or is_list(value):
        for index, inner in enumerate(value):
            yield from tensors_in(inner, f"{name}[{index}]")


def _plain(tensor: Tensor) -> Tensor:
    """A strided tensor of the same values: of a nested one, its rows one after another."""
    if tensor.is_nested:
        return torch.cat([each.reshape(-1) for each in tensor.unbind()])
    return tensor if tensor.layout == torch.strided else tensor.to_dense()
