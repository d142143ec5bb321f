"""One score of a table: how many rows it has."""

from collections.abc import Sequence

import pandas as pd

from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName


class RowCount:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "n_rows"),)

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final or epoch % 10 == 0

    def execute(self, table: pd.DataFrame, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults(scores={"n_rows": float(len(table))})


class WrongRowCount:
    result_names: Sequence[str] = ("n_rows",)

    def is_due(self, epoch: int) -> bool:
        return epoch % 10 == 0

    def execute(self, table: pd.DataFrame) -> dict[str, float]:
        return {"n_rows": float(len(table))}
