"""Kinds of columns and codes of tables."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from artifact_torch.tables import ColumnSpec, ColumnSpecs, Kind, TableCodec, infer_spec
from numpy.typing import NDArray
from torch import Tensor
from typing_extensions import assert_type

df = pd.DataFrame({"a": [1, 2]})
columns = infer_spec(df)
assert_type(columns, ColumnSpecs)  # OK
assert_type(columns.with_kinds(a="category", b="fresh"), ColumnSpecs)  # OK
columns.with_kinds({"a b": "drop", 3: "numeric"})  # OK
by_name: dict[str, Kind] = {"a": "ordinal"}
columns.with_kinds(by_name, b="boolean")  # OK
by_number: Mapping[int, Kind] = {1: "datetime"}
columns.with_kinds(by_number)  # OK
assert_type(ColumnSpecs.from_frame(columns.to_frame()), ColumnSpecs)  # OK
kinds: list[Kind] = [each.kind for each in columns]  # OK
assert_type(columns["a"], ColumnSpec)  # OK
ColumnSpecs([ColumnSpec(name=1, kind="drop", reason="why")])  # OK
names: Sequence[Hashable] = columns.names  # OK
features: Sequence[str] = columns.cts_features or columns.cat_features  # OK

codec = TableCodec.fit(df)  # OK
assert_type(TableCodec.fit(df, columns, n_bins=8), TableCodec)  # OK
assert_type(codec.encode(df), Tensor)  # OK
assert_type(codec.decode(codec.encode(df)), pd.DataFrame)  # OK
assert_type(codec.decode_batches([codec.encode(df)], n_rows=2), pd.DataFrame)  # OK
assert_type(codec.cardinalities, tuple[int, ...])  # OK
assert_type(codec.known_rows(df), NDArray[np.bool_])  # OK
