"""The kit finds what it is for: in runs of which each has one thing wrong."""

import pickle
import re
from functools import partial
from pathlib import Path

import pytest

from artifact_torch.errors import BrokenPromiseError, ConfigurationError
from artifact_torch.testing.asked import Client, Kill
from artifact_torch.testing.promises import (
    KILLS,
    kept_on_a_full_disk,
    kept_when_corrupted,
    kept_when_killed,
)
from artifact_torch.testing.runs import SAME
from tests.testing import toy_runs
from tests.testing.conftest import Leads


def test_a_run_that_keeps_all_is_killed_everywhere_and_goes_on(leads: Leads) -> None:
    runs = leads(toy_runs.keeps)
    kept_when_killed(runs, 8, 2)
    kinds = {place.partition(" ")[0] for place in runs.places}
    assert {
        "batch",
        "optimizer",
        "optimized",
        "validation",
        "validated",
        "open",
        "os.rename",
    } <= kinds
    assert [place for place in runs.places if place.startswith("batch")][-1] == "batch 12"
    assert "open new" in runs.places


def test_what_a_part_forgets_is_found_and_named(leads: Leads) -> None:
    with pytest.raises(BrokenPromiseError) as raised:
        kept_when_killed(leads(toy_runs.forgets), 10, 1)
    error = raised.value
    assert isinstance(error, AssertionError)
    assert error.promise == KILLS
    assert re.match(r"killed at '[\w. ]+' \(place \d+\)", error.where)
    assert error.field.startswith("run.") or error.field.startswith("result.scores.n_rows.")
    assert f"{error.field}: " in str(error)
    assert "in the uninterrupted run, " in str(error)
    assert "needs state_dict and load_state_dict" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  (as test runners do)


def test_a_run_that_differs_each_time_is_refused_before_it_is_killed(leads: Leads) -> None:
    with pytest.raises(BrokenPromiseError, match=r"call seed_everything\(0\)") as raised:
        leads(toy_runs.unseeded).begin()
    assert raised.value.promise == SAME


def test_a_measured_time_is_named_as_what_may_differ(leads: Leads) -> None:
    with pytest.raises(BrokenPromiseError, match=r"ignore=\['result.scores.clock.0'\]"):
        leads(toy_runs.measures).begin()


def test_what_may_differ_is_left_out(leads: Leads) -> None:
    runs = leads(toy_runs.measures, ignore=["*clock*", "run.history.*", "run.scores.*", "log.*"])
    kept_when_killed(runs, 1, 1)


def test_a_checkpointer_that_takes_a_damaged_file_is_found(leads: Leads) -> None:
    with pytest.raises(BrokenPromiseError, match="a damaged checkpoint is named") as raised:
        kept_when_corrupted(leads(toy_runs.keeps), 5)
    assert "step_0000" in raised.value.where


def test_a_run_that_a_full_disk_ends_is_found(leads: Leads) -> None:
    with pytest.raises(BrokenPromiseError, match="a disk that nothing can be written to") as raised:
        kept_on_a_full_disk(leads(toy_runs.keeps))
    assert raised.value.where == "with no space on the disk from batch 5 to 9"
    assert "No space left on device" in str(raised.value)


def test_values_that_are_bound_are_the_runs(leads: Leads) -> None:
    runs = leads(partial(toy_runs.bound, n_epochs=5))
    runs.begin()
    assert [place for place in runs.places if place.startswith("batch")][-1] == "batch 15"


def test_a_run_without_checkpoints_to_go_back_to_is_refused(leads: Leads) -> None:
    with pytest.raises(ConfigurationError, match="fewer than two checkpoints"):
        kept_when_corrupted(leads(partial(toy_runs.bound, n_epochs=1)), 1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (toy_runs.raises, f"the run ended with FileNotFoundError\n.*{toy_runs.MISSING}"),
        (toy_runs.leaves, "the run ended with SystemExit"),
        (toy_runs.returns_nothing, "returns_nothing: got None, expected the Trainer"),
    ],
)
def test_a_run_that_fails_without_a_fault_is_refused_with_its_error(
    leads: Leads, make: object, said: str
) -> None:
    runs = leads(make)
    with pytest.raises(ConfigurationError) as raised:
        runs.begin()
    assert re.search(said, str(raised.value), re.DOTALL)
    assert "without any fault" in str(raised.value)


def test_a_run_that_never_ends_is_ended(leads: Leads) -> None:
    with pytest.raises(ConfigurationError, match="did not end in time; timeout_s="):
        leads(toy_runs.sleeps, timeout_s=0.2).begin()


def test_a_write_is_torn_where_it_is_asked_to_be(leads: Leads, tmp_path: Path) -> None:
    runs = leads(toy_runs.keeps)
    runs.begin()
    folder = runs.new_folder()
    (end,) = runs.led(folder, [Kill(at=runs.places.index("open new") + 1, n_bytes=64)])
    assert end.how == "killed"
    assert (folder / "new").stat().st_size == 64


def test_numbers_are_checked_before_anything_runs(leads: Leads) -> None:
    runs = leads(toy_runs.keeps)
    for mistake in (
        partial(kept_when_killed, runs, 0, 1),
        partial(kept_when_killed, runs, 1, 0),
        partial(kept_when_corrupted, runs, 0),
    ):
        with pytest.raises(ConfigurationError, match="must be at least 1, got 0"):
            mistake()
    assert runs.places == ()


def test_ignore_is_a_list_and_time_is_a_number(leads: Leads) -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)ignore must be a list.*timeout_s must be"):
        leads(toy_runs.keeps, ignore="clock", timeout_s=0)


def test_clients_are_given_to_the_trainer(leads: Leads) -> None:
    runs = leads(toy_runs.keeps)
    runs.begin()
    (end,) = runs.led(runs.new_folder(), [Client(how="raises", shape="tracking")])
    assert end.how == "finished"
    assert end.answer is not None
    assert end.answer.difference is None
    assert any("the server of a client that only raises" in text for text in end.answer.said)
