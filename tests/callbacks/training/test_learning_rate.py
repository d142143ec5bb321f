"""The rates that a step tells, as one score or as a collection."""

import pytest

from artifact_torch import ContractError, LearningRate
from artifact_torch.contracts import Result, ResultKind
from tests.callbacks.steps import Still, Telling, at
from tests.toys import Regression


def test_one_rate_is_the_score() -> None:
    step = Telling(Regression(), {"": 0.125})
    callback = LearningRate()
    given = callback.on_moment(step, at())
    assert given == [Result(ResultKind.SCORE, "learning_rate", 0.125)]
    assert (given[0].kind, given[0].name) in callback.result_names


def test_several_are_a_collection_by_group() -> None:
    rates = {"critic": 0.5, "generator": 0.25}
    callback = LearningRate()
    given = callback.on_moment(Telling(Regression(), rates), at())
    assert given == [Result(ResultKind.SCORE_COLLECTION, "learning_rate", rates)]
    assert (given[0].kind, given[0].name) in callback.result_names


def test_a_step_that_does_not_tell_is_told_how() -> None:
    with pytest.raises(ContractError, match="Still does not tell its learning rates; give it a"):
        LearningRate().on_moment(Still(Regression()), at(is_rehearsal=True))
