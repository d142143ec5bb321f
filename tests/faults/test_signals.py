"""SIGTERM and SIGINT wherever a run is: it is saved, leaves with the status of its signal, and goes on."""

import signal
from functools import partial

import pytest

from artifact_torch.testing.asked import Kill
from artifact_torch.testing.going_on import checkpoints
from artifact_torch.testing.runs import require_same
from tests.faults.compositions import Composition, composed
from tests.faults.conftest import CAUSES_ALL, Leads
from tests.faults.trainers import forty_steps

PLACES = (
    "batch 21",
    "optimizer 11",
    "optimized 12",
    "validation 9",
    "validation batch 7",
    "validated 10",
    "os.mkdir checkpoints/.saving",
    "os.rename checkpoints/.saving",
)


@pytest.mark.parametrize(
    ("by", "kind", "word"),
    [(signal.SIGTERM, "SystemExit", "143"), (signal.SIGINT, "KeyboardInterrupt", "")],
)
def test_a_signal_anywhere_saves_and_the_run_goes_on(
    leads: Leads, by: signal.Signals, kind: str, word: str
) -> None:
    runs = leads(forty_steps)
    runs.begin()
    named = [next(n for n, p in enumerate(runs.places, 1) if p.startswith(each)) for each in PLACES]
    first = runs.places.index("batch 1") + 1
    last = len(runs.places) * 9 // 10

    def trial(at: int) -> None:
        folder, where = runs.new_folder(), f"{by.name} at {runs.places[at - 1]!r} (place {at})"
        (end,) = runs.led(folder, [Kill(at=at, by=by)], first=at)
        assert end.answer is not None, where
        assert (end.how, end.answer.kind) == ("raised", kind), (where, end)
        assert word in (end.answer.error or ""), where
        (after,) = runs.led(folder, [None], first=at + 1)
        require_same(after, "a signal saves", where)
        # the newest checkpoint was of the update in progress: little was done again. Places are
        # counted in each life, since what is saved beside the training comes between others there
        assert after.answer is not None
        both = (*end.answer.places, *after.answer.places)
        n_batches = sum(place.startswith("batch ") for place in both)
        assert 80 <= n_batches <= 82, where

    some = named[::2] if by == signal.SIGTERM else named[1::4]
    all_places = [*named, *range(first, last, 9)]
    runs.all_of(partial(trial, at) for at in (all_places if CAUSES_ALL else some))


@pytest.mark.parametrize("late", ["beside", "a round late"])
def test_sigterm_while_something_is_computed_beside_loses_nothing(leads: Leads, late: str) -> None:
    chosen = Composition(
        save_every=3,
        score_every=2,
        validation="beside" if late == "beside" else "a round late",
    )
    runs = leads(partial(composed, chosen=chosen))
    runs.begin()
    first = runs.places.index("validated 2") + 1

    def trial(at: int) -> None:
        folder, where = runs.new_folder(), f"SIGTERM at {runs.places[at - 1]!r} (place {at})"
        (end,) = runs.led(folder, [Kill(at=at, by=signal.SIGTERM)], first=at)
        assert end.answer is not None, where
        assert (end.how, end.answer.kind) == ("raised", "SystemExit"), (where, end)
        assert "143" in (end.answer.error or ""), where
        assert checkpoints(folder), where
        (after,) = runs.led(folder, [None], first=at + 1)
        require_same(after, "a signal saves", where)

    last = len(runs.places) * 9 // 10
    runs.all_of(partial(trial, at) for at in range(first, last, 5 if CAUSES_ALL else 60))
