"""What an epoch of a table in files is made of."""

import copy
import gc
import pickle
import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, assert_type

import pytest
import torch

from artifact_torch import ParquetColumns, ParquetLoader
from artifact_torch.contracts import BatchSource, ResumableSource, SharedSource, Stateful
from artifact_torch.data import CheckedSource, limited, mapped
from artifact_torch.errors import ConfigurationError, DataError, MissingExtraError
from tests.data.parquet.tables import Rows, expected, listed, numbered, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """95 rows in 13 row groups of three files, one of them further down."""
    (tmp_path / "more").mkdir()
    numbered(tmp_path / "a.parquet", range(42), row_group_size=10)
    numbered(tmp_path / "b.parquet", range(42, 65), row_group_size=4)
    numbered(tmp_path / "more" / "c.parquet", range(65, 95), row_group_size=20)
    return tmp_path


def ids(batches: Iterator[Rows]) -> list[list[int]]:
    return [listed(batch["id"]) for batch in batches]


def flat(batches: Sequence[Sequence[int]]) -> list[int]:
    return [each for batch in batches for each in batch]


@pytest.mark.parametrize(
    ("batch_size", "drop_last"),
    [(1, False), (7, False), (7, True), (20, False), (20, True), (95, True), (100, False)],
)
@pytest.mark.parametrize("buffer_rows", [20, 33, 95, 1000])
def test_every_row_comes_once_in_batches_that_are_full(
    folder: Path, batch_size: int, buffer_rows: int, drop_last: bool
) -> None:
    loader = ParquetLoader(
        folder,
        rows,
        batch_size=batch_size,
        shuffle=True,
        drop_last=drop_last,
        buffer_rows=buffer_rows,
    )
    batches = list(loader.batches(1))
    n_rows = 95 // batch_size * batch_size if drop_last else 95
    sizes = [len(batch["id"]) for batch in batches]
    assert sizes == [batch_size] * (n_rows // batch_size) + [n_rows % batch_size] * bool(
        n_rows % batch_size
    )
    assert len(loader) == len(batches)
    seen = torch.cat([batch["id"] for batch in batches])
    assert len(set(listed(seen))) == n_rows
    assert set(listed(seen)) <= {*range(95)}
    for batch in batches:
        assert torch.equal(batch["x"], expected(batch["id"]))


def test_without_shuffle_the_rows_come_in_their_own_order(folder: Path) -> None:
    loader = ParquetLoader(folder, rows, batch_size=8, buffer_rows=20)
    assert flat(ids(loader.batches(1))) == [*range(95)]
    assert ids(loader.batches(1)) == ids(loader.batches(2))


def test_the_order_is_decided_by_seed_and_epoch_alone(folder: Path) -> None:
    def order(seed: int, epoch: int) -> list[int]:
        loader = ParquetLoader(folder, rows, batch_size=8, shuffle=True, seed=seed, buffer_rows=40)
        return flat(ids(loader.batches(epoch)))

    torch.default_generator.manual_seed(1)
    before = torch.get_rng_state()
    first = order(0, 1)
    assert torch.equal(torch.get_rng_state(), before)
    assert order(0, 1) == first
    assert order(0, 2) != first
    assert order(1, 1) != first


