"""The scores of a run, by epoch and step."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias, final

from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_mapping, is_tuple

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, float]


@final
class History:
    """A row of scores for each moment that produced any, and for each end of an epoch."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], Row] = {}
        self._steps: dict[int, int] = {}
        """The last step of each epoch."""

    def add(self, moment: Moment, scores: Mapping[str, float]) -> None:
        """More of one moment joins its row."""
        if moment.ends_epoch:
            self._steps[moment.epoch] = moment.step
        if scores or moment.ends_epoch:
            self._rows.setdefault((moment.epoch, moment.step), {}).update(scores)

    def frame(self) -> "pd.DataFrame":
        """A row for each moment that produced any, index (epoch, step); NaN for what is not in it."""
        import pandas as pd  # not at the top: a trainer is built without pandas

        places = sorted(at for at, row in self._rows.items() if row)
        columns = [[at[0] for at in places], [at[1] for at in places]]
        index = pd.MultiIndex.from_arrays(columns, names=["epoch", "step"])
        return _frame([self._rows[at] for at in places], index)

    def of_epochs(self) -> "pd.DataFrame":
        """A row for each completed epoch, with the scores of its end."""
        import pandas as pd

        rows = [self._rows.get(at, {}) for at in sorted(self._steps.items())]
        return _frame(rows, pd.Index(sorted(self._steps), name="epoch", dtype="int64"))

    def saved(self) -> list[object]:
        """As data: epoch, step, whether it ended the epoch, scores."""
        return [
            (epoch, step, self._steps.get(epoch) == step, dict(row))
            for (epoch, step), row in self._rows.items()
        ]


def read_history(saved: object) -> History:
    """What `saved` gave. Raises `CheckpointError`."""
    history = History()
    for entry in saved if is_list(saved) else [saved]:
        match entry if is_tuple(entry) else None:
            case (int(epoch), int(step), bool(ended), row):
                moment = Moment(epoch=epoch, step=step, ends_epoch=ended)
                history.add(moment, dict(numbers(row)))
            case _:
                raise CheckpointError(
                    f'checkpoint: "history" has {shown(entry)}, expected epoch, step, whether it '
                    "ended the epoch, and scores; load a checkpoint that this version wrote"
                )
    return history


def numbers(row: object) -> Iterator[tuple[str, float]]:
    """What of it is a score."""
    for name, value in row.items() if is_mapping(row) else ():
        if isinstance(value, float):
            yield str(name), value


def _frame(rows: list[Row], index: "pd.Index") -> "pd.DataFrame":
    """Columns in order of appearance."""
    import pandas as pd

    columns = list(dict.fromkeys(name for row in rows for name in row))
    data = {name: [row.get(name, float("nan")) for row in rows] for name in columns}
    return pd.DataFrame(data, index=index, columns=columns, dtype="float64")
