"""What a run remembers of its scores: rows that only grow."""

import json
import math
import tracemalloc
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.errors import CheckpointError
from artifact_torch.trainer.history import History, read_history
from artifact_torch.trainer.run import Run


def at(epoch: int, step: int, *, ends_epoch: bool = True) -> Moment:
    return Moment(epoch=epoch, step=step, ends_epoch=ends_epoch)


def example() -> History:
    history = History()
    history.add(at(0, 3, ends_epoch=False), {"loss": 4.0})
    history.add(at(0, 4, ends_epoch=False), {})
    history.add_collection("js", at(1, 5), {"age": 0.5, "income": 0.25})
    history.add(at(1, 5), {"loss": 2.0})
    history.add(at(1, 5), {"loss": 1.0, "js": math.nan})
    history.add(at(2, 10), {})
    history.add_collection("empty", at(2, 10), {})
    return history


def cells(table: pd.DataFrame) -> dict[object, dict[str, float]]:
    """What is in it, by row and column."""
    found: dict[object, dict[str, float]] = {place: {} for place in [*table.index]}
    for name in table.columns:
        for place, value in zip([*table.index], [*table[name]], strict=True):
            if not math.isnan(value):
                found[place][str(name)] = value
    return found


def test_it_is_rows_that_json_can_hold() -> None:
    rows = example().rows
    assert json.loads(json.dumps(rows[:3])) == rows[:3]
    assert rows == [
        ["", 0, 3, False, {"loss": 4.0}],
        ["js", 1, 5, True, {"age": 0.5, "income": 0.25}],
        ["", 1, 5, True, {"loss": 2.0}],
        ["", 1, 5, True, {"loss": 1.0, "js": math.nan}],
        ["", 2, 10, True, {}],
        ["empty", 2, 10, True, {}],
    ]


def test_what_came_later_of_one_moment_joins_it_in_the_tables() -> None:
    history = example()
    scores = history.frame()
    assert [*scores.index] == [(0, 3), (1, 5)]
    assert [*scores["loss"]] == [4.0, 1.0]
    epochs = history.of_epochs()
    assert [*epochs.index] == [1, 2]
    assert epochs.loc[1, "loss"] == 1.0
    assert [*epochs["loss"].isna()] == [False, True]
    collections = history.collections()
    assert [*collections] == ["js", "empty"]
    assert cells(collections["js"]) == {(1, 5): {"age": 0.5, "income": 0.25}}
    assert collections["empty"].empty


def test_what_was_read_has_rows_of_its_own() -> None:
    first = example()
    second = read_history(first.rows, 4)
    assert json.dumps(second.rows) == json.dumps(first.rows[:4])
    second.add(at(9, 9), {"loss": 0.0})
    assert len(first.rows) == 6
    as_tuples = read_history([tuple(row) for row in first.rows], 6)
    assert json.dumps(as_tuples.rows) == json.dumps(first.rows)


@pytest.mark.parametrize(
    "row", [None, 3, [], ["", 1, 5, True], ["", 1.5, 5, True, {}], [1, 1, 1, True, {}]]
)
def test_what_is_no_row_is_named(row: object) -> None:
    with pytest.raises(CheckpointError, match='"log" has .*, expected the name of a collection'):
        read_history([row], 1)


def test_the_log_of_a_run_is_the_history_itself() -> None:
    run = Run()
    log = run.log
    run.record(at(1, 2), [Result(ResultKind.SCORE, "loss", 0.5)])
    run.record(Moment(epoch=1, step=2, ends_run=True), [Result(ResultKind.SCORE, "js", 0.1)])
    assert run.log is log == [["", 1, 2, True, {"loss": 0.5}], ["", 1, 2, True, {"js": 0.1}]]
    assert run.state_dict()["n_logged"] == 2


Added = tuple[int, int, bool, dict[str, float]]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.booleans(),
        st.dictionaries(st.sampled_from("abc"), st.floats(allow_nan=False), max_size=3),
    ),
    max_size=12,
)


@given(ROWS)
def test_the_tables_are_those_of_a_dict_by_moment(added: Sequence[Added]) -> None:
    history = History()
    merged: dict[tuple[int, int], dict[str, float]] = {}
    ends: dict[int, int] = {}
    for epoch, step, ends_epoch, scores in added:
        history.add(at(epoch, step, ends_epoch=ends_epoch), scores)
        merged.setdefault((epoch, step), {}).update(scores)
        if ends_epoch:
            ends[epoch] = step
    for each in (history, read_history(history.rows, len(history.rows))):
        table, epochs = each.frame(), each.of_epochs()
        assert cells(table) == {place: scores for place, scores in merged.items() if scores}
        assert [*table.index] == sorted([*table.index])
        assert cells(epochs) == {epoch: merged[epoch, step] for epoch, step in ends.items()}
        assert [*epochs.index] == sorted(ends)


def test_a_score_takes_little_memory_also_where_it_was_read() -> None:
    """Of 40 scores a row; names are kept once, though each line of a file has its own."""
    names = [f"score_{index}_of_forty" for index in range(40)]
    lines = [json.dumps(["", n, n, True, dict.fromkeys(names, n / 7)]) for n in range(1, 501)]
    rows = [json.loads(line) for line in lines]
    tracemalloc.start()
    try:
        history = read_history(rows, len(rows))
        del rows
        before, _ = tracemalloc.get_traced_memory()
        for n in range(501, 1001):
            history.add(at(n, n), dict.fromkeys(names, n / 7))
        added = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert added / (500 * 40) < 60  # bytes a score
    assert before / (500 * 40) < 60