def test_several_row_groups_are_mixed_and_no_more_than_the_buffer_holds(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.parquet", range(60))
    loader = ParquetLoader(path, rows, batch_size=20, shuffle=True, buffer_rows=20)
    for batch in ids(loader.batches(1)):
        groups = {each // 10 for each in batch}
        assert len(groups) == 2
        assert batch != sorted(batch)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_pass_may_begin_at_any_batch(folder: Path, shuffle: bool) -> None:
    loader = ParquetLoader(folder, rows, batch_size=7, shuffle=shuffle, buffer_rows=30)
    whole = ids(loader.batches(3))
    for n_done in range(len(whole) + 2):
        assert ids(loader.batches_from(3, n_done)) == whole[n_done:]


def test_what_came_before_is_not_read_but_in_its_own_buffer(tmp_path: Path) -> None:
    seen: list[int] = []

    def counted(columns: ParquetColumns) -> Rows:
        made = rows(columns)
        seen.extend(listed(made["id"]))
        return made

    path = numbered(tmp_path / "a.parquet", range(100))
    loader = ParquetLoader(path, counted, batch_size=5, shuffle=True, buffer_rows=20)
    whole = flat(ids(loader.batches(1)))
    seen.clear()
    rest = flat(ids(loader.batches_from(1, 7)))  # row 35, in the second buffer of five
    assert rest == whole[35:]
    assert sorted(seen) == sorted(whole[20:])


def test_no_more_than_the_next_buffer_is_read_ahead(tmp_path: Path) -> None:
    n_read = 0

    def counted(columns: ParquetColumns) -> Rows:
        nonlocal n_read
        n_read += len(columns)
        return rows(columns)

    path = numbered(tmp_path / "a.parquet", range(400))
    loader = ParquetLoader(path, counted, batch_size=5, shuffle=True, buffer_rows=20)
    n_read = 0  # from here on: those of the rehearsal are in no file
    for number, _ in enumerate(loader.batches(1)):
        assert n_read <= (number * 5 // 20 + 2) * 20
    assert n_read == 400


def test_a_batch_that_is_kept_does_not_change_later(folder: Path) -> None:
    loader = ParquetLoader(folder, rows, batch_size=6, shuffle=True, buffer_rows=20)
    kept: list[tuple[Rows, list[int]]] = [
        (batch, listed(batch["id"])) for batch in loader.batches(1)
    ]
    for batch, was in kept:
        assert listed(batch["id"]) == was
        assert torch.equal(batch["x"], expected(torch.tensor(was)))


def test_two_passes_may_run_at_once(folder: Path) -> None:
    loader = ParquetLoader(folder, rows, batch_size=6, shuffle=True, buffer_rows=20)
    one, two = ids(loader.batches(1)), ids(loader.batches(2))
    both = list(zip(loader.batches(1), loader.batches(2), strict=True))
    assert ids(first for first, _ in both) == one
    assert ids(second for _, second in both) == two


def reading_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("ParquetLoader")]


def test_a_pass_that_is_given_up_leaves_no_thread(folder: Path) -> None:
    loader = ParquetLoader(folder, rows, batch_size=6, shuffle=True, buffer_rows=20)
    batches = loader.batches(1)
    next(batches)
    assert reading_threads()
    del batches
    gc.collect()
    assert reading_threads() == []
    assert len(list(islice(limited(loader, 2).batches(1), 5))) == 2
    gc.collect()
    assert reading_threads() == []


def test_an_error_in_the_thread_comes_to_whoever_trains(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.parquet", range(60))

    def wrong_in_the_end(columns: ParquetColumns) -> Rows:
        made = rows(columns)
        if (made["id"] > 50).any():
            raise RuntimeError("the user's own")
        return made

    loader = ParquetLoader(path, wrong_in_the_end, batch_size=10, buffer_rows=10)
    batches = loader.batches(1)
    assert [next(batches)["id"][0].item() for _ in range(5)] == [0, 10, 20, 30, 40]
    with pytest.raises(RuntimeError, match="the user's own") as caught:
        next(batches)
    assert f"10 rows of {path}" in caught.value.__notes__[0]
    assert reading_threads() == []


def test_it_is_a_source_that_can_be_resumed_sent_and_wrapped(folder: Path) -> None:
    loader = ParquetLoader(folder, rows, batch_size=6, shuffle=True, buffer_rows=20)
    assert_type(loader, ParquetLoader[Rows])
    source: BatchSource[Rows] = loader
    resumable: ResumableSource[Rows] = loader
    stateful: Stateful = loader
    shared: SharedSource[Rows] = loader
    assert isinstance(shared, SharedSource)
    assert isinstance(resumable, ResumableSource)
    assert isinstance(stateful, Stateful)
    order = ids(source.batches(2))
    sent: ParquetLoader[Rows] = pickle.loads(pickle.dumps(loader))  # noqa: S301  (our own)
    assert ids(sent.batches(2)) == order
    assert ids(copy.deepcopy(loader).batches(2)) == order
    assert ids(CheckedSource(loader, "train_loader").batches(2, 3)) == order[3:]
    doubled = mapped(loader, lambda batch: Rows(id=batch["id"] * 2, x=batch["x"]))
    assert ids(doubled.batches(2)) == [[2 * each for each in batch] for batch in order]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": True}, "batch_size must be an int"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"shuffle": 1}, "shuffle must be True or False"),
        ({"drop_last": None}, "drop_last must be True or False"),
        ({"buffer_rows": 0}, "buffer_rows must be at least 1"),
        ({"streams": 0}, "streams must be at least 1, got 0"),
        ({"streams": 2.0}, "streams must be an int"),
        ({"to_batch": 3}, "to_batch must be a function of one argument"),
        ({"to_batch": lambda: None}, "to_batch must be a function of one argument"),
    ],
)
def test_arguments_that_are_refused(folder: Path, arguments: dict[str, object], said: str) -> None:
    unchecked: Any = ParquetLoader  # Any: what no checker would let pass
    with pytest.raises(ConfigurationError, match=said):
        unchecked(folder, **{"to_batch": rows, "batch_size": 2, **arguments})


def test_a_table_without_a_batch_is_refused(tmp_path: Path) -> None:
    few = numbered(tmp_path / "few.parquet", range(5))
    with pytest.raises(DataError, match="5 rows, which makes no batch of batch_size=6"):
        ParquetLoader(few, rows, batch_size=6, drop_last=True)
    empty = numbered(tmp_path / "empty.parquet", [])
    with pytest.raises(DataError, match="the files have 0 rows"):
        ParquetLoader(empty, rows, batch_size=6)


def test_row_groups_that_the_buffer_has_no_room_for_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ParquetLoader(folder, rows, batch_size=6, buffer_rows=15)
    said = str(caught.value)
    assert "buffer_rows=15 is less than row group 0 of" in said
    assert "c.parquet has, 20 rows" in said
    assert "buffer_rows=20" in said
    assert "write_batch" in said


def test_the_buffer_is_divided_among_the_streams(folder: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ParquetLoader(folder, rows, batch_size=6, buffer_rows=79, streams=4)
    said = str(caught.value)
    assert "buffer_rows=79, for each of streams=4 19, is less than row group 0 of" in said
    assert "c.parquet has, 20 rows" in said
    assert "use buffer_rows=80 if that fits into memory twice" in said
    assert ".iter_batches(19): writer.write_batch(batch)" in said
    ParquetLoader(folder, rows, batch_size=6, buffer_rows=80, streams=4)


def test_more_streams_than_row_groups_are_refused(folder: Path) -> None:
    numbered(folder / "empty.parquet", [])
    with pytest.raises(ConfigurationError) as caught:
        ParquetLoader(folder, rows, batch_size=6, streams=14)
    said = str(caught.value)
    assert "streams=14 is more than the 13 row groups of the files" in said
    assert "use streams=13 or fewer" in said
    assert ".iter_batches(6): writer.write_batch(batch)" in said  # 95 rows
    assert sorted(flat(ids(ParquetLoader(folder, rows, batch_size=6, streams=13).batches(1)))) == [
        *range(95)
    ]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("drop_last", [False, True])
def test_a_batch_has_its_share_of_all_streams(folder: Path, shuffle: bool, drop_last: bool) -> None:
    loader = ParquetLoader(
        folder,
        rows,
        batch_size=12,
        shuffle=shuffle,
        drop_last=drop_last,
        seed=2,
        buffer_rows=80,
        streams=4,
    )
    batches = list(loader.batches(3))
    assert len(batches) == len(loader) == 8 - drop_last
    whole = [listed(batch["id"]) for batch in batches]
    assert len({*flat(whole)}) == (84 if drop_last else 95)
    for batch in batches:
        assert torch.equal(batch["x"], expected(batch["id"]))
    for n_done in range(len(whole) + 2):
        assert ids(loader.batches_from(3, n_done)) == whole[n_done:]
    halves = [loader.shares_from(3, 2, rank, 2) for rank in (0, 1)]
    together = list[list[int]]()
    for one, two in zip(*(each for each in halves if each is not None), strict=True):
        assert one.of == two.of
        assert one.n_of_all == two.n_of_all == one.n_rows + two.n_rows
        assert abs(one.n_rows - two.n_rows) <= 4  # streams of 20 to 25 rows
        together.append(listed(one.batch["id"]) + listed(two.batch["id"]))
    assert together == whole[2:]
    assert loader.shares_from(3, 0, 0, 5) is None


def test_it_says_which_extra_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'artifact-torch\[parquet\]'"):
        ParquetLoader(folder, rows, batch_size=6)
