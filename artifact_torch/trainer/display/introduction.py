"""What a run says of its model before the first batch."""

from collections.abc import Iterator

from torch import nn

from artifact_torch.contracts import InT
from artifact_torch.trainer.display.summary import ModelSummary, summarize_model, summary_of


def introduced(
    model: nn.Module, batches: Iterator[InT], *, is_alone: bool
) -> tuple[ModelSummary, Iterator[InT]]:
    """What `model` is, and what the first of `batches` computes; all of them again. Of several
    processes not that, in which all would have to take part.
    """
    if not is_alone:
        return summarize_model(model), batches
    first = next(batches)
    try:
        summary = summary_of(model, first)
    except Exception:  # noqa: BLE001 what forward raises is raised by the update that comes now
        summary = summarize_model(model)
    return summary, _after([first], batches)


def _after(first: list[InT], rest: Iterator[InT]) -> Iterator[InT]:
    """The first is not kept: it may be large."""
    yield first.pop()
    yield from rest
