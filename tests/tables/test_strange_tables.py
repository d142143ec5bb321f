"""Tables, kinds and codes that no codec was meant for: each is told with what to do."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.tables import TableCodec, infer_spec
from tests.demo.tensors import array

AGES = pd.DataFrame({"age": [40, 50, 60, 70], "sex": ["M", "F", "M", "F"]})


def codec_of(table: pd.DataFrame) -> TableCodec:
    return TableCodec.fit(table, infer_spec(table), n_bins=4)


@pytest.mark.parametrize("name", [True, np.True_, np.nan])
def test_a_name_that_finds_no_column_is_refused(name: object) -> None:
    with pytest.raises(ConfigurationError, match=r"is named .* df\.columns\.map\(str\)"):
        infer_spec(pd.DataFrame({name: [1.0, 2.0, 3.0]}))


@pytest.mark.parametrize(
    ("values", "dtype", "remedy"),
    [
        ([1.0, 2.0], "float16", "astype('float32')"),
        ([pd.Timestamp("2020")], "timestamp", "astype('datetime64[ns]')"),
        ([dt.date(2020, 1, 1)], "date32", "astype('datetime64[s]')"),
        ([dt.timedelta(1)], "duration", ".dt.total_seconds()"),
        ([dt.time(1)], "time64", "astype(str)"),
        ([None], "null", "astype(object)"),
        ([b"a"], "binary", "str.decode('utf-8')"),
    ],
)
def test_a_dtype_of_arrow_that_is_not_taken_is_told_what_to_do(
    values: list[object], dtype: str, remedy: str
) -> None:
    arrow = pytest.importorskip("pyarrow")
    types = {
        "float16": arrow.float16(),
        "timestamp": arrow.timestamp("ns"),
        "date32": arrow.date32(),
        "duration": arrow.duration("s"),
        "time64": arrow.time64("us"),
        "null": arrow.null(),
        "binary": arrow.binary(),
    }
    of = np.array(values, dtype=np.float16) if dtype == "float16" else values
    column = pd.Series(pd.arrays.ArrowExtensionArray(arrow.array(of, type=types[dtype])))
    with pytest.raises(ConfigurationError) as caught:
        infer_spec(pd.DataFrame({"seen": column}))
    assert remedy in str(caught.value)


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "double[pyarrow]"])
def test_nan_that_pandas_takes_for_a_value_is_told_what_to_do(dtype: str) -> None:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    of = pd.Series([0, 1, 2, 3] * 10).astype(pd.api.types.pandas_dtype(dtype))
    table = pd.DataFrame({"share": of / of})
    assert not table["share"].isna().any()
    remedy = f".astype('float64').replace([np.inf, -np.inf], np.nan).astype('{dtype}')"
    with pytest.raises(ConfigurationError, match="10 of 40 values that are not finite") as caught:
        infer_spec(table)
    assert remedy in str(caught.value)
    mended = table["share"].astype("float64").replace([np.inf, -np.inf], np.nan)
    [column] = infer_spec(table.assign(share=mended.astype(of.dtype)))
    assert column.reason.endswith("10 missing")


def test_bytes_in_another_order_are_told_what_to_do() -> None:
    table = pd.DataFrame({"n": np.arange(9, dtype=">i4")})
    with pytest.raises(ConfigurationError, match=r"newbyteorder\('='\)"):
        infer_spec(table)
    mended = table["n"].astype(np.dtype(">i4").newbyteorder("="))
    assert infer_spec(table.assign(n=mended))["n"].kind == "numeric"


def test_names_that_are_equal_are_one() -> None:
    table = pd.DataFrame([[1, 2]] * 5, columns=pd.Index([1, 1.0], dtype=object))
    with pytest.raises(ConfigurationError, match="column '1' is there 2 times"):
        infer_spec(table)


def test_codes_that_are_no_tensor_are_refused() -> None:
    codec = codec_of(AGES)
    with pytest.raises(DataError, match=r"got an array of dtype int64; .* torch\.as_tensor"):
        untyped(codec.decode, array(codec.encode(AGES)))


def untyped(make: Callable[..., object], *parts: object) -> object:
    return make(*parts)


@pytest.mark.parametrize(
    "columns", [{"age": "numeric", "sex": "category"}, infer_spec(AGES).to_frame(), []]
)
def test_kinds_of_another_type_are_refused(columns: object) -> None:
    with pytest.raises(ConfigurationError, match="columns must be ColumnSpecs, got"):
        untyped(TableCodec.fit, AGES, columns)


def test_a_codec_of_no_column_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="every column has the kind 'drop'"):
        TableCodec.fit(AGES, infer_spec(AGES).with_kinds(age="drop", sex="drop"))


@pytest.mark.parametrize(
    "far",
    [
        pd.Series(np.array(["9999-01-01"], dtype="datetime64[s]")),
        pd.Series([dt.date(9999, 1, 1)], dtype=object),
    ],
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_time_that_nanoseconds_do_not_reach_has_the_nearest_bin(
    far: pd.Series, zone: str | None
) -> None:
    seen = pd.DataFrame({"seen": pd.date_range("2020", periods=9, freq="7h", tz=zone, unit="ns")})
    codec = codec_of(seen)
    assert array(codec.encode(pd.DataFrame({"seen": far}))).tolist() == [
        [codec.cardinalities[0] - 1]
    ]


@pytest.mark.parametrize(
    "codes",
    [torch.zeros(2, 2), torch.full((2, 2), 0.5), torch.full((2, 2), torch.nan).bfloat16()],
)
def test_codes_with_fractions_are_not_cut(codes: torch.Tensor) -> None:
    with pytest.raises(DataError, match="must be whole numbers, got torch"):
        codec_of(AGES).decode(codes)


def test_codes_of_no_shape_are_refused() -> None:
    with pytest.raises(DataError, match=r"\[rows, 2\].* got the shape \[\]"):
        codec_of(AGES).decode(torch.tensor(1))


@pytest.mark.parametrize(
    ("n_rows", "told"), [(9, "have 8 rows"), (7, "have more rows"), (-1, "0 or more")]
)
def test_other_rows_than_promised_are_refused(n_rows: int, told: str) -> None:
    """Rows that were never written would be whatever lay in memory."""
    codec = codec_of(AGES)
    codes = codec.encode(AGES)
    with pytest.raises(DataError, match=f"{told}, got n_rows={n_rows}"):
        codec.decode_batches([codes, codes], n_rows=n_rows)
