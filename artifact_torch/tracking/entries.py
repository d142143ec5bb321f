"""What is sent to a tracking client for the results of one epoch, each with its epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, final

import numpy as np

from artifact_torch.contracts.routine import ArtifactResults, ResultKind
from artifact_torch.tracking.safe_names import SafeNames

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Array, Plot
    from artifact_torch.contracts.tracking import TrackingClient

EPOCH = "EPOCH"
"""The key of the epoch in every score collection, and the mark of it in a name."""

SCORES_BY_EPOCH = "SCORES_BY_EPOCH"
"""The score collection that holds all scores again: a row per round, with its epoch."""

# numpy.savez, behind an array collection, has parameters of these names
_NO_KEYS = ("file", "allow_pickle")

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call of a client: `send` makes it, `label` says what it carries ("score 'LOSS'")."""

    label: str
    send: Callable[[], object]


def epoch_name(name: str, epoch: int) -> str:
    """`PDF_EPOCH_000050`: padded, so that listings sort and no name is a prefix of another."""
    return f"{name}_{EPOCH}_{epoch:06d}"


@final
class EntryNames:
    """The names of a run's results in its backend: one set a kind, one a collection's keys."""

    def __init__(self) -> None:
        self._results = {kind: SafeNames(reserved=_reserved(kind)) for kind in ResultKind}
        self._keys: defaultdict[tuple[ResultKind, str], SafeNames] = defaultdict(
            # filesystem backends take what follows a dot in a plot's key for its extension
            partial(SafeNames, reserved=(EPOCH, *_NO_KEYS), dots=False)
        )

    def of(self, kind: ResultKind, results: Mapping[str, ValueT]) -> dict[str, tuple[str, ValueT]]:
        """Each result by its own name: its safe name, and its value."""
        safe = self._results[kind].of(results)
        return {name: (safe[name], value) for name, value in results.items()}

    def with_safe_keys(
        self, kind: ResultKind, name: str, collection: Mapping[str, ValueT]
    ) -> dict[str, ValueT]:
        """`collection` under safe keys, in its order."""
        safe = self._keys[kind, name].of(collection)
        return {safe[key]: value for key, value in collection.items()}


def _reserved(kind: ResultKind) -> tuple[str, ...]:
    match kind:
        case ResultKind.SCORE:
            return (EPOCH,)  # scores are keys of SCORES_BY_EPOCH
        case ResultKind.SCORE_COLLECTION:
            return (SCORES_BY_EPOCH,)
        case _:
            return ()


def entries(
    client: TrackingClient, results: ArtifactResults, epoch: int, names: EntryNames
) -> Iterator[Entry]:
    """The calls that record `results`. Make each before asking for the next."""
    yield from _score_entries(client, results.scores, epoch, names)
    yield from _score_collection_entries(client, results.score_collections, epoch, names)
    for name, (safe, array) in names.of(ResultKind.ARRAY, results.arrays).items():
        send_array = partial(_send_array, client, array, epoch_name(safe, epoch))
        yield Entry(label=f"array {name!r}", send=send_array)
    for name, (safe, plot) in names.of(ResultKind.PLOT, results.plots).items():
        send_plot = partial(client.log_plot, plot=plot, name=epoch_name(safe, epoch))
        yield Entry(label=f"plot {name!r}", send=send_plot)
    yield from _array_collection_entries(client, results.array_collections, epoch, names)
    yield from _plot_collection_entries(client, results.plot_collections, epoch, names)


def _score_entries(
    client: TrackingClient, scores: Mapping[str, float], epoch: int, names: EntryNames
) -> Iterator[Entry]:
    row = {EPOCH: float(epoch)}

    def send_score(safe: str, score: float) -> None:
        row[safe] = float(score)
        client.log_score(score=row[safe], name=safe)

    for name, (safe, score) in names.of(ResultKind.SCORE, scores).items():
        yield Entry(label=f"score {name!r}", send=partial(send_score, safe, score))
    if len(row) > 1:
        send = partial(client.log_score_collection, score_collection=row, name=SCORES_BY_EPOCH)
        yield Entry(label=f"score collection {SCORES_BY_EPOCH!r}", send=send)


def _score_collection_entries(
    client: TrackingClient,
    collections: Mapping[str, Mapping[str, float]],
    epoch: int,
    names: EntryNames,
) -> Iterator[Entry]:
    kind = ResultKind.SCORE_COLLECTION

    def send(safe: str, name: str, collection: Mapping[str, float]) -> None:
        scores = names.with_safe_keys(kind, name, collection)
        row = {EPOCH: float(epoch)} | {key: float(score) for key, score in scores.items()}
        client.log_score_collection(score_collection=row, name=safe)

    for name, (safe, collection) in names.of(kind, collections).items():
        label = f"score collection {name!r}"
        yield Entry(label=label, send=partial(send, safe, name, collection))


def _array_collection_entries(
    client: TrackingClient,
    collections: Mapping[str, Mapping[str, Array]],
    epoch: int,
    names: EntryNames,
) -> Iterator[Entry]:
    kind = ResultKind.ARRAY_COLLECTION

    def send(safe: str, name: str, collection: Mapping[str, Array]) -> None:
        arrays = names.with_safe_keys(kind, name, collection)
        floats = {key: _float_copy(array) for key, array in arrays.items()}
        client.log_array_collection(array_collection=floats, name=epoch_name(safe, epoch))

    for name, (safe, collection) in names.of(kind, collections).items():
        label = f"array collection {name!r}"
        yield Entry(label=label, send=partial(send, safe, name, collection))


def _plot_collection_entries(
    client: TrackingClient,
    collections: Mapping[str, Mapping[str, Plot]],
    epoch: int,
    names: EntryNames,
) -> Iterator[Entry]:
    kind = ResultKind.PLOT_COLLECTION

    def send(safe: str, name: str, collection: Mapping[str, Plot]) -> None:
        plots = names.with_safe_keys(kind, name, collection)
        client.log_plot_collection(plot_collection=plots, name=epoch_name(safe, epoch))

    for name, (safe, collection) in names.of(kind, collections).items():
        label = f"plot collection {name!r}"
        yield Entry(label=label, send=partial(send, safe, name, collection))


def _send_array(client: TrackingClient, array: Array, name: str) -> None:
    client.log_array(array=_float_copy(array), name=name)


def _float_copy(array: Array) -> Array:
    """A copy, because a client writes it later, when its owner may have changed it."""
    copy = np.array(array)
    return copy if np.issubdtype(copy.dtype, np.floating) else copy.astype(np.float64)
