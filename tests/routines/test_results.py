"""Values that untyped code lets through, in each of the six kinds."""

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.errors import ValidationError
from artifact_torch.routines.results import checked, merged, name_problems

LISTED: list[ResultName] = [(kind, "x") for kind in ResultKind]
NUMBER = "a number; return a float; of a tensor, its .item()"
ARRAY = "a numpy array of real numbers; return one; of a tensor, its .cpu().numpy()"
FIGURE = "a matplotlib Figure; return one; of an Axes, its .figure"


def untyped(**fields: object) -> ArtifactResults:
    """Results as code without types makes them."""
    results = ArtifactResults()
    for name, value in fields.items():
        assert name in vars(results)
        object.__setattr__(results, name, value)
    return results


def message(results: object) -> str:
    with pytest.raises(ValidationError) as caught:
        checked(results, "Mine.run", LISTED)
    return str(caught.value)


def test_what_fits_passes_and_scores_become_floats() -> None:
    array, plot = np.zeros((2, 3)), Figure()
    given = untyped(
        scores={"x": np.float32(0.5)},
        arrays={"x": np.arange(2)},
        plots={"x": plot},
        score_collections={"x": {"a": 1, "b": np.int64(2)}},
        array_collections={"x": {"a": array}},
        plot_collections={"x": {"a": plot}},
        failures={"y": "ValueError: one"},
    )
    results = checked(given, "Mine.run", LISTED)
    assert results.scores == {"x": 0.5}
    assert results.score_collections == {"x": {"a": 1.0, "b": 2.0}}
    of_collection = results.score_collections["x"].values()
    assert {type(score) for score in [*results.scores.values(), *of_collection]} == {float}
    assert results.arrays is given.arrays
    assert results.plots is given.plots
    assert results.array_collections is given.array_collections
    assert results.plot_collections is given.plot_collections
    assert results.failures is given.failures


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ("0.512", "'0.512'"),
        (None, "None"),
        (torch.tensor(0.5), "a Tensor"),
        (np.array(0.5), "an array of dtype float64"),
        ([0.5], "a list"),
        (1j, "a complex"),
        (float, "the class float"),
        (10**400, "100000000000000000...0000000000000000000"),
    ],
)
def test_a_score_is_a_number(value: object, got: str) -> None:
    assert message(untyped(scores={"x": value})) == (
        f'Mine.run: score "x": got {got}, expected {NUMBER}'
    )
    assert message(untyped(score_collections={"x": {"a": 1.0, "b": value}})) == (
        f'Mine.run: score_collection "x", key "b": got {got}, expected {NUMBER}'
    )


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ([1.0], "a list"),
        ("1.0", "'1.0'"),
        (torch.zeros(2), "a Tensor"),
        (None, "None"),
        (np.array(["a"], dtype=object), "an array of dtype object"),
        (np.array(["a"]), "an array of dtype <U1"),
        (np.array([1j]), "an array of dtype complex128"),
    ],
)
def test_an_array_has_real_numbers(value: object, got: str) -> None:
    assert message(untyped(arrays={"x": value})) == (
        f'Mine.run: array "x": got {got}, expected {ARRAY}'
    )
    assert message(untyped(array_collections={"x": {"a": value}})) == (
        f'Mine.run: array_collection "x", key "a": got {got}, expected {ARRAY}'
    )


@pytest.mark.parametrize(("value", "got"), [(None, "None"), (Axes, "the class Axes")])
def test_a_plot_is_a_figure(value: object, got: str) -> None:
    assert message(untyped(plots={"x": value})) == (
        f'Mine.run: plot "x": got {got}, expected {FIGURE}'
    )
    assert message(untyped(plot_collections={"x": {"a": value}})) == (
        f'Mine.run: plot_collection "x", key "a": got {got}, expected {FIGURE}'
    )


def test_axes_are_not_a_plot() -> None:
    assert message(untyped(plots={"x": Figure().add_subplot()})) == (
        f'Mine.run: plot "x": got an Axes, expected {FIGURE}'
    )


