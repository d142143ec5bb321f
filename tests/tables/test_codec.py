"""Whole tables to codes and back."""

import warnings

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.tables import CopyWarning, Kind, TableCodec, infer_spec
from tests.demo.tensors import array

TABLE = pd.DataFrame(
    {"sex": ["M", "F", "M"], "age": [40, 50, 60], "note": ["", "", ""], "peak": [0.0, 0.5, 1.0]}
)


KINDS: dict[str, Kind] = {"sex": "category", "age": "numeric", "note": "drop", "peak": "numeric"}


def fitted(table: pd.DataFrame = TABLE, n_bins: int = 3) -> TableCodec:
    return TableCodec.fit(table, infer_spec(table).with_kinds(KINDS), n_bins=n_bins)


def test_decoded_tables_have_the_used_columns_in_order_with_their_dtypes() -> None:
    codec = fitted()
    codes = codec.encode(TABLE)
    assert codec.features == ("sex", "age", "peak")
    assert codec.cardinalities == (2, 3, 3)
    assert array(codes).tolist() == [[0, 0, 0], [1, 1, 1], [0, 2, 2]]
    assert codes.dtype == torch.int64
    pd.testing.assert_frame_equal(codec.decode(codes), TABLE[["sex", "age", "peak"]])


@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=2), st.booleans(), st.integers(-9, 9), st.floats(-100, 100, width=32)
        ),
        min_size=1,
        max_size=50,
    ),
    n_bins=st.integers(1, 9),
    size=st.integers(1, 20),
)
def test_tables_survive_encoding_and_decoding_in_batches_of_any_size(
    rows: list[tuple[str, bool, int, float]], n_bins: int, size: int
) -> None:
    table = pd.DataFrame(rows, columns=["text", "flag", "count", "level"])
    kinds: dict[str, Kind] = {"text": "category", "count": "numeric", "level": "numeric"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CopyWarning)
        codec = TableCodec.fit(table, infer_spec(table).with_kinds(kinds), n_bins=n_bins)
    codes = codec.encode(table)
    batches = (codes[start : start + size] for start in range(0, len(codes), size))
    made = codec.decode_batches(batches, n_rows=len(codes))
    categorical = ["text", "flag"]
    pd.testing.assert_frame_equal(made[categorical], table[categorical])
    pd.testing.assert_series_equal(made.dtypes, table.dtypes)
    assert ((codec.encode(made) - codes).abs() <= torch.tensor([0, 0, 2, 2])).all()  # bins beside


def test_a_table_of_many_rows_is_decoded_as_one() -> None:
    codec = fitted()
    codes = codec.encode(TABLE)
    pd.testing.assert_frame_equal(
        codec.decode(codes.repeat(7000, 1)),
        pd.concat([TABLE[["sex", "age", "peak"]]] * 7000, ignore_index=True),
    )


def test_no_codes_give_a_table_without_rows() -> None:
    codec = fitted()
    made = codec.decode(codec.encode(TABLE)[:0])
    pd.testing.assert_frame_equal(made, TABLE[["sex", "age", "peak"]][:0])


def test_the_same_seed_draws_the_same_values() -> None:
    table = pd.DataFrame({"x": [0.5 * i for i in range(50)]})
    codec = TableCodec.fit(table, n_bins=3)
    made: list[pd.DataFrame] = []
    for seed in (3, 3, 4):
        torch.default_generator.manual_seed(seed)
        made.append(codec.decode(codec.encode(table)))
    pd.testing.assert_frame_equal(made[0], made[1])
    assert not made[0].equals(made[2])


def test_many_categories_in_one_column_leave_the_others_alone() -> None:
    table = pd.DataFrame({"a": [f"{i % 20_000}" for i in range(60_000)], "b": ["x", "y"] * 30_000})
    codec = TableCodec.fit(table)
    assert codec.cardinalities == (20_000, 2)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(table)), table)


def test_rows_that_the_fitted_table_had_not_are_named_and_can_be_left_out() -> None:
    codec = fitted()
    other = pd.DataFrame(
        {"peak": [9.0, -9.0, None, 0.5], "sex": ["F", "x", "F", "M"], "age": [45, 1, 50, 99]}
    )
    with pytest.raises(DataError) as caught:
        codec.encode(other)
    assert str(caught.value) == (
        "TableCodec.encode: column 'sex' has 1 values 'x', which the fitted table had not; leave "
        "such rows out: table[codec.known_rows(table)], or fit a table that has them\n"
        "TableCodec.encode: column 'peak' has 1 missing values, which the fitted table had not; "
        "leave such rows out: table[codec.known_rows(table)], or fit a table that has them"
    )
    known = codec.known_rows(other)
    assert known.tolist() == [True, False, False, True]
    assert array(codec.encode(other[known])).tolist() == [[1, 0, 2], [0, 2, 1]]  # nearest bins


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sex": None}, "the table has no column 'sex'"),
        ({"age": ["a", "b", "c"]}, "column 'age' holds text values as object, expected integer or"),
        ({"peak": [0.0, float("inf"), 1.0]}, "column 'peak' has 1 of 3 values that are not finite"),
        ({"sex": [["M"], ["F"], ["M"]]}, "column 'sex' holds objects of list"),
    ],
)
def test_a_table_that_cannot_be_encoded(
    change: dict[str, list[object] | None], message: str
) -> None:
    table = TABLE.copy()
    for name, values in change.items():
        table = (
            table.drop(columns=name)
            if values is None
            else table.assign(**{name: pd.Series(values)})
        )
    with pytest.raises(DataError, match=f"^TableCodec.encode: {message}"):
        fitted().encode(table)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (torch.zeros(2, 2, dtype=torch.int64), r"must be \[rows, 3\].*got the shape \[2, 2\]"),
        (torch.tensor([[0, 3, 0]]), "column 'age' has codes from 3 to 3, expected 0 to 2"),
        (torch.tensor([[-1, 0, 0]]), "column 'sex' has codes from -1 to -1, expected 0 to 1"),
    ],
)
def test_codes_of_no_row_are_refused(codes: torch.Tensor, message: str) -> None:
    with pytest.raises(DataError, match=message):
        fitted().decode(codes)


def test_kinds_and_columns_that_do_not_meet_are_listed_together() -> None:
    specs = infer_spec(TABLE[["sex", "age"]])
    with pytest.raises(ConfigurationError) as caught:
        TableCodec.fit(TABLE.drop(columns="sex"), specs, n_bins=0)
    advice = "leave it out with kind 'drop', or infer_spec(table)"
    assert str(caught.value).splitlines() == [
        "TableCodec.fit: n_bins must be at least 1, got 0",
        f"TableCodec.fit: column 'note' has no kind; {advice}",
        f"TableCodec.fit: column 'peak' has no kind; {advice}",
        "TableCodec.fit: the table has no column 'sex', which has the kind category",
    ]
