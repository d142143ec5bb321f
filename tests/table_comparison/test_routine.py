import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Literal, NewType, TypedDict, final

import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.table_comparison import (
    TableComparisonEngine,
    TableComparisonPlotType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import TableComparisonScore, TableComparisonScoreRegistry
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from artifact_torch.contracts import ArtifactResults, ArtifactRoutine, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError, ContractError, ValidationError
from artifact_torch.routines import bind
from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonResources,
    TableComparisonRoutine,
    TableGenerator,
)

JS = TableComparisonScoreType.MEAN_JS_DISTANCE


@dataclass(frozen=True)
class Records:
    n_records: int


class RowInput(TypedDict):
    codes: Tensor


class RowOutput(TypedDict):
    loss: Tensor


class Vae(nn.Module):
    """Hands out the head of a given table and counts how often it was asked."""

    def __init__(self, table: pd.DataFrame) -> None:
        super().__init__()
        self.table = table
        self.n_calls = 0

    def forward(self, model_input: RowInput) -> RowOutput:
        return RowOutput(loss=model_input["codes"].sum())

    def generate(self, params: Records) -> pd.DataFrame:
        self.n_calls += 1
        return self.table.head(params.n_records)


@final
class FakePlan:
    """Two kinds with a cadence each; computes nothing but notes what it was asked for."""

    def __init__(self, scores_every: int | None, plots_every: int | None, *, at_end: bool) -> None:
        self.cadences = {"SCORE": scores_every, "PLOT": plots_every}
        self.at_end = at_end

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, name) for name in self.cadences]

    def due(self, epoch: int, *, final: bool) -> list[str]:
        own = [name for name, every in self.cadences.items() if every and epoch % every == 0]
        if not final:
            return own
        return [name for name in self.cadences if name not in own and self.at_end]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        return bool(self.due(epoch, final=final))

    def execute(
        self, resources: TableComparisonResources, epoch: int, /, *, final: bool
    ) -> ArtifactResults:
        rows = float(len(resources.df_real))
        return ArtifactResults(scores=dict.fromkeys(self.due(epoch, final=final), rows))


@final
class UntypedPlan:
    """Answers what it is told to, as code without types may."""

    def __init__(self, *, names: object = (), due: object = True, gives: object = None) -> None:
        answers = SimpleNamespace(names=names, due=due, gives=gives)
        self.names: Sequence[ResultName] = answers.names
        self.due: bool = answers.due
        self.gives: ArtifactResults = answers.gives

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self.names

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        return self.due

    def execute(
        self, resources: TableComparisonResources, epoch: int, /, *, final: bool
    ) -> ArtifactResults:
        return self.gives


def routine_of(
    spec: TabularDataSpec,
    cadences: Mapping[str, int | None],
    plan: FakePlan | UntypedPlan | None = None,
) -> TableComparisonRoutine[Records]:
    table = EXAMPLE
    splits = {name: Split(table, every=every) for name, every in cadences.items()}
    return TableComparisonRoutine(
        spec=spec,
        plan=plan or FakePlan(1, None, at_end=True),
        params=Records(3),
        train=splits.get("train"),
        validation=splits.get("validation"),
        test=splits.get("test"),
    )


EXAMPLE = pd.DataFrame({"age": [1.0, 2.0, 4.0], "group": ["a", "b", "b"]})
SPEC = TabularDataSpec.from_df(EXAMPLE, cts_features=["age"], cat_features=["group"])
SUFFIXES = {"train": "TRAIN", "validation": "VAL", "test": "TEST"}
CADENCES = st.none() | st.integers(1, 5)


@given(
    splits=st.dictionaries(st.sampled_from([*SUFFIXES]), CADENCES, min_size=1),
    scores_every=CADENCES,
    plots_every=CADENCES,
    at_end=st.booleans(),
    epoch=st.integers(1, 20),
)
def test_own_and_final_rounds_by_their_definition(
    splits: dict[str, int | None],
    scores_every: int | None,
    plots_every: int | None,
    at_end: bool,
    epoch: int,
) -> None:
    plan = FakePlan(scores_every, plots_every, at_end=at_end)
    routine = routine_of(SPEC, splits, plan)

    def divides(every: int | None) -> bool:
        return every is not None and epoch % every == 0

    own: set[str] = set()
    last: set[str] = set()
    for split, split_every in splits.items():
        for kind, kind_every in (("SCORE", scores_every), ("PLOT", plots_every)):
            name = f"{kind}_{SUFFIXES[split]}"
            if divides(split_every) and divides(kind_every):
                own.add(name)
            elif at_end or divides(kind_every):
                last.add(name)

    model = Vae(EXAMPLE)
    for in_final, expected in ((False, own), (True, last)):
        model.n_calls = 0
        results = routine.validate(model, epoch, final=in_final)
        assert set(results.scores) == expected
        assert routine.is_due(epoch, final=in_final) is bool(expected)
        assert model.n_calls == bool(expected)


