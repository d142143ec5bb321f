import json
from collections.abc import Sequence

import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.spi.orchestration import ArtifactType
from artifact_core.table_comparison import (
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreType,
)
from artifact_core.table_comparison.spi import (
    TableComparisonScore,
    TableComparisonScoreRegistry,
    TabularDataSpecProtocol,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.contracts import Moment, ResultKind
from artifact_torch.domain_kit import DomainPlan
from artifact_torch.domain_kit.selection import Selection, artifact_name
from artifact_torch.table_comparison.comparison import TABLES

JS = TableComparisonScoreType.MEAN_JS_DISTANCE


def scores(
    members: Sequence[ArtifactType | str], *, every: int | None = 1, at_end: bool = True
) -> Selection:
    return Selection(kind=ResultKind.SCORE, members=members, every=every, at_end=at_end)


def at(epoch: int, *, ends_run: bool = False) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch, ends_run=ends_run)


@settings(deadline=None)
@given(
    every=st.none() | st.integers(1, 12),
    epoch=st.integers(1, 60),
    ends_run=st.booleans(),
    at_end=st.booleans(),
)
def test_due(every: int | None, epoch: int, ends_run: bool, at_end: bool) -> None:
    in_own_round = every is not None and epoch in range(every, epoch + 1, every)
    chosen = scores([JS], every=every, at_end=at_end)
    assert chosen.is_due(at(epoch, ends_run=ends_run)) is (in_own_round or (ends_run and at_end))


def test_what_is_due_are_the_names_of_the_kinds_that_are() -> None:
    plan = DomainPlan(TABLES, scores=[JS, "CORRELATION_DISTANCE"], plots=["PDF"], scores_every=2)
    of_scores = [(ResultKind.SCORE, JS.name), (ResultKind.SCORE, "CORRELATION_DISTANCE")]
    of_plots = [(ResultKind.PLOT, "PDF")]
    assert list(plan.result_names) == of_scores + of_plots
    assert list(plan.due(at(1))) == []
    assert list(plan.due(at(2))) == of_scores
    assert list(plan.due(at(1, ends_run=True))) == of_scores + of_plots


def test_names() -> None:
    assert artifact_name(JS) == "MEAN_JS_DISTANCE"
    assert artifact_name("CUSTOM") == "CUSTOM"


@pytest.mark.parametrize(
    "wrong", [TableComparisonPlotType.PDF, TableComparisonPlotCollectionType.PDF]
)
def test_members_of_another_kind(wrong: ArtifactType) -> None:
    home = "plots" if isinstance(wrong, TableComparisonPlotType) else "plot_collections"
    (problem,) = scores([JS, wrong]).problems(TABLES)
    assert problem == (
        f"scores: got {wrong}, expected members of TableComparisonScoreType; it belongs in {home}"
    )


@pytest.mark.parametrize("again", [JS, JS.name])
def test_a_member_listed_twice(again: ArtifactType | str) -> None:
    problem = "scores: MEAN_JS_DISTANCE is listed 2 times, list it once"
    assert scores([JS, again]).problems(TABLES) == [problem]


def test_a_string_in_place_of_a_list() -> None:
    problem = "scores: got the string 'MEAN', expected a list: ['MEAN']"
    assert scores("MEAN").problems(TABLES) == [problem]


def test_a_name_that_is_nearly_one() -> None:
    (problem,) = scores(["MEAN_JS_DISTANC"]).problems(TABLES)
    assert "; did you mean MEAN_JS_DISTANCE? else register it" in problem


def test_a_name_that_nobody_registered() -> None:
    (problem,) = scores(["NOPE"]).problems(TABLES)
    assert problem == (
        "scores: 'NOPE' is not a registered score, expected members of TableComparisonScoreType "
        "or names of custom artifacts; register it with artifact-core before the plan is made"
    )


def test_a_custom_artifact_is_known_by_its_name() -> None:
    @TableComparisonScoreRegistry.register_custom_artifact("NEEDS_ITS_SPEC")
    class NeedsItsSpec(TableComparisonScore[ArtifactHyperparams]):
        def __init__(
            self, resource_spec: TabularDataSpecProtocol, hyperparams: ArtifactHyperparams
        ) -> None:
            super().__init__(resource_spec, hyperparams)
            self.first = resource_spec.features[0]  # fails for a spec without columns

        def _compare_datasets(
            self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
        ) -> float:
            return 0.0

    assert NeedsItsSpec is not None
    assert scores(["NEEDS_ITS_SPEC"]).problems(TABLES) == []


def test_something_else_entirely() -> None:
    members: list[str] = json.loads("[3, 3]")  # as untyped code may pass them
    problem = "scores: got 3, expected members of TableComparisonScoreType"
    assert scores(members).problems(TABLES) == [problem, problem]


def test_wrong_cadences() -> None:
    assert scores([JS], every=0).problems(TABLES) == [
        (
            "scores_every must be at least 1, got 0; a whole number means epochs, else steps(n) or "
            "minutes(n), None only at the end"
        )
    ]
    (never,) = scores([JS], every=None, at_end=False).problems(TABLES)
    assert never == (
        "scores would never be computed: scores_every=None means only at the end, and at_end is "
        "False; set one of them"
    )
    assert scores([], every=None, at_end=False).problems(TABLES) == []
