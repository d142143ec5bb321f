"""Watching one score, by its name or by a function: what counts as better, and what is refused."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from artifact_torch import ConfigurationError, ValidationError, score
from artifact_torch.contracts import RunState
from artifact_torch.stopping.scores import WatchedScore, decided, monitored_names


def after(epoch: int, **scores: float) -> RunState:
    return RunState(n_epochs_elapsed=epoch, n_steps=10 * epoch, scores=scores)


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def verdicts(watched: WatchedScore, *losses: float | None) -> list[bool | None]:
    """Of epochs with these losses; None: the epoch did not produce one."""
    return [
        watched.improves(after(epoch) if loss is None else after(epoch, loss=loss))
        for epoch, loss in enumerate(losses, start=1)
    ]


def test_the_lowest_by_name_and_none_where_there_is_no_such_score() -> None:
    watched = WatchedScore("Mine", "loss", "min", 0.0)
    assert verdicts(watched, None, 3.0, 2.0, 2.0, None, 2.5, -1.0) == [
        *(None, True, True, False, None, False, True)
    ]
    assert watched.best == -1.0
    assert watched.monitored == ("loss",)
    assert str(watched) == "loss"


def test_a_function_of_the_state_need_not_be_a_score() -> None:
    watched = WatchedScore("Mine", lambda state: 100.0 / state.n_steps, "min", 0.0)
    assert [watched.improves(after(epoch)) for epoch in (1, 2, 1)] == [True, True, False]
    assert watched.best == 5.0
    assert watched.monitored == ()
    assert str(watched) == "score"


def test_a_function_that_names_its_score_is_monitored() -> None:
    assert WatchedScore("Mine", score("loss"), "min", 0.0).monitored == ("loss",)


def test_the_highest() -> None:
    watched = WatchedScore("Mine", "loss", "max", 0.0)
    assert verdicts(watched, 1.0, 1.0, 2.0, -9.0) == [True, False, True, False]
    assert watched.best == 2.0


@pytest.mark.parametrize(
    ("mode", "losses"),
    [("min", (1.0, 0.75, 0.5, 0.375)), ("max", (-1.0, -0.75, -0.5, -0.375))],
)
def test_better_is_by_more_than_the_tolerance_of_the_best_so_far(
    mode: str, losses: tuple[float, ...]
) -> None:
    """Binary fractions: 1.0 - 0.75 is 0.25 exactly, which is not more than 0.25."""
    watched = untyped(WatchedScore, "Mine", "loss", mode, 0.25)
    assert isinstance(watched, WatchedScore)
    assert verdicts(watched, *losses) == [True, False, True, False]
    assert watched.best == losses[2]


@pytest.mark.parametrize("mode", ["min", "max"])
def test_nan_is_never_better_and_anything_is_better_than_nan(mode: str) -> None:
    watched = untyped(WatchedScore, "Mine", "loss", mode, 0.0)
    assert isinstance(watched, WatchedScore)
    assert verdicts(watched, math.nan, 1.0, math.nan) == [False, True, False]
    assert watched.best == 1.0


def test_infinity_can_be_improved_upon() -> None:
    watched = WatchedScore("Mine", "loss", "min", 0.1)
    assert verdicts(watched, math.inf, math.inf, 1e308, -math.inf, -math.inf) == [
        *(True, False, True, True, False)
    ]


@pytest.mark.parametrize("value", [np.float32(0.5), torch.tensor(0.5), np.array(0.5)])
def test_the_best_is_a_float_of_python_whatever_the_function_gives(value: object) -> None:
    def told(_: RunState) -> object:
        return value

    watched = untyped(WatchedScore, "Mine", told, "min", 0.0)
    assert isinstance(watched, WatchedScore)
    assert watched.improves(after(1)) is True
    assert (type(watched.best), watched.best) == (float, 0.5)


@pytest.mark.parametrize(
    ("value", "got"), [("1", "'1'"), ({}, "a dict"), (torch.ones(2), "a Tensor")]
)
def test_what_is_no_score_is_refused(value: object, got: str) -> None:
    def told(_: RunState) -> object:
        return value

    watched = untyped(WatchedScore, "Mine", told, "min", 0.0)
    assert isinstance(watched, WatchedScore)
    with pytest.raises(ValidationError) as refused:
        watched.improves(after(1))
    assert str(refused.value) == (
        f"Mine: got {got}, expected a number, or None where there is no score; return one of them "
        "from the function that tells it"
    )


def test_values_of_the_wrong_kind_are_refused_together() -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(WatchedScore, "Mine", None, "least", "0.1")
    assert str(refused.value) == (
        "Mine: score must be a non-empty str, got None\n"
        'Mine: mode must be "min" or "max", got \'least\'\n'
        "Mine: tolerance must be a number of at least 0, got '0.1'"
    )


@pytest.mark.parametrize("tolerance", ["0.1", None, math.inf, math.nan, True])
def test_a_tolerance_that_is_no_number_is_refused(tolerance: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        untyped(WatchedScore, "Mine", "loss", "min", tolerance)
    assert str(refused.value) == (
        f"Mine: tolerance must be a number of at least 0, got {tolerance!r}"
    )


def test_a_score_of_no_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="score: name must be a non-empty str, got None"):
        untyped(score, None)


class Watches:
    def __init__(self, monitored: object) -> None:
        self.monitored = monitored


def test_the_names_of_all_that_name_any() -> None:
    assert monitored_names(Watches(["a", "b"]), object(), score("c"), None) == ("a", "b", "c")


def test_a_text_for_the_monitored_names_is_refused() -> None:
    with pytest.raises(ConfigurationError) as refused:
        monitored_names(Watches("train_loss"))
    assert str(refused.value) == (
        'Watches: monitored must be a sequence of names, got "train_loss"; write ("train_loss",)'
    )


# -- asking ---------------------------------------------------------------------------------------


def test_a_score_that_the_epoch_does_not_have_is_an_error_in_words() -> None:
    with pytest.raises(ValidationError) as refused:
        decided("Mine.should_stop", lambda state: state.scores["val"] < 1, after(3, b=1.0, a=1.0))
    assert str(refused.value) == (
        "Mine.should_stop: got no score \"val\" in epoch 3, whose scores are ['a', 'b']; there is "
        'none before the first epoch and where it is not due: read it with scores.get("val"), or '
        'score("val"), which give None then'
    )
    assert decided("Mine.should_stop", lambda state: state.scores["val"] < 1, after(1, val=0.5))


@pytest.mark.parametrize("key", ["val", 3])
def test_errors_of_the_users_own_pass_through(key: object) -> None:
    """No missing score: the epoch has it, or it could be no score's name."""
    own: dict[object, bool] = {}
    with pytest.raises(KeyError) as passed:
        decided("Mine.is_best", lambda _: own[key], after(1, val=1.0))
    assert passed.value.args == (key,)


@pytest.mark.parametrize(("answer", "got"), [(None, "None"), (1, "1"), ("no", "'no'")])
def test_what_is_no_answer_is_refused(answer: object, got: str) -> None:
    with pytest.raises(ValidationError) as refused:
        decided("Mine.is_best", lambda _: answer, after(1))
    assert str(refused.value) == (
        f"Mine.is_best: got {got}, expected True or False; return one of them"
    )
