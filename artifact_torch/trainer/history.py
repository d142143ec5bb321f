"""What a run has produced so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, final

from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import ArtifactResults
from artifact_torch.errors import ValidationError
from artifact_torch.internal.narrowing import is_state_dict

if TYPE_CHECKING:
    import pandas as pd

    from artifact_torch.contracts.routine import Array, ArrayCollection, Plot, PlotCollection


@final
class History:
    """A row of scores per completed epoch, and the newest of every other result.

    Only scores and score collections are in its `state_dict`: arrays and plots stay with the
    tracking client. Of each array, plot and their collections only the newest is kept in memory.
    """

    def __init__(self) -> None:
        self._scores: dict[int, dict[str, float]] = {}
        self._score_collections: dict[str, dict[int, dict[str, float]]] = {}
        self.arrays: dict[str, Array] = {}
        self.plots: dict[str, Plot] = {}
        self.array_collections: dict[str, ArrayCollection] = {}
        self.plot_collections: dict[str, PlotCollection] = {}
        self.failures: dict[str, str] = {}

    def record(self, epoch: int, results: ArtifactResults) -> None:
        """Add what a round of `epoch` produced, possibly nothing.

        The second round of one epoch is the final one. Raises `ValidationError` for a score, or a
        collection of scores, that the epoch's own round had already.
        """
        row = self._scores.setdefault(epoch, {})
        again = sorted(row.keys() & results.scores.keys()) + [
            name
            for name in results.score_collections
            if epoch in self._score_collections.get(name, {})
        ]
        if again:
            raise ValidationError(
                f"epoch {epoch}: the final round produced {again} again, expected only what the "
                f"epoch's own round left out; let is_due({epoch}, final=True) of their routine be "
                "False for what its own round produced"
            )
        row |= results.scores
        for name, collection in results.score_collections.items():
            self._score_collections.setdefault(name, {})[epoch] = dict(collection)
        self.arrays |= results.arrays
        self.plots |= results.plots
        self.array_collections |= results.array_collections
        self.plot_collections |= results.plot_collections
        self.failures |= {name: f"epoch {epoch}: {why}" for name, why in results.failures.items()}

    def epoch_scores(self) -> pd.DataFrame:
        """One row per completed epoch (index `epoch`: 1, 2, ...), one column per score.

        A score that an epoch did not produce is NaN in its row; columns are in order of appearance.
        """
        return _frame(self._scores)

    def score_collections(self) -> dict[str, pd.DataFrame]:
        """Per collection, one row per epoch that produced it and one column per key."""
        return {name: _frame(rows) for name, rows in self._score_collections.items()}

    def state_dict(self) -> Mapping[str, object]:
        """Scores and score collections, epoch by epoch."""
        return {
            "scores": {str(epoch): dict(row) for epoch, row in self._scores.items()},
            "score_collections": {
                name: {str(epoch): dict(row) for epoch, row in rows.items()}
                for name, rows in self._score_collections.items()
            },
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Replace all that is here by `state_dict`."""
        self.arrays, self.plots, self.array_collections = {}, {}, {}
        self.plot_collections, self.failures = {}, {}
        self._scores = _rows(read(state_dict, "scores"))
        self._score_collections = {
            name: _rows(rows)
            for name, rows in read(state_dict, "score_collections").items()
            if is_state_dict(rows)
        }


def _frame(rows: Mapping[int, Mapping[str, float]]) -> pd.DataFrame:
    import pandas as pd  # not at the top: `import artifact_torch` does not load pandas

    epochs = sorted(rows)
    columns = list(dict.fromkeys(name for epoch in epochs for name in rows[epoch]))
    data = {name: [rows[epoch].get(name, float("nan")) for epoch in epochs] for name in columns}
    return pd.DataFrame(data, index=pd.Index(epochs, name="epoch", dtype="int64"), dtype="float64")


def _rows(state: Mapping[str, object]) -> dict[int, dict[str, float]]:
    return {
        int(epoch): {name: value for name, value in row.items() if isinstance(value, float)}
        for epoch, row in state.items()
        if is_state_dict(row)
    }
