import pickle

import pandas as pd
import pytest
from artifact_core.table_comparison import TabularDataSpec

from artifact_torch.errors import ConfigurationError
from artifact_torch.table_comparison import TableSpec, table_spec

TABLE = pd.DataFrame(
    {
        "b": ["y", None, "x", "y"],
        "n": [1, 2, 3, 4],
        "other": [0, 0, 0, 0],
        "flag": [1, 0, 1, 1],
        "x": [0.5, 1.5, float("nan"), 2.0],
        "kind": pd.Categorical(["u", "v", "u", "v"], categories=["w", "v", "u"]),
    }
)


def test_it_is_what_artifact_core_finds() -> None:
    cts, cat = ["x", "n"], ["kind", "flag", "b"]
    ours = table_spec(TABLE, cts_features=cts, cat_features=cat)
    table = TABLE.drop(columns="other")  # artifact-core finds the kind of what is not named
    theirs = TabularDataSpec.from_df(table, cts_features=cts, cat_features=cat)
    assert ours.features == theirs.features == ["b", "n", "flag", "x", "kind"]
    assert (ours.n_features, ours.n_cts_features, ours.n_cat_features) == (5, 2, 3)
    assert (theirs.n_features, theirs.n_cts_features, theirs.n_cat_features) == (5, 2, 3)
    assert ours.cts_features == theirs.cts_features == ["n", "x"]
    assert ours.cat_features == theirs.cat_features == ["b", "flag", "kind"]
    assert ours.cts_dtypes == theirs.cts_dtypes
    assert ours.cat_dtypes == theirs.cat_dtypes
    assert ours.cat_unique_map == theirs.cat_unique_map
    assert ours.cat_unique_map == {"b": ["y", "x"], "flag": ["1", "0"], "kind": ["u", "v"]}
    assert ours.cat_unique_count_map == theirs.cat_unique_count_map


def test_it_is_a_spec_that_can_be_sent() -> None:
    spec = table_spec(TABLE, cts_features=["x"])
    sent: object = pickle.loads(pickle.dumps(spec))  # noqa: S301  (our own)
    assert isinstance(sent, TableSpec)
    assert sent == spec
    assert (spec.features, spec.cat_features, spec.cat_unique_map) == (["x"], [], {})


def test_a_name_that_is_no_column_or_named_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError) as error:
        table_spec(TABLE, cts_features=["x", "y"], cat_features=["x", "b"])
    assert str(error.value).splitlines() == [
        "table_spec: 'x' is named 2 times, name it once",
        "table_spec: 'y' is no column, the columns are 'b', 'n', 'other', 'flag', 'x', 'kind'",
    ]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (
            pd.DataFrame({0: [1.0]}),
            (
                "the table has columns whose names are no text (0); make text of them, for example with "
                "table.columns = table.columns.map(str)"
            ),
        ),
        (
            pd.DataFrame([[1.0, 2.0]], columns=["x", "x"]),
            "the table has the column 'x' 2 times, name each apart",
        ),
        (
            pd.DataFrame([[1.0]], columns=pd.MultiIndex.from_tuples([("x", "y")])),
            (
                "the table has columns of 2 levels, expected one name each; join them, for example with "
                "table.columns = ['_'.join(map(str, name)) for name in table.columns]"
            ),
        ),
    ],
)
def test_tables_whose_columns_have_no_names_of_their_own(table: pd.DataFrame, problem: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        table_spec(table, cts_features=["x"])
    assert str(error.value) == f"table_spec: {problem}"
