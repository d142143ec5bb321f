"""Kinds that there are not, and what is no table."""

import pandas as pd
from artifact_torch.tables import ColumnSpec, ColumnSpecs, TableCodec, infer_spec

df = pd.DataFrame({"a": [1, 2]})
columns = infer_spec(df)
infer_spec({"a": [1]})  # E[pyright=reportArgumentType: DataFrame, mypy=arg-type: DataFrame]
infer_spec(df["a"])  # E[pyright=reportArgumentType: DataFrame, mypy=arg-type: DataFrame]
columns.with_kinds(a="categorical")  # E[pyright=reportArgumentType: Kind, mypy=arg-type: "a"]
columns.with_kinds(a=None)  # E[pyright=reportArgumentType: Kind, mypy=arg-type: "a"]
columns.with_kinds({"a": "zip"})  # E[pyright=reportArgumentType, mypy]
columns["a"].kind = "drop"  # E[pyright=reportAttributeAccessIssue, mypy=misc]
ColumnSpec(name="a")  # E[pyright=reportCallIssue: kind, mypy=call-arg: kind]
ColumnSpec("a", "drop")  # E[pyright=reportCallIssue, mypy]
ColumnSpecs({"a": "drop"})  # E[pyright=reportArgumentType, mypy=arg-type]
TableCodec.fit(df, ["a"])  # E[pyright=reportArgumentType: ColumnSpecs, mypy=arg-type: ColumnSpecs]
TableCodec.fit(df, columns, 8)  # E[pyright=reportCallIssue: positional, mypy]
TableCodec.fit(df, n_bins="8")  # E[pyright=reportArgumentType: "int", mypy=arg-type: n_bins]
TableCodec.fit(df).decode([[0]])  # E[pyright=reportArgumentType: Tensor, mypy=arg-type: Tensor]
TableCodec.fit(df).decode_batches([])  # E[pyright=reportCallIssue: n_rows, mypy=call-arg: n_rows]
