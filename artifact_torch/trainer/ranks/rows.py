"""Which rows of a batch a process computes."""

from collections.abc import Iterator

from artifact_torch.contracts import InT, TakesPart


def parts(batches: Iterator[InT], part: TakesPart[InT] | None) -> Iterator[InT]:
    """This process's rows of each; batches that are its own as they are."""
    return batches if part is None else _parts(batches, part)


def _parts(batches: Iterator[InT], part: TakesPart[InT]) -> Iterator[InT]:
    for batch in batches:
        yield part(batch)
