"""The scores of a run, by epoch and step."""

from collections.abc import Iterator, Mapping
from sys import intern
from typing import TYPE_CHECKING, TypeAlias, final

from artifact_torch.checkpoints.trees import items_of
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_mapping

if TYPE_CHECKING:
    import pandas as pd

Scores: TypeAlias = dict[str, float]
Row: TypeAlias = list[str | int | Scores]
"""Of which collection, "" for the scores themselves; epoch, step, whether it ended the epoch,
scores: what JSON can hold."""


@final
class History:
    """A row of scores for each moment that produced any, and for each end of an epoch, and one for
    each score collection. Grows at its end and changes nowhere else.

    The rows are all there is of it: 48 bytes a score where there are forty, 90 where there are five.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        """Not a copy: for reading."""

    def add(self, moment: Moment, scores: Mapping[str, float]) -> None:
        """More of one moment is another row."""
        if scores or (moment.ends_epoch and not moment.ends_run):  # whose epoch has its row
            self._add("", moment, scores)

    def add_collection(self, name: str, moment: Moment, scores: Mapping[str, float]) -> None:
        """Also an empty one."""
        self._add(name, moment, scores)

    def _add(self, name: str, moment: Moment, scores: Mapping[str, float]) -> None:
        self.rows.append([name, moment.epoch, moment.step, moment.ends_epoch, dict(scores)])

    def taken(self) -> "History":
        """As it is now: the same rows, which do not change, in a list of its own."""
        history = History()
        history.rows = [*self.rows]
        return history

    def moments(self) -> "Iterator[_Read]":
        """Each row: the collection or "", epoch, step, whether that ended the epoch, scores."""
        return _read(self.rows)

    def frame(self) -> "pd.DataFrame":
        """A row for each moment that produced any, index (epoch, step); NaN for what is not in it."""
        return _by_moment([each for each in _read(self.rows) if each[0] == "" and each[4]])

    def collections(self) -> "dict[str, pd.DataFrame]":
        """The same of each score collection."""
        found: dict[str, list[_Read]] = {}
        for each in _read(self.rows):
            if each[0]:
                found.setdefault(each[0], []).append(each)
        return {
            name: _by_moment([each for each in rows if each[4]]) for name, rows in found.items()
        }

    def of_epochs(self) -> "pd.DataFrame":
        """A row for each completed epoch, with the scores of its end."""
        import pandas as pd  # not at the top: a trainer is built without pandas

        own = [each for each in _read(self.rows) if each[0] == ""]
        steps = {epoch: step for _, epoch, step, ends_epoch, _ in own if ends_epoch}
        rows = dict[int, Scores]((epoch, {}) for epoch in sorted(steps))
        for _, epoch, step, _, scores in own:
            if steps.get(epoch) == step:
                rows[epoch].update(scores)
        return _frame([*rows.values()], pd.Index([*rows], name="epoch", dtype="int64"))


_Read: TypeAlias = tuple[str, int, int, bool, Scores]


def _read(rows: list[Row]) -> Iterator[_Read]:
    for row in rows:
        match row:
            case [str(name), int(epoch), int(step), bool(ends_epoch), dict(scores)]:
                yield name, epoch, step, ends_epoch, scores
            case _:
                raise _no_row(row)


def read_history(saved: object, n_rows: int) -> History:
    """Its first `n_rows`; those that came later, where the list went on growing, are not part of the
    state. Rows of its own. Raises `CheckpointError`.
    """
    history = History()
    for row in (items_of(saved) or [])[:n_rows]:
        match items_of(row):
            case [str(name), int(epoch), int(step), bool(ends_epoch), scores]:
                # each line of a file brings its names along: kept once, not once a row
                kept = {intern(key): value for key, value in numbers(scores)}
                history.rows.append([intern(name), epoch, step, ends_epoch, kept])
            case _:
                raise _no_row(row)
    return history


def _no_row(row: object) -> CheckpointError:
    return CheckpointError(
        f'checkpoint: "log" has {shown(row)}, expected the name of a collection or "", epoch, step, '
        "whether it ended the epoch, and scores; load a checkpoint that this version wrote"
    )


def numbers(row: object) -> Iterator[tuple[str, float]]:
    """What of it is a score."""
    for name, value in row.items() if is_mapping(row) else ():
        if isinstance(value, float):
            yield str(name), value


def _by_moment(rows: list[_Read]) -> "pd.DataFrame":
    import pandas as pd

    merged: dict[tuple[int, int], Scores] = {}
    for _, epoch, step, _, scores in rows:
        merged.setdefault((epoch, step), {}).update(scores)
    places = sorted(merged)
    columns = [[at[0] for at in places], [at[1] for at in places]]
    index = pd.MultiIndex.from_arrays(columns, names=["epoch", "step"])
    return _frame([merged[at] for at in places], index)


def _frame(rows: list[Scores], index: "pd.Index") -> "pd.DataFrame":
    """Columns in order of appearance."""
    import pandas as pd

    columns = list(dict.fromkeys(name for row in rows for name in row))
    data = {name: [row.get(name, float("nan")) for row in rows] for name in columns}
    return pd.DataFrame(data, index=index, columns=columns, dtype="float64")
