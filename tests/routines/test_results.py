"""Values that untyped code lets through, in each of the six kinds."""

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from artifact_torch.contracts import ArtifactResults, Failure, Result, ResultKind, ResultName
from artifact_torch.errors import ValidationError
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.routines.results import checked, name_problems, names_due

SCORE, ARRAY, PLOT, SCORES, ARRAYS, PLOTS = ResultKind
LISTED: list[ResultName] = [(kind, "x") for kind in ResultKind]
NUMBER = "a number; return a float; of a tensor, its .item()"
REAL_ARRAY = "a numpy array of real numbers; return one; of a tensor, its .cpu().numpy()"
UNLISTED = "came from a routine that does not list it; add it to the result_names there"
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
        checked(results, "Mine.run", LISTED, LISTED)
    return str(caught.value)


def test_what_fits_becomes_data_with_floats_for_scores() -> None:
    array, plot = np.arange(2), Figure()
    given = untyped(
        scores={"x": np.float32(0.5)},
        arrays={"x": array},
        plots={"x": plot},
        score_collections={"x": {"a": 1, "b": np.int64(2)}},
        array_collections={"x": {"a": array}},
        plot_collections={"x": {"a": plot}},
    )
    results = checked(given, "Mine.run", LISTED, LISTED)
    rows = [(one.kind, one.name, one.value) for one in results if isinstance(one, Result)]
    assert rows == [  # tuples: since Python 3.13 records compare arrays by their elements
        (SCORE, "x", 0.5),
        (ARRAY, "x", array),
        (PLOT, "x", plot),
        (SCORES, "x", {"a": 1.0, "b": 2.0}),
        (ARRAYS, "x", {"a": array}),
        (PLOTS, "x", {"a": plot}),
    ]
    first, collection = results[0], results[3]
    assert isinstance(first, Result)
    assert isinstance(collection, Result)
    assert is_mapping(collection.value)
    assert {type(score) for score in (first.value, *collection.value.values())} == {float}


ONE: list[ResultName] = [(SCORE, "x"), (SCORE, "y")]


@pytest.mark.parametrize(
    "returned",
    [
        ArtifactResults(scores={"x": 1, "y": np.float64(2)}),
        {"x": 1, "y": np.float64(2)},
        [Result(SCORE, "x", 1), Result(SCORE, "y", np.float64(2))],
        (Result(SCORE, "x", 1), Result(SCORE, "y", 2.0)),
    ],
)
def test_every_form_of_results_is_the_same_data(returned: object) -> None:
    results = checked(returned, "Mine.run", ONE, ONE)
    assert results == [Result(SCORE, "x", 1.0), Result(SCORE, "y", 2.0)]
    assert [type(one.value) for one in results if isinstance(one, Result)] == [float, float]


def test_what_was_not_asked_for_is_left_out() -> None:
    assert checked({"x": 1.0, "y": 2.0}, "Mine.run", ONE, ONE[1:]) == [Result(SCORE, "y", 2.0)]
    assert checked({"x": 1.0, "y": 2.0}, "Mine.run", ONE, []) == []


def test_what_was_asked_for_and_is_missing_is_a_failure() -> None:
    why = "Mine.run was asked for it and did not return it"
    broken = Failure(SCORE, "x", "ValueError: one")
    assert checked([broken], "Mine.run", ONE, ONE) == [broken, Failure(SCORE, "y", why)]
    assert checked({}, "Mine.run", ONE, ONE) == [Failure(SCORE, name, why) for _, name in ONE]


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
        f'Mine.run: array "x": got {got}, expected {REAL_ARRAY}'
    )
    assert message(untyped(array_collections={"x": {"a": value}})) == (
        f'Mine.run: array_collection "x", key "a": got {got}, expected {REAL_ARRAY}'
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
    key, value = message(untyped(**{f"{field}s": {"x": {3: None}}})).splitlines()
    assert key == f'Mine.run: {field} "x": got the key 3, expected a str; name it in words'
    assert value.startswith(f'Mine.run: {field} "x", key "3": got None, expected {items}; ')


def test_all_problems_come_in_one_error() -> None:
    results = [
        Result(SCORE, "x", None),
        Failure(PLOT, "y", "ValueError: one"),
        Result(ARRAY, "x", 3),
        untyped_failure(ValueError()),
    ]
    assert message(results).splitlines() == [
        f'Mine.run: score "x": got None, expected {NUMBER}',
        f'Mine.run: plot "y" {UNLISTED}',
        f'Mine.run: array "x": got 3, expected {REAL_ARRAY}',
        'Mine.run: plot "x" failed: got a ValueError, expected a str; tell the reason in words',
    ]


def untyped_failure(reason: object) -> Failure:
    failure = Failure(PLOT, "x", "")
    object.__setattr__(failure, "reason", reason)
    return failure


def test_a_form_that_is_none_is_refused_at_once() -> None:
    assert message(untyped(plots=None)) == (
        "Mine.run: plots: got None, expected a mapping of str to results; return a dict"
    )
    assert message({3: 1.0}) == (
        "Mine.run: scores: got the key 3, expected a str; name it in words"
    )
    expected = (
        "in a sequence, expected Result(kind, name, value) or Failure(kind, name, reason), whose "
        "kind is a ResultKind and whose name a str"
    )
    assert message([0.5]) == f"Mine.run: got 0.5 {expected}"
    unnamed = Result(SCORE, "x", 1.0)
    object.__setattr__(unnamed, "kind", "score")
    assert message([unnamed]) == f"Mine.run: got Result('score', 'x', ...) {expected}"


def test_a_result_comes_once() -> None:
    again = "is returned 2 times, expected once; name each apart"
    for second in (Result(SCORE, "x", 2.0), Failure(SCORE, "x", "ValueError: one")):
        assert message([Result(SCORE, "x", 1.0), second]) == f'Mine.run: score "x" {again}'


def test_every_result_is_listed() -> None:
    results = ArtifactResults(scores={"y": 1.0}, score_collections={"z": {"a": 1.0}})
    assert message(results).splitlines() == [
        f'Mine.run: score "y" {UNLISTED}',
        f'Mine.run: score_collection "z" {UNLISTED}',
    ]


@pytest.mark.parametrize(
    ("value", "got"),
    [(None, "None"), (0.5, "0.5"), ("x", "'x'"), (ArtifactResults, "the class ArtifactResults")],
)
def test_only_results_are_results(value: object, got: str) -> None:
    assert message(value) == (
        f"Mine.run: got {got}, expected ArtifactResults; return ArtifactResults(scores={{...}}), "
        "or {} when there is nothing"
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
            f"Mine.result_names: got {got}, expected a list of (ResultKind, str); {advice}"
        ]


def test_what_is_due_comes_once_and_in_the_order_of_the_announcement() -> None:
    due = {(PLOT, "x"): 0, (SCORE, "x"): 0, (ARRAYS, "x"): 0}  # any collection
    assert names_due(due, "Mine.due", LISTED) == [(SCORE, "x"), (PLOT, "x"), (ARRAYS, "x")]
    assert names_due([(PLOT, "x")] * 2, "Mine.due", LISTED) == [(PLOT, "x")]
    assert names_due((), "Mine.due", LISTED) == []


def test_what_is_due_is_announced() -> None:
    with pytest.raises(ValidationError) as refused:
        names_due([(PLOT, "y"), (SCORE, "x"), (SCORE, "z")], "Mine.due", LISTED)
    assert str(refused.value) == (
        'Mine.due: got plot "y", score "z", which result_names does not list; add it there'
    )
