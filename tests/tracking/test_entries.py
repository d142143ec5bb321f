"""What a client is called with: names, values and the epoch of each result."""

from collections.abc import Mapping
from typing import TypeAlias, final

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.contracts.tracking import TrackingClient
from artifact_torch.routines.results import checked
from artifact_torch.tracking.entries import EntryNames, entries, name_at
from tests.tracking.moments import end

Array: TypeAlias = NDArray[np.floating]

SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind


@final
class CallLog:
    """A tracking client that keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.scores: list[float] = []
        self.arrays: list[Array] = []
        self.plots: list[Figure] = []
        self.score_collections: list[Mapping[str, float]] = []
        self.array_collections: list[Mapping[str, Array]] = []
        self.plot_collections: list[Mapping[str, Figure]] = []

    def log_score(self, score: float, name: str) -> None:
        self.calls.append(("score", name))
        self.scores.append(score)

    def log_array(self, array: Array, name: str) -> None:
        self.calls.append(("array", name))
        self.arrays.append(array)

    def log_plot(self, plot: Figure, name: str) -> None:
        self.calls.append(("plot", name))
        self.plots.append(plot)

    def log_score_collection(self, score_collection: Mapping[str, float], name: str) -> None:
        self.calls.append(("score_collection", name))
        self.score_collections.append(score_collection)

    def log_array_collection(self, array_collection: Mapping[str, Array], name: str) -> None:
        self.calls.append(("array_collection", name))
        self.array_collections.append(array_collection)

    def log_plot_collection(self, plot_collection: Mapping[str, Figure], name: str) -> None:
        self.calls.append(("plot_collection", name))
        self.plot_collections.append(plot_collection)

    def log_file(self, path_source: str, name: str) -> None:
        self.calls.append(("file", name))


def sent(*results: Result | Failure, epoch: int = 1) -> CallLog:
    client = CallLog()
    for entry in entries(client, results, end(epoch), EntryNames()):
        entry.send()
    return client


def test_a_stand_in_is_a_tracking_client() -> None:
    client: TrackingClient = CallLog()
    assert isinstance(client, TrackingClient)


def test_all_six_kinds_are_calls_in_the_order_of_the_kinds() -> None:
    figure, array = Figure(), np.array([1.0, 2.0])
    results: list[Result | Failure] = [
        Result(PLOTS, "PC", {"x %": figure, "y.z": figure}),
        Result(ARRAYS, "AC", {"x": array}),
        Result(SCORES, "JS", {"age": 0.25, "rate.1 %": 1.0}),
        Result(PLOT, "P/1", figure),
        Result(ARRAY, "A", array),
        Result(SCORE, "LOSS", 0.5),
        Failure(SCORE, "BROKEN", "ValueError: one"),
        Result(SCORE, "lr (%)", 0.1),
    ]
    client = sent(*results, epoch=50)
    assert client.calls == [
        ("score", "LOSS"),
        ("score", "lr____"),
        ("score_collection", "SCORES_BY_EPOCH"),
        ("array", "A_EPOCH_000050"),
        ("plot", "P_1_EPOCH_000050"),
        ("score_collection", "JS"),
        ("array_collection", "AC_EPOCH_000050"),
        ("plot_collection", "PC_EPOCH_000050"),
    ]
    assert client.scores == [0.5, 0.1]
    assert client.score_collections == [
        {"EPOCH": 50.0, "STEP": 500.0, "LOSS": 0.5, "lr____": 0.1},
        {"EPOCH": 50.0, "STEP": 500.0, "age": 0.25, "rate_1__": 1.0},
    ]
    assert client.plots == [figure]
    assert client.plot_collections == [{"x__": figure, "y_z": figure}]
    assert client.arrays[0].tolist() == [1.0, 2.0]
    assert client.array_collections[0]["x"].tolist() == [1.0, 2.0]


def test_no_scores_no_row() -> None:
    assert sent().calls == []
    assert sent(Failure(SCORE, "BROKEN", "ValueError: one")).calls == []


def test_scores_are_floats_of_python() -> None:
    scores = {"a": np.float64(0.5), "b": 3, "c": float("nan"), "d": float("-inf")}
    names = [(SCORE, name) for name in scores]
    client = sent(*checked(scores, "Mine.run", names, names))
    assert [type(score) for score in client.scores] == [float] * 4
    assert str(client.scores) == "[0.5, 3.0, nan, -inf]"
    (row,) = client.score_collections
    assert [type(score) for score in row.values()] == [float] * 6


def test_the_entries_say_what_they_carry() -> None:
    results = [Result(SCORE, "LOSS", 0.5), Result(SCORES, "JS %", {"age": 0.25})]
    labels = [entry.label for entry in entries(CallLog(), results, end(1), EntryNames())]
    assert labels == ["score 'LOSS'", "score collection 'JS %'"]  # nothing was sent: no row


def test_epochs_sort_as_names() -> None:
    names = [name_at("A", end(epoch)) for epoch in (9, 10, 99999, 100000)]
    assert names == sorted(names)
    assert name_at("A", end(1234567)) == "A_EPOCH_1234567"
    assert name_at("A", Moment(epoch=3, step=1200, ends_epoch=False)) == "A_STEP_00001200"


def test_arrays_are_floating_copies() -> None:
    single = np.array([1.5], dtype=np.float32)
    whole = np.array([[1, 2]], dtype="int64")
    client = sent(Result(ARRAY, "single", single), Result(ARRAY, "whole", whole))
    single[0] = 7.0
    assert [str(array.dtype) for array in client.arrays] == ["float32", "float64"]
    assert client.arrays[0].tolist() == [1.5]
    assert client.arrays[1].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize("key", ["EPOCH", "epoch", "STEP", "file", "allow_pickle"])
def test_keys_that_mean_something_else_to_a_backend(key: str) -> None:
    array = np.array([1.0])
    client = sent(Result(SCORES, "S", {key: 1.0}), Result(ARRAYS, "A", {key: array}))
    (new,) = client.array_collections[0]
    assert new.startswith(f"{key}-")
    assert client.score_collections == [{"EPOCH": 1.0, "STEP": 10.0, new: 1.0}]


def test_a_score_may_be_called_as_our_own_names() -> None:
    client = sent(
        Result(SCORE, "EPOCH", 7.0), Result(SCORES, "SCORES_BY_EPOCH", {"a": 1.0}), epoch=3
    )
    (_, score), (_, table), (_, other) = client.calls
    assert score.startswith("EPOCH-")
    assert table == "SCORES_BY_EPOCH"
    assert other.startswith("SCORES_BY_EPOCH-")
    assert client.score_collections == [
        {"EPOCH": 3.0, "STEP": 30.0, score: 7.0},
        {"EPOCH": 3.0, "STEP": 30.0, "a": 1.0},
    ]


def test_names_are_kept_from_epoch_to_epoch() -> None:
    client, names = CallLog(), EntryNames()
    for epoch, collection in enumerate(({"a%": 1.0}, {"a%": 1.0, "a/": 2.0}), start=1):
        for entry in entries(client, [Result(SCORES, "S", collection)], end(epoch), names):
            entry.send()
    first, second = client.score_collections
    assert list(first) == ["EPOCH", "STEP", "a_"]
    assert list(second)[:3] == ["EPOCH", "STEP", "a_"]
    assert len(second) == 4
