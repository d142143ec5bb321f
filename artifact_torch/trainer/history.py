"""What a run has produced so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, final

from typing_extensions import TypeIs

from artifact_torch.checkpoints.state import read
from artifact_torch.contracts import Failure, Result, ResultKind, ResultName
from artifact_torch.internal.narrowing import is_mapping, is_state_dict
from artifact_torch.routines.results import Computed

if TYPE_CHECKING:
    import pandas as pd

ValueT = TypeVar("ValueT")


@final
class History:
    """A row of scores per completed epoch, and the newest of every other result.

    Only scores and score collections are in its `state_dict`: arrays and plots stay with the
    tracking client. Of each array, plot and their collections only the newest is kept in memory.
    """

    def __init__(self) -> None:
        self._scores: dict[int, dict[str, float]] = {}
        self._score_collections: dict[str, dict[int, dict[str, float]]] = {}
        self._newest: dict[ResultName, object] = {}
        self._failures: dict[ResultName, str] = {}

    def record(self, epoch: int, results: Computed) -> None:
        """Add what a round of `epoch` produced, possibly nothing."""
        row = self._scores.setdefault(epoch, {})
        for each in results:
            match each:
                case Failure():
                    self._failures[each.kind, each.name] = f"epoch {epoch}: {each.reason}"
                case Result(ResultKind.SCORE, name, float(value)):
                    row[name] = value
                case Result(ResultKind.SCORE_COLLECTION, name, value):
                    self._score_collections.setdefault(name, {})[epoch] = _row(value)
                case Result(kind, name, value):
                    self._newest[kind, name] = value

    def newest(
        self, kind: ResultKind, fits: Callable[[object], TypeIs[ValueT]]
    ) -> dict[str, ValueT]:
        """The newest result of each name."""
        return {
            name: value
            for (its_kind, name), value in self._newest.items()
            if its_kind is kind and fits(value)
        }

    def failures(self) -> dict[str, str]:
        """Name to the newest reason and its epoch; those of one name in two kinds are joined."""
        reasons: defaultdict[str, list[str]] = defaultdict(list)
        for (_, name), reason in self._failures.items():
            reasons[name].append(reason)
        return {name: "; ".join(of_name) for name, of_name in reasons.items()}

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
            "scores": _saved(self._scores),
            "score_collections": {n: _saved(rows) for n, rows in self._score_collections.items()},
        }

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        """Replace all that is here by `state_dict`."""
        self._newest, self._failures = {}, {}
        self._scores = _rows(read(state_dict, "scores"))
        self._score_collections = {
            name: _rows(rows)
            for name, rows in read(state_dict, "score_collections").items()
            if is_state_dict(rows)
        }


def _frame(rows: Mapping[int, Mapping[str, float]]) -> pd.DataFrame:
    import pandas as pd  # not at the top: a trainer is built without pandas

    epochs = sorted(rows)
    columns = list(dict.fromkeys(name for epoch in epochs for name in rows[epoch]))
    data = {name: [rows[epoch].get(name, float("nan")) for epoch in epochs] for name in columns}
    return pd.DataFrame(data, index=pd.Index(epochs, name="epoch", dtype="int64"), dtype="float64")


def _saved(rows: Mapping[int, Mapping[str, float]]) -> dict[str, object]:
    return {str(epoch): dict(row) for epoch, row in rows.items()}


def _rows(state: Mapping[str, object]) -> dict[int, dict[str, float]]:
    return {int(epoch): _row(row) for epoch, row in state.items()}


def _row(row: object) -> dict[str, float]:
    items = row.items() if is_mapping(row) else ()
    return {str(name): value for name, value in items if isinstance(value, float)}
