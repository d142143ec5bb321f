"""SIGKILL, at every step and everywhere else, once, twice and three times in a row."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from artifact_torch.testing.asked import Kill
from artifact_torch.testing.hosts import Host
from artifact_torch.testing.promises import kept_when_killed
from artifact_torch.testing.runs import Runs, require_same
from tests.faults.compositions import Composition, composed
from tests.faults.conftest import CAUSES_ALL, Leads
from tests.faults.trainers import forty_steps

COMPOSITIONS = st.builds(
    Composition,
    save_every=st.integers(0, 7),
    score_every=st.integers(0, 5),
    accumulate=st.integers(1, 3),
    autocast=st.booleans(),
    schedule=st.sampled_from(["none", "by step", "by epoch", "by score"]),
    average=st.sampled_from(["none", "ema", "swa"]),
    stopper=st.sampled_from(["epochs", "steps", "patience"]),
    loader=st.sampled_from(["own", "own", "torch", "torch with workers", "parquet"]),
    shuffle=st.booleans(),
    is_compiled=st.sampled_from([False, False, False, True]),
    n_optimizers=st.sampled_from([1, 2]),
    compiles=st.sampled_from(["model", "step"]),
    is_fused=st.booleans(),
    is_prefetched=st.booleans(),
    validation=st.sampled_from(["inline", "beside", "a round late"]),
)

NEWER = (
    Composition(save_every=3, score_every=2, validation="beside", is_prefetched=True),
    Composition(
        save_every=2,
        score_every=3,
        validation="a round late",
        stopper="patience",
        loader="parquet",
        is_fused=True,
    ),
    Composition(save_every=3, score_every=0, is_compiled=True, compiles="step", average="ema"),
)
"""Each of which is killed, whatever hypothesis chooses."""


def test_a_run_of_forty_steps_is_killed_everywhere_and_ends_the_same(leads: Leads) -> None:
    runs = leads(forty_steps)
    runs.begin()
    kinds = Counter(place.partition(" ")[0] for place in runs.places)
    assert kinds["optimizer"] == kinds["optimized"] == 40
    assert kinds["batch"] == 80  # two make an update
    assert kinds["validation"] >= 20
    saves = [place for place in runs.places if place.startswith("os.rename checkpoints/.saving")]
    assert len(saves) == 14  # each third step, and the last
    # all: each batch, update, validation, rename; of 130 and more writes and syncs every second
    kept_when_killed(runs, 80 * (len(kinds) + 1) if CAUSES_ALL else 8, 1 if CAUSES_ALL else 2)


@pytest.mark.parametrize("n_in_a_row", [2, 3])
def test_a_run_is_killed_again_each_time_it_goes_on(leads: Leads, n_in_a_row: int) -> None:
    runs = leads(forty_steps)
    runs.begin()
    updates = [n for n, place in enumerate(runs.places, start=1) if place.startswith("optimized")]

    def trial(first: int) -> None:
        # each life lasts long enough to save once, and not to the end
        later = [Kill(at=40 + 7 * n) for n in range(n_in_a_row - 1)]
        ends = runs.led(runs.new_folder(), [Kill(at=first), *later, None], first=first)
        require_same(ends[-1], "again", f"killed {n_in_a_row} times, first at place {first}")

    runs.all_of(partial(trial, first) for first in (updates if CAUSES_ALL else updates[4::18]))


@settings(
    max_examples=30 if CAUSES_ALL else 2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking would lead hundreds of runs
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chosen=COMPOSITIONS, at=st.lists(st.floats(0.05, 0.95), min_size=2, max_size=4))
def test_whatever_a_run_is_composed_of_it_goes_on_where_it_was_killed(
    hosts: Sequence[Host], chosen: Composition, at: list[float]
) -> None:
    _killed(hosts, chosen, at)


@pytest.mark.parametrize("chosen", NEWER, ids=["beside", "a round late", "compiled step"])
def test_so_it_does_with_what_is_beside_ahead_or_compiled(
    hosts: Sequence[Host], chosen: Composition
) -> None:
    _killed(hosts, chosen, [n / 16 for n in range(1, 16)] if CAUSES_ALL else [0.35, 0.75])


def _killed(hosts: Sequence[Host], chosen: Composition, at: Sequence[float]) -> None:
    with TemporaryDirectory() as folder:
        make = partial(composed, chosen=chosen)
        runs = Runs(make, Path(folder), hosts, ignore=(), timeout_s=300.0)
        runs.begin()
        places = [1 + int(part * (len(runs.places) - 1)) for part in at]

        def trial(n: int) -> None:
            again = [Kill(at=each) for each in places[max(0, n - 3) : n]]
            ends = runs.led(runs.new_folder(), [Kill(at=places[n]), *again, None], first=n)
            require_same(ends[-1], "composed", f"{chosen}: killed at {runs.places[places[n] - 1]}")

        runs.all_of(partial(trial, n) for n in range(len(places)))
