"""Files as people have them: separators, encodings, and the types of their columns."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from demo.data.reading import Reading, ReadTable, TableError, read_table


def _read(
    folder: Path,
    content: str | bytes,
    *,
    na: tuple[str, ...] = (),
    separator: str | None = None,
    encoding: str | None = None,
) -> ReadTable:
    path = folder / "table.csv"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_table(Reading(path=path, na=na, separator=separator, encoding=encoding))


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "+3"], "int64", [1, -2, 3]),
        (["1", "", "3"], "Int64", [1, pd.NA, 3]),
        (["9007199254740993", "1"], "int64", [9007199254740993, 1]),
        (["1.5", "2", "1e3"], "float64", [1.5, 2.0, 1000.0]),
        (["00123", "99999"], "object", ["00123", "99999"]),
        (["99999999999999999999", "1"], "object", ["99999999999999999999", "1"]),
        (["TRUE", "false"], "bool", [True, False]),
        (["True", "", "False"], "boolean", [True, pd.NA, False]),
        (["None", "NA", "yes"], "object", ["None", "NA", "yes"]),
        (["1", "NA", "3"], "Int64", [1, pd.NA, 3]),
        (["1.5", "?", "3.0"], "float64", [1.5, np.nan, 3.0]),
        (['"1,234.50"', '"12.00"'], "float64", [1234.5, 12.0]),
        (['"1,234"', '"12"'], "int64", [1234, 12]),
        (["2021-02-30", "2021-03-01"], "object", ["2021-02-30", "2021-03-01"]),
        (["2021/2/30", "2021/3/1"], "object", ["2021/2/30", "2021/3/1"]),
        (["Abc 1 2020", "May 2 2020"], "object", ["Abc 1 2020", "May 2 2020"]),
        (["20200213", "20200214"], "int64", [20200213, 20200214]),
        (
            ["20200230", "20200213", "20200214", "20200301", "19991231"],
            "int64",
            [20200230, 20200213, 20200214, 20200301, 19991231],
        ),
        (["", ""], "object", [None, None]),
    ],
)
def test_a_column_has_the_type_of_all_its_cells(
    tmp_path: Path, cells: list[str], dtype: str, values: list[object]
) -> None:
    lines = "\n".join(f"{cell},x" for cell in cells)
    column = _read(tmp_path, f"a,b\n{lines}\n").table["a"]
    assert str(column.dtype) == dtype
    expected = pd.Series(values, name="a", dtype=dtype)
    pd.testing.assert_series_equal(column, expected)


@pytest.mark.parametrize(
    ("cells", "first", "told"),
    [
        (["2021-01-02", "2020-12-31"], "2021-01-02", ""),
        (["2021-01-02T03:04:05Z", "2020-12-31 00:00:00Z"], "2021-01-02T03:04:05+00:00", ""),
        (["2021-01-02T03:04:05+01:00", "2021-01-02T03:04:05Z"], "2021-01-02T02:04:05+00:00", "UTC"),
        (["13/2/2020", "1/2/2020"], "2020-02-13", "day first"),
        (["2/13/2020", "1/2/2020"], "2020-02-13", "month first"),
        (["2/3/2020", "1/2/2020"], "2020-02-03", "the other way is possible"),
        (["2.3.2020", "1.2.2020"], "2020-03-02", "the other way is possible"),
        (["13/2/2020 7:05", "1/2/2020 17:05"], "2020-02-13T07:05", "day first"),
        (["2020/2/13", "2020/12/01 00:00"], "2020-02-13", ""),
        (["Feb 13 2020", '"Mar. 1, 2020"'], "2020-02-13", ""),
        (["13-February-2020", "1 sept 2020"], "2020-02-13", ""),
        (["20200213", "20200214", "20200301", "19991231", "18000101"], "2020-02-13", "8 digits"),
        (["2020-02-13", "9999-12-31", ""], "2020-02-13", ""),
        (["13.2.2020 07:00", "31.12.9999 00:00"], "2020-02-13T07:00", "day first"),
        (["2/13/2020 7:05 PM", "1/2/2020 12:00 am"], "2020-02-13T19:05", "month first"),
        (["2/13/20", "1/2/30"], "2020-02-13", "years of two digits from 1930 to 2029"),
        (["2020-02-13", "1.2.2020", '"Feb 3, 2020"'], "2020-02-13", "dates of 3 forms"),
        (["13/2/2020", "2.1.2020"], "2020-02-13", "'2.1.2020' (dates, day first, though"),
    ],
)
def test_dates_are_dates(tmp_path: Path, cells: list[str], first: str, told: str) -> None:
    read = _read(tmp_path, "a,b\n" + "".join(f"{cell},x\n" for cell in cells))
    assert read.table["a"].iloc[0] == pd.Timestamp(first)
    assert told in " ".join(read.told)


def test_each_form_of_a_date_is_read_by_itself(tmp_path: Path) -> None:
    cells = ["2020-02-13", "14.2.2020", '"Feb 15, 2020"', "2/16/2020 11:30 PM", ""]
    read = _read(tmp_path, "a,b\n" + "".join(f"{cell},x\n" for cell in cells))
    days = ["2020-02-13", "2020-02-14", "2020-02-15", "2020-02-16T23:30", None]
    assert read.table["a"].tolist() == pd.to_datetime(pd.Series(days), format="ISO8601").tolist()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["2021-01-02T03:04:05", "2021-01-02T03:04:05Z"], "some of its times have a zone"),
        (["2021-02-30"], "for '2021-02-30' is no date; --na 2021-02-30 makes it missing"),
        (["31.2.2021"], "for '31.2.2021' is no date"),
        (["1/2/2021 13:00 PM"], ""),
        (["soon"], "for 'soon' is no date; --na soon makes it missing"),
        (["soon", "later", "never"], ""),
    ],
)
def test_what_keeps_a_column_from_being_dates_is_told(
    tmp_path: Path, cells: list[str], told: str
) -> None:
    rows = [*cells, *(f"2021-01-{day:02}" for day in range(1, 29))]
    read = _read(tmp_path, "a,b\n" + "".join(f"{row},{at}\n" for at, row in enumerate(rows)))
    assert read.table["a"].tolist() == rows
    assert told in " ".join(read.told)
    assert bool(told) is any("'a'" in line for line in read.told)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_separator_and_encoding_are_found(tmp_path: Path, sign: str, encoding: str) -> None:
    text = "\n".join(sign.join(row) for row in (["name", "grüße"], ["é", "1"], ["ü", "2"]))
    table = _read(tmp_path, text.encode(encoding)).table
    assert table.to_dict("list") == {"name": ["é", "ü"], "grüße": [1, 2]}


def test_a_decimal_comma_is_read_where_commas_do_not_separate(tmp_path: Path) -> None:
    read = _read(tmp_path, "a;b\n1,5;x\n1.234,25;y\n2;z\n")
    assert read.table["a"].tolist() == [1.5, 1234.25, 2.0]
    assert any("decimal comma" in line for line in read.told)


def test_a_hint_of_the_separator_is_no_header(tmp_path: Path) -> None:
    table = _read(tmp_path, "sep=;\r\na;b\r\n1,5;x\r\n").table
    assert table.to_dict("list") == {"a": [1.5], "b": ["x"]}


def test_an_end_of_file_sign_is_no_row(tmp_path: Path) -> None:
    assert _read(tmp_path, "a,b\n1,x\n\x1a").table.to_dict("list") == {"a": [1], "b": ["x"]}


def test_lines_that_end_early_are_told(tmp_path: Path) -> None:
    read = _read(tmp_path, "a,b,c\n1,2\n3,4,z\n5\n\n6,,\n")
    assert read.table["c"].isna().tolist() == [True, False, True, True]
    assert "2 lines have fewer cells than the header: the last ones are missing" in read.told


def test_the_words_for_missing_are_told_or_named(tmp_path: Path) -> None:
    text = "a,b\n1,none\nNA,x\n" + "".join(f"{i},y\n" for i in range(5)) + "oops,z\n"
    of_numbers, of_words = _read(tmp_path, text).told
    assert "--na oops" in of_numbers
    assert "--na none" in of_words
    read = _read(tmp_path, text, na=("oops", "none"))
    assert read.table["a"].dtype == "Int64"
    assert read.table["a"].isna().sum() == 2
    assert read.table["b"].isna().tolist() == [True] + [False] * 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,a\n1,2\n", ["'a'", "rename"]),
        ("a,b\n", ["at least 1 row"]),
        ("", ["empty"]),
        ("  \n \n", ["empty"]),
        ("sep=;\n", ["empty"]),
        ('[\n {"a": 1},\n {"a": 2}\n]\n', ["JSON", "as CSV"]),
        ('""\n1\n2\n', ["header line"]),
        ('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n', ["JSON", "as CSV"]),
        ("a,b\n1,2\n1,2,3\n", ["3 in line 3", "--separator"]),
        (
            "Sales\nof 2020\n\na,b\n" + "1,2\n" * 9,
            ["before it are 3 lines", "remove what is before it"],
        ),
        (
            "# a tool's\na,b\n" + "1,2\n" * 9,
            ["before it is 1 line with", "remove what is before it"],
        ),
        (b"PK\x03\x04 and more", ["spreadsheet", "CSV"]),
        (b"a\0b", ["zero bytes"]),
        (b"PAR1", ["Parquet"]),
        (f"{'a' * 200_000},b\n1,2\n", ["first line cannot be read", "CSV"]),
    ],
)
def test_what_cannot_be_read_says_what_to_do(
    tmp_path: Path, content: str | bytes, words: list[str]
) -> None:
    with pytest.raises(TableError) as caught:
        _read(tmp_path, content)
    for word in words:
        assert word in str(caught.value)


def test_wrong_options_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"separated by a comma; .* name the separator"):
        _read(tmp_path, "a;b\n" + "1;2,5\n" * 9, separator=",")
    with pytest.raises(TableError, match="no such encoding"):
        _read(tmp_path, "a\n1\n", encoding="utf-99")
    with pytest.raises(TableError, match=r"line 2 .* 0xfc.*latin-1"):
        _read(tmp_path, b"a\n\xfc\n", encoding="utf-8")
    with pytest.raises(TableError, match="one character"):
        _read(tmp_path, "a\n1\n", separator="::")
    with pytest.raises(TableError, match="no file"):
        read_table(Reading(path=tmp_path / "absent.csv"))


@pytest.mark.parametrize("names", ["[1]", "[1,2]", "{},[]", '"{""a"": 1}",b'])
def test_names_in_brackets_are_names(tmp_path: Path, names: str) -> None:
    n_columns = len(next(csv.reader([names])))
    read = _read(tmp_path, f"{names}\n" + ",".join(["5"] * n_columns) + "\n")
    assert [*read.table.columns] == next(csv.reader([names]))
    with pytest.raises(TableError):  # and nothing else
        _read(tmp_path, "[" * 100_000)


def test_a_mark_of_its_encoding_is_no_part_of_a_name(tmp_path: Path) -> None:
    content = "a,b\n1,2\n".encode("utf-8-sig")
    assert [*_read(tmp_path, content, encoding="utf-8").table.columns] == ["a", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way(tmp_path: Path, end: str) -> None:
    read = _read(tmp_path, end.join(["a;b", "1;x", "2;y", ""]).encode())
    assert read.table.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    with pytest.raises(TableError, match="got 3 in line 3"):
        _read(tmp_path, end.join(["a;b", "1;x", "2;y;z", ""]).encode(), separator=";")


def test_names_that_are_numbers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("name,2019,2020\na,1,2\n", encoding="utf-8")
    assert any(
        "'2019', '2020' too; add one" in line for line in read_table(Reading(path=path)).told
    )
    path.write_text("a,1,1\nb,2,3\n", encoding="utf-8")
    with pytest.raises(TableError, match="or add a header line where this is a row"):
        read_table(Reading(path=path))
