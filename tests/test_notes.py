"""Where an error came from."""

from collections.abc import Sequence

import pytest

from artifact_torch.contracts import Moment
from artifact_torch.errors import note_part


class Broken:
    def on_batch(self, step: int) -> None:
        raise ValueError(step)


class Whole:
    def on_batch(self, step: int) -> None: ...


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def called(parts: Sequence[Whole | Broken], step: int) -> None:
    """The loop of whoever calls parts."""
    part: object = None
    try:
        for part in parts:
            part.on_batch(step)
    except Exception as error:
        note_part(error, part, "on_batch", Moment(epoch=0, step=step, ends_epoch=False))
        raise


def test_the_part_that_raised_is_named() -> None:
    with pytest.raises(ValueError, match="3") as caught:
        called([Whole(), Broken(), Whole()], 3)
    assert notes(caught.value) == ["in Broken.on_batch, at step 3"]


def test_a_note_is_there_once_and_needs_no_place() -> None:
    error = ValueError()
    for _ in range(2):
        note_part(error, Broken(), "on_end")
    note_part(error, Broken(), "on_moment", Moment(epoch=2, step=8))
    assert notes(error) == ["in Broken.on_end", "in Broken.on_moment, at epoch 2"]