def test_the_table_is_made_only_when_due_and_once_for_all_splits() -> None:
    """Section 4.2: the published package made one per split at every epoch."""
    routine = routine_of(SPEC, {"train": 5, "validation": 5, "test": None})
    model = Vae(EXAMPLE)
    produced = [[*routine.validate(model, epoch, final=False).scores] for epoch in range(1, 11)]
    assert [*filter(None, produced)] == [["SCORE_TRAIN", "SCORE_VAL"]] * 2
    assert model.n_calls == 2


def test_a_split_without_a_cadence_waits_for_the_end() -> None:
    """D5: `None` raised KeyError in the published package."""
    routine = routine_of(SPEC, {"train": 1, "validation": None})
    own = routine.validate(Vae(EXAMPLE), 4, final=False)
    last = routine.validate(Vae(EXAMPLE), 4, final=True)
    assert [*own.scores] == ["SCORE_TRAIN"]
    assert [*last.scores] == ["PLOT_TRAIN", "SCORE_VAL", "PLOT_VAL"]


def test_every_split_has_its_own_real_table() -> None:
    routine = TableComparisonRoutine(
        spec=SPEC,
        plan=FakePlan(1, 1, at_end=True),
        params=Records(3),
        train=Split(EXAMPLE, every=1),
        test=Split(EXAMPLE[:2], every=1),
    )
    assert routine.validate(Vae(EXAMPLE), 1, final=False).scores == {
        "SCORE_TRAIN": 3.0,
        "PLOT_TRAIN": 3.0,
        "SCORE_TEST": 2.0,
        "PLOT_TEST": 2.0,
    }


def test_result_names() -> None:
    assert routine_of(SPEC, {"train": 1, "test": None}).result_names == [
        (ResultKind.SCORE, "SCORE_TRAIN"),
        (ResultKind.SCORE, "PLOT_TRAIN"),
        (ResultKind.SCORE, "SCORE_TEST"),
        (ResultKind.SCORE, "PLOT_TEST"),
    ]


def test_scores_are_artifact_cores(
    df_real: pd.DataFrame, generated: pd.DataFrame, spec: TabularDataSpec
) -> None:
    routine = TableComparisonRoutine(
        spec=spec,
        plan=TableComparisonPlan(scores=[JS], plots=[TableComparisonPlotType.MEAN_ALIGNMENT]),
        params=Records(30),
        validation=Split(df_real.assign(extra=0)[["extra", *df_real.columns[::-1]]], every=1),
    )
    shuffled = generated[["smoker", "age", "group", "visits"]].assign(note="extra columns go")
    results = routine.validate(Vae(shuffled), 1, final=False)
    expected = TableComparisonEngine.build(resource_spec=spec).produce_dataset_comparison_score(
        score_type=JS, dataset_real=df_real, dataset_synthetic=generated.head(30)
    )
    assert results == ArtifactResults(scores={"MEAN_JS_DISTANCE_VAL": expected})
    last = routine.validate(Vae(shuffled), 1, final=True)
    assert [*last.plots] == ["MEAN_ALIGNMENT_VAL"]
    assert not last.scores


def test_a_failing_artifact_is_a_failure_of_each_split() -> None:
    @TableComparisonScoreRegistry.register_custom_artifact("FAILS_IN_A_ROUTINE")
    class Fails(TableComparisonScore[ArtifactHyperparams]):
        def _compare_datasets(
            self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
        ) -> float:
            raise RuntimeError("on purpose")

    assert Fails is not None
    routine = TableComparisonRoutine(
        spec=SPEC,
        plan=TableComparisonPlan(scores=["FAILS_IN_A_ROUTINE", JS]),
        params=Records(3),
        train=Split(EXAMPLE, every=1),
        test=Split(EXAMPLE, every=1),
    )
    results = routine.validate(Vae(EXAMPLE), 1, final=False)
    assert results.scores == {"MEAN_JS_DISTANCE_TRAIN": 0.0, "MEAN_JS_DISTANCE_TEST": 0.0}
    assert results.failures == {
        "FAILS_IN_A_ROUTINE_TRAIN": "RuntimeError: on purpose",
        "FAILS_IN_A_ROUTINE_TEST": "RuntimeError: on purpose",
    }


def test_later_changes_of_the_real_table_do_not_count() -> None:
    table = EXAMPLE.copy()
    routine = TableComparisonRoutine(
        spec=SPEC,
        plan=TableComparisonPlan(scores=[JS]),
        params=Records(3),
        train=Split(table, every=1),
    )
    table["age"] = -1.0
    results = routine.validate(Vae(EXAMPLE), 1, final=False)
    assert results.scores == {"MEAN_JS_DISTANCE_TRAIN": 0.0}


def test_all_problems_of_building_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TableComparisonRoutine(
            spec=SPEC,
            plan=FakePlan(1, 1, at_end=True),
            params=Records(3),
            train=Split(EXAMPLE, every=0),
            validation=Split(EXAMPLE[["age"]], every=1),
        )
    cadence, table = str(caught.value).splitlines()
    assert cadence == (
        "TableComparisonRoutine: train: every must be a whole number of at least 1, got 0; None "
        "means only at the end"
    )
    assert table == (
        "TableComparisonRoutine: validation: df_real lacks 'group'; its columns are 'age'"
    )


