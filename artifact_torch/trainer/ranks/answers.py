"""What has come back from beside the training, told to all processes of a run by the first of them."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from artifact_torch.internal.agreement import agreed, by_first, raised_here
from artifact_torch.internal.ranks import ranks
from artifact_torch.routines.results import without_plots
from artifact_torch.validation.elsewhere import Elsewhere, SentRoutine
from artifact_torch.validation.jobs import Answer

_POLL_S: Final = 0.005
_LOOK_S: Final = 0.5
"""So often the processes of a run look up while they wait, for signals."""


def come(
    sent: Sequence[SentRoutine], elsewhere: Elsewhere, is_wanted: Callable[[SentRoutine], bool]
) -> Mapping[int, Answer]:
    """By their positions in `sent`, the answers that the first process has by now. A collective."""
    if not sent:
        return {}
    return by_first(lambda: _come(sent, elsewhere, is_wanted), tell=_for_others)


def pause(sent: Sequence[SentRoutine]) -> None:
    """A little; of several processes the first waits until there is an answer to any, or it is time to
    look up, and the others for it, where they ask it next.
    """
    time.sleep(_POLL_S)
    here, end = ranks(), time.monotonic() + _LOOK_S
    while here.is_first and not here.is_alone and time.monotonic() < end:
        if any(each.sent.answer is not None for each in sent):
            return
        time.sleep(_POLL_S)


def _come(
    sent: Sequence[SentRoutine], elsewhere: Elsewhere, is_wanted: Callable[[SentRoutine], bool]
) -> Mapping[int, Answer]:
    come: dict[int, Answer] = {}
    for at, one in enumerate(sent):
        answer = one.sent.answer
        if answer is None:
            continue
        if is_wanted(one):
            if answer.unable or answer.error is not None:
                answer = elsewhere.here(one, answer)
            for record in answer.logged:
                logging.getLogger(record.name).handle(record)
        come[at] = answer
    return come


def _for_others(come: Mapping[int, Answer]) -> Mapping[int, Answer]:
    """No pictures, and no exceptions of classes that another process may not have."""
    return {
        at: replace(
            answer,
            results=without_plots(answer.results),
            error=answer.error and agreed(raised_here(agreed(answer.error)).as_error()),
            logged=(),
        )
        for at, answer in come.items()
    }
