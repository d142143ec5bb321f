"""Which rows of a batch a process computes."""

from collections.abc import Iterator
from typing import TypeGuard

from artifact_torch.contracts import InT, OutT, Sharing, TakesPart, TrainingStep


def part_of(step: TrainingStep[InT, OutT]) -> TakesPart[InT] | None:
    """Takes this process's rows of a batch; None where a batch is its own."""
    return step.part if _shares(step) else None


def _shares(step: TrainingStep[InT, OutT]) -> TypeGuard[Sharing[InT]]:
    return isinstance(step, Sharing)


def parts(batches: Iterator[InT], part: TakesPart[InT]) -> Iterator[InT]:
    """This process's rows of each."""
    for batch in batches:
        yield part(batch)
