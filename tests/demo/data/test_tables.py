"""Tables from files."""

from pathlib import Path

import pandas as pd
import pytest

from demo.data.tables import TableError, load_csv


def test_a_csv_file_gives_its_named_columns_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sex,age,note\nM,40,\nF,50,\n")
    table = load_csv(path, ["age"], ["sex"])
    pd.testing.assert_frame_equal(table, pd.DataFrame({"sex": ["M", "F"], "age": [40, 50]}))


def test_all_problems_of_a_file_are_in_one_error(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Age,Peak,Sex\n40,low,\n50,high,M\n")
    with pytest.raises(TableError) as caught:
        load_csv(path, ["age", "Peak"], ["Sex"])
    assert str(caught.value) == (
        f"{path} cannot be used: it must have a column 'age', got none; the nearest name is 'Age'; "
        "column 'Peak' must have numbers, got 'low', correct it or make the column categorical; "
        "column 'Sex' must have no missing or infinite values, got 1 of 2, fill them or drop their rows"
    )


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(TableError) as caught:
        load_csv(path, ["age"], [])
    assert str(caught.value) == (
        f"the table must be a CSV file, got {path}, which is no file; check the path"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "must be a CSV file with a header line: No columns to parse from file"),
        ("age\n", "cannot be used: it must have at least 1 row, got 0"),
    ],
)
def test_an_empty_file(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(TableError) as caught:
        load_csv(path, ["age"], [])
    assert str(caught.value) == f"{path} {problem}"
