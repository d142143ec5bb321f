"""What becomes of the columns of a file, and which are refused before anything is read."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pytest
import torch
from torch import Tensor

from artifact_torch import ParquetColumns, ParquetLoader
from artifact_torch.errors import ConfigurationError, DataError
from tests.data.parquet.tables import pyarrow, write


class Values(TypedDict):
    value: Tensor


def read(path: Path, take: Callable[[ParquetColumns], Tensor]) -> Tensor:
    loader = ParquetLoader(path, lambda columns: Values(value=take(columns)), batch_size=3)
    return torch.cat([batch["value"] for batch in loader.batches(1)])


def values_in(tensor: Tensor) -> list[object]:
    values: list[object] = (
        tensor.to(torch.float64 if tensor.is_floating_point() else tensor.dtype).numpy().tolist()
    )
    return values


@pytest.mark.parametrize(
    ("kind", "values", "dtype"),
    [
        ("float32", [1.5, -2.0, float("inf"), 0.0], torch.float32),
        ("float64", [1.5, -2.0, 1e300, 0.1], torch.float64),
        ("float16", [np.float16(1.5), np.float16(-2.0)], torch.float16),
        ("int8", [-128, 127, 0, 1, 2, 3, 4], torch.int8),
        ("int16", [-32768, 32767, 1, 2], torch.int16),
        ("int32", [-(2**31), 2**31 - 1, 5], torch.int32),
        ("int64", [-(2**63), 2**63 - 1, 2**53 + 1, 7], torch.int64),
        ("uint8", [0, 255, 3, 4], torch.uint8),
        ("uint16", [0, 65535, 3, 4], torch.int32),
        ("uint32", [0, 2**32 - 1, 3, 4], torch.int64),
        ("bool_", [True, False, False, True, True], torch.bool),
    ],
)
def test_a_column_keeps_its_values_and_its_dtype(
    tmp_path: Path, kind: str, values: Sequence[float], dtype: torch.dtype
) -> None:
    array = pyarrow.array(values, type=getattr(pyarrow, kind)())
    path = write(tmp_path / "a.parquet", {"v": array}, row_group_size=2)
    got = read(path, lambda columns: columns.column("v"))
    assert got.dtype == dtype
    assert values_in(got) == [*values]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_a_matrix_is_of_one_dtype(tmp_path: Path, dtype: torch.dtype) -> None:
    columns: dict[str, object] = {
        "i": [1, 2, 3, 4],
        "f": [0.5, 1.5, 2.5, 3.5],
        "b": [True, False, True, False],
    }
    path = write(tmp_path / "a.parquet", columns)
    got = read(path, lambda given: given.matrix(["i", "f", "b"], dtype=dtype))
    assert got.dtype == dtype
    assert values_in(got) == [[1.0, 0.5, 1.0], [2.0, 1.5, 0.0], [3.0, 2.5, 1.0], [4.0, 3.5, 0.0]]


def test_all_columns_are_known_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"b": [1, 2], "a": [3, 4], "y": [5, 6]})
    got = read(path, lambda given: given.matrix([name for name in given.names if name != "y"]))
    assert values_in(got) == [[1, 3], [2, 4]]


def test_the_columns_are_those_of_the_first_file(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", {"b": [1, 2], "a": [3, 4]})
    write(tmp_path / "b.parquet", {"a": [7], "more": [0], "b": [5]})
    got = read(tmp_path, lambda given: given.matrix(given.names))
    assert values_in(got) == [[1, 3], [2, 4], [5, 7]]


def test_only_what_is_asked_for_has_to_fit(tmp_path: Path) -> None:
    nulls = pyarrow.array([None, "x"])
    path = write(tmp_path / "a.parquet", {"a": [1, 2], "unused": nulls})
    assert values_in(read(path, lambda given: given.column("a"))) == [1, 2]


@pytest.mark.parametrize("with_counts", [True, False])
def test_nulls_become_what_stands_for_them(tmp_path: Path, with_counts: bool) -> None:
    columns: dict[str, object] = {
        "i": pyarrow.array([2**60 + 1, None, 3, None], type=pyarrow.int64()),
        "f": pyarrow.array([None, 0.5, float("nan"), 1.5], type=pyarrow.float32()),
        "b": pyarrow.array([True, None, None, False]),
    }
    path = write(tmp_path / "a.parquet", columns, row_group_size=2, write_statistics=with_counts)
    assert values_in(read(path, lambda c: c.column("i", fill=-1))) == [2**60 + 1, -1, 3, -1]
    assert values_in(read(path, lambda c: c.column("b", fill=True))) == [True, True, True, False]
    got = read(path, lambda c: c.matrix(["i", "f"], dtype=torch.float64, fill=-7.5))
    assert values_in(got[:, 0]) == [2.0**60, -7.5, 3.0, -7.5]
    assert values_in(got[[0, 1, 3], 1]) == [-7.5, 0.5, 1.5]
    assert got[2, 1].isnan()  # a number, not a null


def test_nulls_are_refused_by_column_with_their_number(tmp_path: Path) -> None:
    columns: dict[str, object] = {
        "f": pyarrow.array([None, 0.5, None, 1.5], type=pyarrow.float32()),
        "g": pyarrow.array([1.0, 2.0, 3.0, 4.0], type=pyarrow.float32()),
        "t": pyarrow.array(["x", None, "x", "x"]),
    }
    told = write(tmp_path / "told.parquet", columns, row_group_size=2)

    def asked(given: ParquetColumns) -> Values:
        given.codes("t", ["x"])
        return Values(value=given.matrix(["f", "g"]))

    with pytest.raises(ConfigurationError) as caught:
        ParquetLoader(told, asked, batch_size=2)
    assert "2 nulls in f, of 4 rows" in str(caught.value)
    assert "fill=" in str(caught.value)
    assert "1 nulls in t, of 4 rows" in str(caught.value)
    assert "null=" in str(caught.value)
    # where the writer did not count, they are found when they are read
    untold = write(tmp_path / "untold.parquet", columns, row_group_size=2, write_statistics=False)
    loader = ParquetLoader(
        untold, lambda given: Values(value=given.matrix(["f", "g"])), batch_size=2
    )
    with pytest.raises(
        DataError, match=r"2 nulls in f, in 4 rows of .*untold\.parquet|1 nulls in f"
    ):
        list(loader.batches(1))
    texts = ParquetLoader(untold, lambda given: Values(value=given.codes("t", ["x"])), batch_size=2)
    with pytest.raises(DataError, match="1 nulls in t"):
        list(texts.batches(1))


WORDS = ["red", "blue", None, "red", "grey", "blue", "red"]


@pytest.mark.parametrize("as_dictionary", [False, True])
@pytest.mark.parametrize("kind", ["string", "large_string"])
def test_texts_become_their_place_in_the_vocabulary(
    tmp_path: Path, kind: str, as_dictionary: bool
) -> None:
    words = pyarrow.array(WORDS, type=getattr(pyarrow, kind)())
    column = words.dictionary_encode() if as_dictionary else words
    path = write(tmp_path / "a.parquet", {"c": column}, row_group_size=3)
    got = read(path, lambda given: given.codes("c", ["blue", "red"], unknown=2, null=9))
    assert got.dtype == torch.int64
    assert values_in(got) == [1, 0, 9, 1, 2, 0, 1]


def test_files_need_not_agree_in_how_they_hold_texts(tmp_path: Path) -> None:
    texts = pyarrow.array(["b", "a", "c"])
    wide = texts.cast(pyarrow.large_string())
    few, many = (
        texts.cast(pyarrow.dictionary(index, pyarrow.string()))
        for index in (pyarrow.int8(), pyarrow.int32())
    )
    for number, column in enumerate((texts, wide, few, many)):
        write(tmp_path / f"{number}.parquet", {"c": column})
    assert values_in(read(tmp_path, lambda c: c.codes("c", ["a", "b", "c"]))) == [1, 0, 2] * 4


@pytest.mark.parametrize(
    ("values", "vocabulary", "codes"),
    [
        ([30, 10, 20, 10], [10, 20, 30], [2, 0, 1, 0]),
        ([True, False, True], [False, True], [1, 0, 1]),
        ([2**40, -5, 2**40], [-5, 2**40], [1, 0, 1]),
        (["ä", "", "🙂", "ä"], ["", "ä", "🙂"], [1, 0, 2, 1]),
    ],
)
def test_integers_truth_values_and_any_text_have_codes(
    tmp_path: Path,
    values: list[int] | list[bool] | list[str],
    vocabulary: list[int] | list[bool] | list[str],
    codes: list[int],
) -> None:
    path = write(tmp_path / "a.parquet", {"c": values}, row_group_size=2)
    assert values_in(read(path, lambda given: given.codes("c", vocabulary))) == codes


def test_values_out_of_the_vocabulary_are_refused_and_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"c": ["red", "grey", "pink", "red", "grey"]})
    loader = ParquetLoader(path, lambda c: Values(value=c.codes("c", ["red"])), batch_size=2)
    with pytest.raises(DataError) as caught:
        list(loader.batches(1))
    assert "3 values of c that are not in its vocabulary, such as 'grey', 'pink'" in str(
        caught.value
    )
    assert "unknown=" in str(caught.value)


TYPES: dict[str, object] = {
    "i": pyarrow.array([1, 2]),
    "f": pyarrow.array([1.0, 2.0], type=pyarrow.float32()),
    "d": pyarrow.array([1.0, 2.0]),
    "s": pyarrow.array(["a", "b"]),
    "when": pyarrow.array([dt.datetime(2026, 1, 1)] * 2),  # noqa: DTZ001
    "list": pyarrow.array([[1], [2]]),
    "u": pyarrow.array([1, 2], type=pyarrow.uint64()),
}


WRONG: list[tuple[Callable[[Any], Tensor], str]] = [  # Any: what no checker would let pass
    (lambda c: c.column("nope"), r"has no column 'nope'; it has i \(int64\), f \(float\)"),
    (lambda c: c.column("whem"), "did you mean when"),
    (lambda c: c.column("s"), "s is string, which is no number; use codes"),
    (lambda c: c.column("when"), r"when is timestamp\[us\], which is no number; write it"),
    (lambda c: c.column("u"), "u is uint64, which is no number"),
    (lambda c: c.matrix(["i", "list"]), "list is list<.*>, which is no number"),
    (lambda c: c.matrix([]), "names must be a list of columns"),
    (lambda c: c.matrix("f"), "names must be a list of columns"),
    (lambda c: c.matrix(["f", "d"]), "types torch.float32, torch.float64, a matrix has one"),
    (
        lambda c: c.matrix(["i", "f"], dtype=torch.int64),
        "f is torch.float32, which torch.int64",
    ),
    (lambda c: c.column("i", dtype=torch.int32), "i is torch.int64, which torch.int32 cannot"),
    (lambda c: c.column("i", fill=0.5), "fill=0.5 is no value of torch.int64"),
    (lambda c: c.column("i", fill=2**70), "is no value of torch.int64"),
    (lambda c: c.codes("f", [1.0]), "f is float; codes is for texts"),
    (lambda c: c.codes("s", ["a", "a"]), "vocabulary has 'a' twice"),
    (lambda c: c.codes("s", [1, 2]), "s is string, and its vocabulary is not"),
    (lambda c: c.codes("i", ["1"]), "i is int64, and its vocabulary is not"),
    (lambda c: c.codes("s", "ab"), "vocabulary must be a list"),
    (lambda c: c.codes("s", []), "at least one value"),
    (lambda c: c.codes("s", ["a", None]), "null= is the code of nulls"),
    (lambda c: c.codes("s", ["a"], unknown=-1), "s: unknown must be at least 0"),
    (lambda c: c.codes("s", ["a"], null=True), "s: null must be an int"),
    (lambda c: torch.zeros(2), "asked for no column"),
    (lambda c: c.column("f").mean(), r'"value" must have a row for each of the 2 rows'),
    (lambda c: c.column("f").repeat(2), r'"value" must have a row for each of the 2 rows'),
    (lambda c: c.column("f").numpy(), '"value" must be a tensor, got an array'),
    (lambda c: c.column("f").to("meta"), '"value" must lie on the CPU, got meta'),
]


@pytest.mark.parametrize(("take", "said"), WRONG)
def test_what_does_not_fit_is_told_when_the_loader_is_built(
    tmp_path: Path, take: Callable[[ParquetColumns], Tensor], said: str
) -> None:
    path = write(tmp_path / "a.parquet", TYPES)
    with pytest.raises(ConfigurationError, match=said):
        ParquetLoader(path, lambda columns: Values(value=take(columns)), batch_size=2)


def test_all_of_it_is_told_at_once_also_where_the_function_fails_for_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", TYPES)

    def wrong(columns: ParquetColumns) -> Values:
        columns.column("one")
        columns.column("two")
        raise RuntimeError("for want of them")

    with pytest.raises(ConfigurationError, match=r"(?s)'one'.*'two'"):
        ParquetLoader(path, wrong, batch_size=2)


def test_an_error_of_the_function_alone_is_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", TYPES)

    def wrong(columns: ParquetColumns) -> Values:
        columns.column("f")
        raise RuntimeError("its own")

    with pytest.raises(RuntimeError, match="its own") as caught:
        ParquetLoader(path, wrong, batch_size=2)
    assert "to_batch" in caught.value.__notes__[0]


def test_a_function_has_to_do_the_same_each_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"a": [1.0, 2.0, 3.0], "b": [1, 2, 3]})
    calls: list[int] = []

    def other_column(columns: ParquetColumns) -> Values:
        calls.append(1)
        return Values(value=columns.column("a" if len(calls) == 1 else "b"))

    with pytest.raises(
        DataError, match="asked for 'b', which it did not when the loader was built"
    ):
        list(ParquetLoader(path, other_column, batch_size=2).batches(1))
    calls.clear()

    def other_dtype(columns: ParquetColumns) -> Values:
        calls.append(1)
        return Values(
            value=columns.column("a", dtype=[torch.float64, torch.float32][len(calls) - 1])
        )

    with pytest.raises(DataError, match=r"to_batch gave \{'value': .*float32"):
        list(ParquetLoader(path, other_dtype, batch_size=2).batches(1))


def test_what_comes_out_may_have_any_shape(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]})
    got = read(path, lambda columns: columns.matrix(["a", "b"]).T.flip(0).T[:, :, None])
    assert values_in(got) == [[[4.0], [1.0]], [[5.0], [2.0]], [[6.0], [3.0]]]
