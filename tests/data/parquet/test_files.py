"""Which files are meant, and what is noticed about them."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from artifact_torch import ParquetLoader
from artifact_torch.errors import ConfigurationError, DataError
from tests.data.parquet.tables import Rows, listed, numbered, parquet, pyarrow, rows, write


def ids_in(paths: Any) -> list[int]:  # Any: also what no checker would let pass
    loader: ParquetLoader[Rows] = ParquetLoader(paths, rows, batch_size=3)
    return [each for batch in loader.batches(1) for each in listed(batch["id"])]


def test_a_file_a_folder_or_a_list_of_both(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    (folder / "year=2026").mkdir(parents=True)
    numbered(folder / "b.parquet", [3, 4])
    numbered(folder / "year=2026" / "a.parquet", [5, 6])
    numbered(folder / "a.parquet", [1, 2])
    for mark in ("_metadata.parquet", ".hidden.parquet"):
        numbered(folder / mark, [7])
    (folder / "_SUCCESS").touch()
    (folder / "notes.txt").write_text("no table")
    (folder / "_temporary").mkdir()
    numbered(folder / "_temporary" / "c.parquet", [8])
    other = numbered(tmp_path / "other", [9])  # a file may have any name
    assert ids_in(folder) == [1, 2, 3, 4, 5, 6]
    assert ids_in(str(folder / "b.parquet")) == [3, 4]
    assert ids_in([other, folder, str(other.with_name("table") / ".hidden.parquet")]) == [
        *[9, 1, 2, 3, 4, 5, 6, 7]
    ]
    assert ids_in((folder / "b.parquet", folder / "a.parquet")) == [3, 4, 1, 2]


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ("nowhere.parquet", "there is no file or folder .*nowhere.parquet; check the path"),
        ("*.parquet", r"there is no file or folder .*; list what it stands for: sorted"),
        ("", r"no \*\.parquet file lies in"),
        ([], "must be a file, a folder or a list of them, got an empty list"),
        (None, "must be a file, a folder or a list of them, got None"),
        ([3], "must be a file, a folder or a list of them, got a list"),
        ({"a"}, "must be a file, a folder or a list of them, got a set"),
    ],
)
def test_paths_without_a_file_are_refused(tmp_path: Path, paths: object, said: str) -> None:
    meant = tmp_path / paths if isinstance(paths, str) else paths
    with pytest.raises(ConfigurationError, match=said):
        ids_in(meant)


def test_a_file_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.parquet", [1, 2])
    with pytest.raises(ConfigurationError, match="the same file twice"):
        ids_in([tmp_path, path])


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for name, content in (("text", b"no table at all"), ("short", b"PAR1"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name} cannot be read"):
            ids_in(tmp_path / name)
    whole = numbered(tmp_path / "whole.parquet", range(100))
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut.parquet cannot be read"):
        ids_in(cut)


def test_what_is_damaged_within_is_told_where_it_is_read(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.parquet", range(1000), row_group_size=100)
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996  # the first row groups; the footer is whole
    path.write_bytes(content)
    with pytest.raises(DataError, match="a.parquet cannot be read"):
        ids_in(path)


def test_files_without_a_row_are_passed_over(tmp_path: Path) -> None:
    none: list[int] = []
    for number, ids in enumerate((none, [1, 2], none, [3], none)):
        numbered(tmp_path / f"{number}.parquet", ids)
    assert ids_in(tmp_path) == [1, 2, 3]
    loader = ParquetLoader(tmp_path, rows, batch_size=2, shuffle=True, buffer_rows=2)
    assert sorted(each for batch in loader.batches(1) for each in listed(batch["id"])) == [1, 2, 3]


def test_two_columns_with_one_name_are_refused(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["id", "id"])
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DataError, match="two columns with one name: id"):
        ids_in(tmp_path)


def test_files_have_to_agree_in_what_is_asked_for(tmp_path: Path) -> None:
    numbered(tmp_path / "a.parquet", [1])
    write(tmp_path / "b.parquet", {"id": [2], "a": [1.0], "b": [1.0], "more": ["unused"]})
    with pytest.raises(ConfigurationError) as caught:
        ids_in(tmp_path)
    assert "a is float in " in str(caught.value)
    assert "double in " in str(caught.value)
    assert "more" not in str(caught.value)


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_file_that_changes_while_it_is_used_is_noticed(tmp_path: Path, change: str) -> None:
    for number in range(5):
        numbered(tmp_path / f"{number}.parquet", range(20))
    loader = ParquetLoader(tmp_path, rows, batch_size=10)
    batches = loader.batches(1)
    next(batches)
    last = tmp_path / "4.parquet"
    if change == "written":
        numbered(last, range(21))
        said = "4.parquet has changed since the loader was built"
    else:
        last.unlink()
        said = "4.parquet cannot be read any more"
    with pytest.raises(DataError, match=said):
        list(batches)


def test_the_same_files_elsewhere_are_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    numbered(tmp_path / "here" / "a.parquet", range(20))
    numbered(tmp_path / "here" / "b.parquet", range(20, 30))

    def state(folder: Path) -> object:
        return ParquetLoader(folder, rows, batch_size=2).state_dict()

    first = state(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    os.utime(tmp_path / "there" / "a.parquet", ns=(0, 0))
    assert state(tmp_path / "there") == first
    (tmp_path / "there" / "a.parquet").rename(tmp_path / "there" / "z.parquet")
    assert state(tmp_path / "there") != first  # another order
    numbered(tmp_path / "here" / "b.parquet", range(21, 31))  # as many rows, as many bytes
    assert state(tmp_path / "here") != first
