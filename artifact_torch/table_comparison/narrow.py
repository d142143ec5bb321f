"""Tables of which a projection can be made: it makes a column of numbers of each category."""

from dataclasses import replace
from typing import Final

import pandas as pd

from artifact_torch.table_comparison.contracts import TableSpec
from artifact_torch.table_comparison.seen import Seen, word
from artifact_torch.table_comparison.spec import with_only

PROJECTIONS: Final = ("PCA_JUXTAPOSITION", "TRUNCATED_SVD_JUXTAPOSITION", "TSNE_JUXTAPOSITION")

MOST: Final = 100
"""Categories of a column, the commonest of the real table: with the 20,000 towns of 60,000 rows, a
projection takes 9 GB and minutes. The others are one.
"""


def narrowed(spec: TableSpec, real: Seen, generated: Seen) -> tuple[TableSpec, Seen, Seen]:
    """The same where no column has more than `MOST` categories."""
    wide = [name for name in spec.cat_features if len(spec.cat_unique_map[name]) > MOST]
    if not wide:
        return spec, real, generated
    commonest: dict[str, list[str]] = {
        name: real.table[name].astype(str).value_counts().index[:MOST].tolist() for name in wide
    }
    others = {name: word("(others)", spec.cat_unique_map[name]) for name in wide}
    known = {name: [*commonest[name], others[name]] for name in wide}

    def of(one: Seen) -> Seen:
        columns: dict[str, pd.Series] = {}
        for name in wide:
            texts = one.table[name].astype(str)
            columns[name] = texts.where(texts.isin(commonest[name]), others[name])
        return replace(one, table=one.table.assign(**columns))

    return with_only(spec, known), of(real), of(generated)
