"""What is sent to a tracking client for the results of one moment, each with its epoch and step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, final

import numpy as np

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.internal.arguments import is_array
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import Picture
from artifact_torch.internal.safe_names import SafeNames
from artifact_torch.routines.results import Computed
from artifact_torch.tracking.logging_thread import is_of_artifact_experiment

if TYPE_CHECKING:
    from artifact_torch.contracts.tracking import TrackingClient

EPOCH = "EPOCH"
"""The key of the epochs completed in every score collection, and the mark of it in a name."""

STEP = "STEP"
"""The key of the step, and the mark of it in a name."""

SCORES_BY_EPOCH = "SCORES_BY_EPOCH"
"""The score collection that holds all scores again: a row per moment, with its epoch and step."""

# numpy.savez, behind an array collection, has parameters of these names
_NO_KEYS = ("file", "allow_pickle")

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call of a client: `send` makes it, `label` says what it carries ("score 'LOSS'")."""

    label: str
    send: Callable[[], object]


def name_at(name: str, moment: Moment) -> str:
    """`PDF_EPOCH_000050`, within an epoch `PDF_STEP_00012000`: padded, so that listings sort and no
    name is a prefix of another.
    """
    if moment.ends_epoch:
        return f"{name}_{EPOCH}_{moment.epoch:06d}"
    return f"{name}_{STEP}_{moment.step:08d}"


@final
class EntryNames:
    """The names of a run's results in its backend: one set a kind, one a collection's keys."""

    def __init__(self) -> None:
        self._results = {kind: SafeNames(reserved=_reserved(kind)) for kind in ResultKind}
        self._keys: defaultdict[tuple[ResultKind, str], SafeNames] = defaultdict(
            # filesystem backends take what follows a dot in a plot's key for its extension
            partial(SafeNames, reserved=(EPOCH, STEP, *_NO_KEYS), dots=False)
        )

    def of(self, kind: ResultKind, results: Mapping[str, ValueT]) -> dict[str, tuple[str, ValueT]]:
        """Each result by its own name: its safe name, and its value."""
        safe = self._results[kind].of(results)
        return {name: (safe[name], value) for name, value in results.items()}

    def of_keys(self, kind: ResultKind, name: str, keys: Iterable[str]) -> Mapping[str, str]:
        """Each key of a collection to its safe form."""
        return self._keys[kind, name].of(keys)


def _reserved(kind: ResultKind) -> tuple[str, ...]:
    match kind:
        case ResultKind.SCORE:
            return (EPOCH, STEP)  # scores are keys of SCORES_BY_EPOCH
        case ResultKind.SCORE_COLLECTION:
            return (SCORES_BY_EPOCH,)
        case _:
            return ()


def entries(
    client: TrackingClient, results: Computed, moment: Moment, names: EntryNames
) -> Iterator[Entry]:
    """The calls that record `results`. Make each before asking for the next."""
    place = {EPOCH: float(moment.epoch), STEP: float(moment.step)}
    row = dict(place)

    def send(kind: ResultKind, name: str, safe: str, value: object) -> None:
        sent = _own_form(value, client)
        if is_mapping(value):
            keys = names.of_keys(kind, name, map(str, value))
            sent = {keys[str(key)]: _own_form(item, client) for key, item in value.items()}
            if kind is ResultKind.SCORE_COLLECTION:
                sent = {**place, **sent}
        if isinstance(value, float):
            row[safe] = value
        of_epoch = kind not in (ResultKind.SCORE, ResultKind.SCORE_COLLECTION)
        # called as the contract says: `log_array(array=..., name=...)`
        log: Callable[..., object] = getattr(client, f"log_{kind.value}")
        log(**{kind.value: sent, "name": name_at(safe, moment) if of_epoch else safe})

    for kind in ResultKind:
        of_kind = {
            one.name: one.value for one in results if isinstance(one, Result) and one.kind is kind
        }
        for name, (safe, value) in names.of(kind, of_kind).items():
            label = f"{kind.value.replace('_', ' ')} {name!r}"
            yield Entry(label=label, send=partial(send, kind, name, safe, value))
        if kind is ResultKind.SCORE and len(row) > len(place):
            send_row = partial(
                client.log_score_collection, score_collection=row, name=SCORES_BY_EPOCH
            )
            yield Entry(label=f"score collection {SCORES_BY_EPOCH!r}", send=send_row)


def own_arrays(results: Computed) -> list[Result | Failure]:
    """The same results, with arrays that nobody else changes; a figure is not copied."""
    return [
        Result(each.kind, each.name, _own(each.value)) if isinstance(each, Result) else each
        for each in results
    ]


def _own(value: object) -> object:
    if is_mapping(value):
        return {key: _own(each) for key, each in value.items()}
    return np.array(value) if is_array(value) else value


def _own_form(value: object, client: object) -> object:
    """An array as a floating one of its own: a client writes it later. A picture as a figure, and
    one that is drawn already for those who do nothing but save it.
    """
    if isinstance(value, Picture):
        if not is_of_artifact_experiment(client):
            return value.figure()
        from artifact_torch.tracking.drawn_figure import DrawnFigure

        return DrawnFigure(value)
    if not is_array(value):
        return value
    copy = np.array(value)
    return copy if np.issubdtype(copy.dtype, np.floating) else copy.astype(np.float64)
