"""Which rows of a batch a process computes."""

from collections.abc import Iterator

from artifact_torch.contracts import InT, TakesPart


def parts(batches: Iterator[InT], part: TakesPart[InT]) -> Iterator[InT]:
    """This process's rows of each."""
    for batch in batches:
        yield part(batch)