def test_a_generated_table_that_cannot_be_compared() -> None:
    wrong = pd.DataFrame({"Age": ["old"], "group": ["z"]})
    with pytest.raises(ValidationError) as caught:
        routine_of(SPEC, {"train": 1}).validate(Vae(wrong), 1, final=False)
    columns, categories = str(caught.value).splitlines()
    assert columns == (
        "Vae.generate: the table lacks 'age' (is it 'Age' for 'age'?); its columns are 'Age', "
        "'group'"
    )
    assert categories == (
        "Vae.generate: the table has no known category in the categorical column 'group': got "
        "'z', expected 'a', 'b'; compare its dtype with the training table's"
    )


def test_what_an_untyped_plan_may_answer() -> None:
    with pytest.raises(ConfigurationError) as refused:
        routine_of(SPEC, {"train": 1}, UntypedPlan(names=[3]))
    assert str(refused.value) == (
        "TableComparisonRoutine: UntypedPlan.result_names: got the entry 3, expected (ResultKind, "
        'non-empty str); return a list such as [(ResultKind.SCORE, "loss")]'
    )
    with pytest.raises(ValidationError) as caught:
        routine_of(SPEC, {"train": 1}, UntypedPlan(due="no")).is_due(1, final=False)
    assert str(caught.value) == (
        "UntypedPlan.is_due: got 'no', expected True or False; return one of them"
    )
    routine = routine_of(SPEC, {"train": 1}, UntypedPlan(gives={"S": 1.0}))
    with pytest.raises(ValidationError) as caught:
        routine.validate(Vae(EXAMPLE), 1, final=False)
    assert str(caught.value) == (
        "epoch 1: UntypedPlan.execute: got a dict, expected ArtifactResults; return "
        "ArtifactResults(scores={...}), or ArtifactResults() when there is nothing"
    )


def test_unknown_categories_are_told(caplog: pytest.LogCaptureFixture) -> None:
    strange = EXAMPLE.assign(group=["a", "b", "z"])
    with caplog.at_level(logging.INFO):
        routine_of(SPEC, {"train": 1}).validate(Vae(strange), 1, final=False)
    assert caplog.messages == [
        "Vae.generate: unknown categories, which artifact-core leaves out, in 'group': 1 of 3 ('z')"
    ]


def as_routine(
    routine: ArtifactRoutine[TableGenerator[Records]],
) -> ArtifactRoutine[TableGenerator[Records]]:
    return routine


def test_it_is_a_routine_for_models_with_its_parameters() -> None:
    routine = routine_of(SPEC, {"train": 1})
    assert isinstance(as_routine(routine), ArtifactRoutine)
    bound = bind(routine, Vae(EXAMPLE))
    assert bound.is_due(1, final=False)
    assert [*bound.validate(1, final=False).scores] == ["SCORE_TRAIN"]


@dataclass(frozen=True)
class Seeds:
    seed: int


class OfSeeds:
    def generate(self, params: Seeds) -> pd.DataFrame:
        raise NotImplementedError


@dataclass(frozen=True)
class Sizes:
    n_rows: int


Rows = NewType("Rows", int)


class Way(Enum):
    ALL = 1
    NONE = 2


class OfPair:
    def generate(self, params: tuple[int, int]) -> pd.DataFrame:
        raise NotImplementedError


class OfRows:
    def generate(self, params: Rows) -> pd.DataFrame:
        raise NotImplementedError


class OfWord:
    def generate(self, params: Literal["a", "b"]) -> pd.DataFrame:
        raise NotImplementedError


class OfWay:
    def generate(self, params: Literal[Way.ALL]) -> pd.DataFrame:
        raise NotImplementedError


def test_a_model_that_takes_other_parameters_is_not_bound(
    df_real: pd.DataFrame, spec: TabularDataSpec
) -> None:
    def routine(params: object) -> object:
        return untyped(
            TableComparisonRoutine,
            spec=spec,
            plan=TableComparisonPlan(scores=[JS]),
            params=params,
            train=Split(df_real, every=1),
        )

    assert untyped(bind, routine(Seeds(1)), OfSeeds())
    assert untyped(bind, routine({"seed": 1}), OfSeeds())  # may be meant for a typed dict
    with pytest.raises(ContractError) as refused:
        untyped(bind, routine(Sizes(1)), OfSeeds())
    assert str(refused.value) == (
        "model= OfSeeds does not satisfy TableGenerator[Sizes]:\n"
        "  - generate(params): accepts Seeds, is called with Sizes: Sizes is not a Seeds "
        "[parameter-type]"
    )
    for params, model in [((1, 2), OfPair()), (3, OfRows()), ("a", OfWord()), (Way.ALL, OfWay())]:
        assert untyped(bind, routine(params), model)  # their class does not tell their type
    with pytest.raises(ContractError, match="generate: is missing"):
        untyped(bind, routine(Seeds(1)), object())


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)
