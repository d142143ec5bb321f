"""A metric that others wrote, and what it is fed with: by one process, or by all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Generic, TypeAlias, TypeVar, final

import torch
from torch import Tensor, nn

from artifact_torch.callbacks.scores.merging import Metric, alone, merging_of
from artifact_torch.callbacks.scores.reading import Reading
from artifact_torch.data import to_device
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.ranks import ranks

Value_co = TypeVar("Value_co", covariant=True)
Given: TypeAlias = tuple[object, ...]
"""What an `update` takes."""

_CPU: Final = torch.device("cpu")


@final
@dataclass(frozen=True)
class SeenByMetric:
    """On one process, on the CPU: what its metric says, or else all that it would have been fed with."""

    state: object
    given: Sequence[Given | None]
    """By batch; None of one of which it had no row."""


@final
class Fed(Generic[Value_co]):
    """One pass after another. Of several processes each feeds its metric with its own rows where their
    states can be joined; else all that a pass gives is kept, and fed to the first one's.
    """

    def __init__(self, reading: Reading, metric: Metric[Value_co]) -> None:
        members = ("reset", "update", "compute")
        missing = [each for each in members if not callable(getattr(metric, each, None))]
        if missing or isinstance(metric, type):
            remedy = (
                "make one: call the class" if isinstance(metric, type) else f"it lacks {missing}"
            )
            refuse([f"metric must be an object with {members}, got {shown(metric)}; {remedy}"])
        self.reading = reading
        self._metric = metric
        self._merging = merging_of(metric)
        self._keeps = self._is_placed = False
        self._given: list[Given | None] = []

    def start(self) -> None:
        self._metric.reset()
        self._is_placed = False
        self._given = []
        self._keeps = not ranks().is_alone and self._merging is None
        if not ranks().is_alone:
            alone(self._metric)

    def update(self, batch: object, output: object) -> None:
        given = self.reading.given(batch, output)
        if self._keeps:
            self._given.append(tuple(_detached(each) for each in given))
        else:
            self._feed(given)

    def sees_no_row(self) -> None:
        """A batch of which this process has no row."""
        if self._keeps:
            self._given.append(None)

    def seen(self) -> SeenByMetric:
        """Copies to the CPU."""
        if self._merging is not None:
            return SeenByMetric(self._merging.seen(), [])
        return SeenByMetric(None, to_device(self._given, _CPU))

    def merge(self, seen: Sequence[SeenByMetric]) -> None:
        """What was given batch by batch, in each rank by rank: the order in which one process sees it.
        The first computes, so that the others need not hold it.
        """
        if self._merging is not None:
            self._merging.merge([each.state for each in seen])
        else:
            is_first = ranks().is_first
            self._given = [*_in_order([each.given for each in seen])] if is_first else []

    def computed(self) -> Value_co:
        """What the metric makes of the pass."""
        given, self._given = self._given, []
        for each in given:
            if each is not None:
                self._feed(each)
        return self._metric.compute()

    def _feed(self, given: Given) -> None:
        first = next((each for each in given if isinstance(each, Tensor)), None)
        if not self._is_placed and first is not None and isinstance(self._metric, nn.Module):
            self._metric.to(first.device)
            self._is_placed = True
        self._metric.update(*given)


def _detached(value: object) -> object:
    return value.detach() if isinstance(value, Tensor) else value


def _in_order(seen: Sequence[Sequence[Given | None]]) -> Iterator[Given]:
    for batch in zip_longest(*seen):
        if parts := [part for part in batch if part is not None]:
            yield from _whole(parts)


def _whole(parts: Sequence[Given]) -> Sequence[Given]:
    """One `update`, where each part is tensors of so many rows; else one for each part."""
    columns = [
        [each for each in column if isinstance(each, Tensor)]
        for column in zip(*parts, strict=False)
    ]
    are_rows = (
        all(len(part) == len(columns) for part in parts)
        and all(len(column) == len(parts) for column in columns)
        and all(_rows_of(part) for part in parts)
        and all(len({(each.shape[1:], each.dtype) for each in column}) == 1 for column in columns)
    )
    return [tuple(torch.cat(column) for column in columns)] if are_rows else parts


def _rows_of(part: Given) -> bool:
    """Whether all of its tensors have the same number of rows."""
    tensors = [each for each in part if isinstance(each, Tensor)]
    return all(each.dim() for each in tensors) and len({len(each) for each in tensors}) == 1
