"""Rates from the clock of the run alone."""

from artifact_torch import Throughput
from tests.callbacks.steps import Still, at
from tests.toys import Regression, points

STEP = Still(Regression())


def seen(callback: Throughput, steps: range, rows: int) -> None:
    for step in steps:
        callback.on_batch(step, points(rows), {})


def test_updates_and_rows_since_it_was_last_asked() -> None:
    callback = Throughput()
    seen(callback, range(1, 5), rows=6)
    expected = {"steps_per_second": 4 / 2.0, "rows_per_second": 24 / 2.0}
    assert callback.on_moment(STEP, at(step=4, seconds=2.0)) == expected
    seen(callback, range(5, 6), rows=7)
    expected = {"steps_per_second": 1 / 0.5, "rows_per_second": 7 / 0.5}
    assert callback.on_moment(STEP, at(step=5, seconds=2.5)) == expected
    assert {name for _, name in callback.result_names} == {*expected}


def test_accumulated_batches_are_one_update_of_all_their_rows() -> None:
    callback = Throughput()
    for step in (1, 1, 2, 2):
        callback.on_batch(step, points(3), {})
    given = callback.on_moment(STEP, at(step=2, seconds=1.0))
    assert given == {"steps_per_second": 2.0, "rows_per_second": 12.0}


def test_rows_that_cannot_be_counted_are_left_out() -> None:
    callback = Throughput()
    callback.on_batch(1, "no tensor", {})
    callback.on_batch(2, points(3), {})
    assert callback.on_moment(STEP, at(step=2, seconds=4.0)) == {"steps_per_second": 0.5}


def test_nothing_was_done_in_no_time() -> None:
    callback = Throughput()
    assert callback.on_moment(STEP, at(step=0, is_rehearsal=True)) == {}
    seen(callback, range(1, 3), rows=1)
    assert callback.on_moment(STEP, at(step=2, seconds=1.0)) != {}
    assert callback.on_moment(STEP, at(step=2, seconds=1.5)) == {}  # the end of the run


def test_in_a_run_that_had_begun_it_waits_for_a_moment_to_count_from() -> None:
    callback = Throughput()
    seen(callback, range(101, 103), rows=1)
    assert callback.on_moment(STEP, at(step=102, seconds=50.0)) == {}
    seen(callback, range(103, 105), rows=3)
    given = callback.on_moment(STEP, at(step=104, seconds=51.0))
    assert given == {"steps_per_second": 2.0, "rows_per_second": 6.0}


def test_it_continues_from_its_state() -> None:
    first, second = Throughput(), Throughput()
    seen(first, range(1, 3), rows=5)
    first.on_moment(STEP, at(step=2, seconds=1.0))
    seen(first, range(3, 4), rows=5)
    second.load_state_dict({**first.state_dict()})
    assert second.state_dict() == {"step": 2, "seconds": 1.0, "n_rows": 5}
    seen(second, range(4, 5), rows=2)
    given = second.on_moment(STEP, at(step=4, seconds=2.0))
    assert given == {"steps_per_second": 2.0, "rows_per_second": 7.0}


def test_the_state_before_the_first_batch() -> None:
    first, second = Throughput(), Throughput()
    second.load_state_dict({**first.state_dict()})
    seen(second, range(1, 2), rows=2)
    given = second.on_moment(STEP, at(step=1, seconds=2.0))
    assert given == {"steps_per_second": 0.5, "rows_per_second": 1.0}