@pytest.mark.parametrize(
    ("field", "items"),
    [
        ("score_collection", "a number"),
        ("array_collection", "a numpy array of real numbers"),
        ("plot_collection", "a matplotlib Figure"),
    ],
)
def test_a_collection_is_a_mapping_with_words_for_keys(field: str, items: str) -> None:
    assert message(untyped(**{f"{field}s": {"x": [0.1, 0.2]}})) == (
        f'Mine.run: {field} "x": got a list, expected a mapping of str to {items}; return a dict'
    )
    assert message(untyped(**{f"{field}s": {"x": {3: None}}})) == (
        f'Mine.run: {field} "x": got the key 3, expected a str; name it in words'
    )


def test_all_problems_come_in_one_error() -> None:
    results = untyped(scores={"x": None, 3: 1.0}, plots=None, failures={"x": ValueError()})
    assert message(results).splitlines() == [
        f'Mine.run: score "x": got None, expected {NUMBER}',
        "Mine.run: scores: got the key 3, expected a str; name it in words",
        "Mine.run: plots: got None, expected a mapping of str to results; return a dict",
        'Mine.run: failure "x": got a ValueError, expected a str; return the reason in words',
    ]


def test_every_result_is_listed() -> None:
    unlisted = "came from a routine that does not list it; add it to the result_names there"
    results = ArtifactResults(scores={"y": 1.0}, score_collections={"z": {"a": 1.0}})
    assert message(results).splitlines() == [
        f'Mine.run: score "y" {unlisted}',
        f'Mine.run: score_collection "z" {unlisted}',
    ]


@pytest.mark.parametrize(
    ("value", "got"),
    [(None, "None"), ({"x": 0.5}, "a dict"), (ArtifactResults, "the class ArtifactResults")],
)
def test_only_results_are_results(value: object, got: str) -> None:
    assert message(value) == (
        f"Mine.run: got {got}, expected ArtifactResults; return ArtifactResults(scores={{...}}), "
        "or ArtifactResults() when there is nothing"
    )


def test_names_are_pairs_of_kind_and_str() -> None:
    advice = 'return a list such as [(ResultKind.SCORE, "loss")]'
    assert name_problems(LISTED, "Mine.result_names") == []
    assert name_problems((), "Mine.result_names") == []
    entries = [
        (ResultKind.SCORE, None),
        (ResultKind.SCORE, ""),
        ("score", "x"),
        "x",
        [ResultKind.SCORE, "x"],
        (ResultKind.SCORE, "x", 1),
    ]
    shown = [
        "(<ResultKind.SCORE: 'score'>, None)",
        "(<ResultKind.SCORE: 'score'>, '')",
        "('score', 'x')",
        "'x'",
        "a list",
        "(<ResultKind.SCORE: 'score'>, 'x', 1)",
    ]
    assert name_problems(entries, "Mine.result_names") == [
        f"Mine.result_names: got the entry {each}, expected (ResultKind, non-empty str); {advice}"
        for each in shown
    ]
    for value, got in ((None, "None"), ("loss", "'loss'"), (3, "3")):
        assert name_problems(value, "Mine.result_names") == [
            f"Mine.result_names: got {got}, expected a sequence of (ResultKind, str); {advice}"
        ]


def test_all_kinds_of_all_parts() -> None:
    array, plot = np.ones(2), Figure()
    first = ArtifactResults(
        scores={"S": 1.0}, arrays={"A": array}, plots={"P": plot}, failures={"F": "one", "G": "g"}
    )
    second = ArtifactResults(
        scores={"T": 2.0},
        score_collections={"S": {"a": 2.0}},
        array_collections={"A": {"a": array}},
        plot_collections={"P": {"a": plot}},
        failures={"F": "two"},
    )
    assert merged([first, second]) == ArtifactResults(
        scores={"S": 1.0, "T": 2.0},
        arrays={"A": array},
        plots={"P": plot},
        score_collections={"S": {"a": 2.0}},
        array_collections={"A": {"a": array}},
        plot_collections={"P": {"a": plot}},
        failures={"F": "one; two", "G": "g"},
    )
    assert merged([]) == ArtifactResults()
