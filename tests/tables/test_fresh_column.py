"""New values for columns whose values name rows; and the warning where they are copied."""

import re
import uuid
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.api.types import pandas_dtype

from artifact_torch.errors import ConfigurationError
from artifact_torch.tables import CopyWarning, TableCodec, infer_spec

N = 300


def generated(values: Iterable[object], n_rows: int = N, dtype: str | None = None) -> pd.Series:
    table = pd.DataFrame(
        {"x": pd.Series([*values], dtype=None if dtype is None else pandas_dtype(dtype))}
    )
    codec = TableCodec.fit(table, infer_spec(table).with_kinds(x="fresh"))
    made = codec.decode(torch.zeros(n_rows, 1, dtype=torch.int64))["x"]
    assert made.dtype == table["x"].dtype
    assert len({*made}) == n_rows  # pandas compares texts up to a NUL character
    assert {*made}.isdisjoint(values)
    return made


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        ([f"ORD-{i:06d}" for i in range(N)], r"ORD-\d{6}"),
        ([f"{i:05d}" for i in range(N)], r"\d{5}"),
        ([str(uuid.UUID(int=(i**7) << 3, version=4)) for i in range(N)], r"[0-9a-f-]{36}"),
        ([f"bob{i}@example.com" for i in range(N)], r"[a-z]{3}\d{1,3}@[a-z]{7}\.[a-z]{3}"),
        (["Ann", "Bo", "Cleo"] * 2 + ["Dominique"], r"[A-Z][a-z]+\d*"),
        (["日本", "京都"], r"\w{2}\d*"),
        (["", "-"], r"[-0-9]*"),
    ],
)
def test_texts_keep_their_pattern(values: list[str], pattern: str) -> None:
    made = generated(values).tolist()
    assert [each for each in made if not re.fullmatch(pattern, each)] == []


def test_a_pattern_with_too_few_texts_grows_by_digits() -> None:
    made = generated([f"{i}" for i in range(10)], n_rows=500)
    assert set(made.str.len()) >= {2, 3}
    assert made.str.fullmatch(r"\d+").all()


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint64", "object", "float64"])
def test_numbers_that_count_go_on(dtype: str) -> None:
    assert generated(range(1, N + 1), dtype=dtype).tolist() == [*range(N + 1, 2 * N + 1)]


def test_numbers_far_apart_stay_in_their_range() -> None:
    values = np.random.default_rng(0).choice(2**62, N, replace=False)
    assert generated(values).between(values.min(), values.max()).all()


def test_numbers_before_the_first_serve_where_the_dtype_ends() -> None:
    assert generated(range(200, 256), n_rows=150, dtype="uint8").max() == 199


def test_a_dtype_with_too_few_numbers_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="^column .* the dtype has fewer than 300 numbers"):
        generated(range(100, 200), dtype="uint8")


@given(
    values=st.lists(st.text(max_size=4), min_size=1, max_size=20, unique=True),
    n_rows=st.integers(0, 200),
)
@settings(deadline=None)
def test_any_texts(values: list[str], n_rows: int) -> None:
    assert len(generated(values, n_rows, dtype="object")) == n_rows


def test_missing_ones_are_where_their_codes_say() -> None:
    table = pd.DataFrame({"user_id": [5, None, 9], "x": [0.0, 1.0, 2.0]})
    codec = TableCodec.fit(table, infer_spec(table).with_kinds(user_id="fresh"))
    assert codec.cardinalities == (2, 3)
    made = codec.decode(codec.encode(table))
    assert made["user_id"].isna().tolist() == [False, True, False]


def test_the_same_seed_makes_the_same_ones() -> None:
    made: list[list[str]] = []
    for seed in (1, 1, 2):
        torch.default_generator.manual_seed(seed)
        made.append(generated([f"{i:09d}" for i in range(N)]).tolist())
    assert made[0] == made[1] != made[2]


def test_copies_are_counted_before_they_are_made() -> None:
    table = pd.DataFrame(
        {
            "mail": [f"bob{i}@example.com" for i in range(N)],
            "mostly": [f"{min(i, 200)}" for i in range(N)],
            "sex": ["M", "F"] * (N // 2),
        }
    )
    specs = infer_spec(table)
    with pytest.warns(CopyWarning) as caught:
        TableCodec.fit(table, specs.with_kinds(mail="category"))
    _, *lines = str(caught[0].message).splitlines()
    assert lines == [
        "column 'mail': 300 distinct values in 300 rows, 300 of them in one row alone",
        "column 'mostly': 201 distinct values in 300 rows, 200 of them in one row alone",
    ]
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("step", "dtype"), [(16.0, "float64"), (8.0, "float32"), (16.0, "Float64"), (8.0, "float16")]
)
def test_names_that_floats_have_with_gaps_are_refused(step: float, dtype: str) -> None:
    """New ones would be rounded to those that are there, or to each other."""
    first = {"float16": 2048.0, "float32": 1e8}.get(dtype, 1e17)
    ids = pd.Series(first + step * np.arange(40)).astype(pandas_dtype(dtype))
    table = pd.DataFrame({"user_id": ids})
    with pytest.raises(ConfigurationError, match=f"numbers that {dtype} has with gaps.*'Int64'"):
        TableCodec.fit(table, infer_spec(table).with_kinds(user_id="fresh"))
