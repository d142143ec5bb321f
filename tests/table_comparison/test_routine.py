import logging
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, NewType, TypedDict, final

import numpy as np
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
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from torch import Tensor, nn

from artifact_torch.contracts import (
    ArtifactResults,
    ArtifactRoutine,
    Moment,
    Result,
    ResultKind,
    ResultName,
)
from artifact_torch.errors import ConfigurationError, ContractError, ValidationError
from artifact_torch.routines import bind
from artifact_torch.routines.results import Computed
from artifact_torch.table_comparison import (
    Split,
    TableComparisonPlan,
    TableComparisonResources,
    TableComparisonRoutine,
    TableGenerator,
)
from artifact_torch.validation.rounds import Validation
from tests.domain_kit.reading import names, reasons, values
from tests.toys import Still

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
    """Two scores with a cadence each, both the number of real rows; notes what it was asked for."""

    def __init__(
        self, one_every: int | None = 1, two_every: int | None = None, *, at_end: bool = True
    ) -> None:
        self.cadences = {"ONE": one_every, "TWO": two_every}
        self.at_end = at_end
        self.asked: list[list[str]] = []

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, name) for name in self.cadences]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        return [
            (ResultKind.SCORE, name)
            for name, every in self.cadences.items()
            if (every and moment.epoch % every == 0) or (moment.ends_run and self.at_end)
        ]

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Mapping[str, float]:
        self.asked.append([name for _, name in names])
        return {name: float(len(resources.df_real)) for _, name in names}


@final
class UntypedPlan:
    """Answers what it is told to, as code without types may."""

    def __init__(self, *, names: object = (), due: object = (), gives: object = None) -> None:
        answers = SimpleNamespace(names=names, due=due, gives=gives)
        self.names: Sequence[ResultName] = answers.names
        self.is_due: Sequence[ResultName] = answers.due
        self.gives: ArtifactResults = answers.gives

    @property
    def result_names(self) -> Sequence[ResultName]:
        return self.names

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        return self.is_due

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> ArtifactResults:
        return self.gives


def at(epoch: int, *, ends_run: bool = False) -> Moment:
    return Moment(epoch=epoch, step=10 * epoch, ends_run=ends_run)


def scores(*names: str) -> list[ResultName]:
    return [(ResultKind.SCORE, name) for name in names]


def validated(
    routine: TableComparisonRoutine[Records], model: TableGenerator[Records], epoch: int = 1
) -> Computed:
    """All that the routine has."""
    return routine.validate(model, routine.result_names, at(epoch))


def routine_of(
    spec: TabularDataSpec,
    cadences: Mapping[str, int | None],
    plan: FakePlan | UntypedPlan | None = None,
) -> TableComparisonRoutine[Records]:
    table = EXAMPLE
    splits = {name: Split(table, every=every) for name, every in cadences.items()}
    return TableComparisonRoutine(
        spec=spec,
        plan=plan or FakePlan(),
        params=Records(3),
        train=splits.get("train"),
        validation=splits.get("validation"),
        test=splits.get("test"),
    )


EXAMPLE = pd.DataFrame({"age": [1.0, 2.0, 4.0], "group": ["a", "b", "b"]})
SPEC = TabularDataSpec.from_df(EXAMPLE, cts_features=["age"], cat_features=["group"])
SUFFIXES = {"train": "TRAIN", "validation": "VAL", "test": "TEST"}
CADENCES = st.none() | st.integers(1, 5)


# every of ONE (TWO waits for the end) and of the split: what is due of the split after epochs 1 to 6
# (1: ONE, 2: both, .: nothing), and at the end of a run of 5 and of 6, with the plan's end and
# without
CADENCE_TABLE = [
    (1, 1, "111111 22 11"),
    (1, 3, "..1..1 22 11"),
    (1, None, "...... 22 11"),
    (2, 1, ".1.1.1 22 .1"),
    (2, 3, ".....1 22 .1"),
    (2, None, "...... 22 .1"),
    (None, 1, "...... 22 .."),
]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize(("one_every", "split_every", "due"), CADENCE_TABLE)
def test_when_a_split_is_due(
    split: str, one_every: int | None, split_every: int | None, due: str
) -> None:
    """At the end every split takes part, and of a plan without an end what has its epoch then."""
    one, two = scores(f"ONE_{SUFFIXES[split]}", f"TWO_{SUFFIXES[split]}")
    names = {"1": [one], "2": [one, two], ".": []}
    epochs, with_end, without = due.split()
    for at_end, ends in ((True, with_end), (False, without)):
        routine = routine_of(SPEC, {split: split_every}, FakePlan(one_every, at_end=at_end))
        moments = [*map(at, range(1, 7)), at(5, ends_run=True), at(6, ends_run=True)]
        assert [list(routine.due(moment)) for moment in moments] == [
            names[each] for each in epochs + ends
        ]


@settings(deadline=None)
@given(
    splits=st.dictionaries(st.sampled_from([*SUFFIXES]), CADENCES, min_size=1),
    one_every=CADENCES,
    two_every=CADENCES,
    at_end=st.booleans(),
    epoch=st.integers(1, 20),
)
def test_after_the_end_nothing_is_left_out_and_nothing_comes_twice(
    splits: dict[str, int | None],
    one_every: int | None,
    two_every: int | None,
    at_end: bool,
    epoch: int,
) -> None:
    """As the trainer asks: what is due at the end and was not computed after the last epoch."""
    model, plan = Vae(EXAMPLE), FakePlan(one_every, two_every, at_end=at_end)
    bound = bind(routine_of(SPEC, splits, plan), model)
    validation = Validation(Still(model), callbacks=(), routines=[bound], seed=0)

    def divides(every: int | None) -> bool:
        return every is not None and epoch % every == 0

    own: set[str] = set()
    last: set[str] = set()
    for split, split_every in splits.items():
        for kind, kind_every in (("ONE", one_every), ("TWO", two_every)):
            name = f"{kind}_{SUFFIXES[split]}"
            if divides(split_every) and divides(kind_every):
                own.add(name)
            elif at_end or divides(kind_every):
                last.add(name)

    computed = {(one.kind, one.name) for one in validation.run(at(epoch))}
    assert {name for _, name in computed} == own
    assert model.n_calls == bool(own)
    at_last = validation.run(at(epoch, ends_run=True), computed=computed)
    assert {one.name for one in at_last} == last
    assert model.n_calls == bool(own) + bool(last)


def test_one_table_is_made_for_all_splits() -> None:
    """Section 4.2: the published package made one per split at every epoch."""
    plan = FakePlan()
    routine = routine_of(SPEC, {"train": 5, "validation": 5, "test": None}, plan)
    model = Vae(EXAMPLE)
    asked = scores("ONE_TRAIN", "TWO_TRAIN", "TWO_TEST")
    results = routine.validate(model, asked, at(1))
    assert [(one.kind, one.name) for one in results] == asked
    assert model.n_calls == 1
    assert plan.asked == [["ONE", "TWO"], ["TWO"]]


def test_every_split_has_its_own_real_table() -> None:
    routine = TableComparisonRoutine(
        spec=SPEC,
        plan=FakePlan(),
        params=Records(3),
        train=Split(EXAMPLE, every=1),
        test=Split(EXAMPLE[:2], every=1),
    )
    assert values(validated(routine, Vae(EXAMPLE))) == {
        "ONE_TRAIN": 3.0,
        "TWO_TRAIN": 3.0,
        "ONE_TEST": 2.0,
        "TWO_TEST": 2.0,
    }


def test_every_name_of_every_kind_gets_the_suffix_and_no_key_does() -> None:
    names = [(kind, "X") for kind in ResultKind]
    array, plot = np.ones(2), Figure()
    gives = ArtifactResults(
        scores={"X": 1.0},
        arrays={"X": array},
        plots={"X": plot},
        score_collections={"X": {"age": 2.0}},
        array_collections={"X": {"age": array}},
        plot_collections={"X": {"age": plot}},
    )
    routine = routine_of(SPEC, {"train": 1, "test": None}, UntypedPlan(names=names, gives=gives))
    assert routine.result_names == [
        (kind, f"X_{suffix}") for suffix in ("TRAIN", "TEST") for kind in ResultKind
    ]
    results = validated(routine, Vae(EXAMPLE))[:6]
    rows = [(one.kind, one.name, one.value) for one in results if isinstance(one, Result)]
    assert rows == [  # tuples: since Python 3.13 records compare arrays by their elements
        (ResultKind.SCORE, "X_TRAIN", 1.0),
        (ResultKind.ARRAY, "X_TRAIN", array),
        (ResultKind.PLOT, "X_TRAIN", plot),
        (ResultKind.SCORE_COLLECTION, "X_TRAIN", {"age": 2.0}),
        (ResultKind.ARRAY_COLLECTION, "X_TRAIN", {"age": array}),
        (ResultKind.PLOT_COLLECTION, "X_TRAIN", {"age": plot}),
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
    results = validated(routine, Vae(shuffled))
    expected = TableComparisonEngine.build(resource_spec=spec).produce_dataset_comparison_score(
        score_type=JS, dataset_real=df_real, dataset_synthetic=generated.head(30)
    )
    assert results[0] == Result(ResultKind.SCORE, "MEAN_JS_DISTANCE_VAL", expected)
    assert names(results[1:]) == {"plot": ["MEAN_ALIGNMENT_VAL"]}


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
    results = validated(routine, Vae(EXAMPLE))
    assert values(results) == {"MEAN_JS_DISTANCE_TRAIN": 0.0, "MEAN_JS_DISTANCE_TEST": 0.0}
    assert reasons(results) == {
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
    assert values(validated(routine, Vae(EXAMPLE))) == {"MEAN_JS_DISTANCE_TRAIN": 0.0}


def test_all_problems_of_building_come_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TableComparisonRoutine(
            spec=SPEC,
            plan=FakePlan(),
            params=Records(3),
            train=Split(EXAMPLE, every=0),
            validation=Split(EXAMPLE[["age"]], every=1),
        )
    cadence, table = str(caught.value).splitlines()
    assert cadence == (
        "TableComparisonRoutine: train: every must be at least 1, got 0; a whole number means "
        "epochs, else steps(n) or minutes(n), None only at the end"
    )
    assert table == (
        "TableComparisonRoutine: validation: df_real lacks 'group'; its columns are 'age'"
    )


def test_a_generated_table_that_cannot_be_compared() -> None:
    wrong = pd.DataFrame({"Age": ["old"], "group": ["z"]})
    with pytest.raises(ValidationError) as caught:
        validated(routine_of(SPEC, {"train": 1}), Vae(wrong))
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
    one = scores("ONE")
    advice = 'return a list such as [(ResultKind.SCORE, "loss")]'
    for due, said in (
        (True, f"got True, expected a list of (ResultKind, str); {advice}"),
        (["ONE"], f"got the entry 'ONE', expected (ResultKind, non-empty str); {advice}"),
        (scores("TWO"), 'got score "TWO", which result_names does not list; add it there'),
    ):
        with pytest.raises(ValidationError) as caught:
            routine_of(SPEC, {"train": 1}, UntypedPlan(names=one, due=due)).due(at(1))
        assert str(caught.value) == f"UntypedPlan.due: {said}"
    with pytest.raises(ValidationError) as caught:
        validated(routine_of(SPEC, {"train": 1}, UntypedPlan(names=one, gives=3)), Vae(EXAMPLE))
    assert str(caught.value) == (
        "epoch 1: UntypedPlan.execute: got 3, expected ArtifactResults; return "
        "ArtifactResults(scores={...}), or {} when there is nothing"
    )
    with pytest.raises(ValidationError) as caught:
        validated(
            routine_of(SPEC, {"train": 1}, UntypedPlan(names=one, gives={"TWO": 1.0})), Vae(EXAMPLE)
        )
    assert str(caught.value) == (
        'epoch 1: UntypedPlan.execute: score "TWO" came from a routine that does not list it; add '
        "it to the result_names there"
    )


def test_what_a_plan_does_not_return_is_a_failure_of_its_split() -> None:
    plan = UntypedPlan(names=scores("ONE", "TWO"), gives={"ONE": 1.0})
    results = validated(routine_of(SPEC, {"test": 1}, plan), Vae(EXAMPLE), epoch=4)
    assert values(results) == {"ONE_TEST": 1.0}
    assert reasons(results) == {
        "TWO_TEST": "epoch 4: UntypedPlan.execute was asked for it and did not return it"
    }


def test_what_is_missing_or_unknown_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    strange = EXAMPLE.assign(group=["a", "b", "z"], age=[math.nan, math.inf, 1.0])
    routine = routine_of(SPEC, {"train": 1, "test": 1})
    with caplog.at_level(logging.INFO):
        for epoch in (1, 2):
            validated(routine, Vae(strange), epoch)
    assert caplog.messages == [
        "Vae.generate: values are missing in 'age': 2 of 3: they count as a category of their own",
        (
            "Vae.generate: categories that the spec does not know in 'group': 1 of 3 ('z'): they "
            "count as one of their own"
        ),
    ]


def test_what_is_missing_in_a_real_table_is_no_news_in_a_generated_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = EXAMPLE.assign(age=[math.nan, 2.0, 4.0])
    with caplog.at_level(logging.INFO):
        routine = TableComparisonRoutine(
            spec=SPEC, plan=FakePlan(), params=Records(3), train=Split(real, every=1)
        )
        validated(routine, Vae(real))
    assert caplog.messages == []


def test_a_real_table_with_categories_that_the_spec_does_not_know(
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = EXAMPLE.assign(group=["a", "q", "r"])
    with caplog.at_level(logging.INFO):
        TableComparisonRoutine(
            spec=SPEC, plan=FakePlan(), params=Records(3), validation=Split(real, every=1)
        )
    assert caplog.messages == [
        (
            "TableComparisonRoutine: validation: df_real: categories that the spec does not know in "
            "'group': 2 of 3 ('q', 'r'): they count as one of their own"
        )
    ]


def as_routine(
    routine: ArtifactRoutine[TableGenerator[Records]],
) -> ArtifactRoutine[TableGenerator[Records]]:
    return routine


def test_it_is_a_routine_for_models_with_its_parameters() -> None:
    routine = routine_of(SPEC, {"train": 1})
    assert isinstance(as_routine(routine), ArtifactRoutine)
    bound = bind(routine, Vae(EXAMPLE))
    assert bound.due(at(1)) == scores("ONE_TRAIN")
    assert values(bound.compute(bound.due(at(1)), at(1))) == {"ONE_TRAIN": 3.0}


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


class Seeded(TypedDict):
    seed: int


class OfDict:
    def generate(self, params: Seeded) -> pd.DataFrame:
        raise NotImplementedError


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
    with pytest.raises(ContractError) as refused:
        untyped(bind, routine(Sizes(1)), OfSeeds())
    assert str(refused.value) == (
        "model= OfSeeds does not satisfy TableGenerator[Sizes]:\n"
        "  - generate(params): accepts Seeds, is called with Sizes: Sizes is not a Seeds "
        "[parameter-type]"
    )
    # where their class does not tell their type, their value does
    fitting: list[tuple[object, object]] = [
        ((1, 2), OfPair()),
        (3, OfRows()),
        ("a", OfWord()),
        (Way.ALL, OfWay()),
        ({"seed": 1}, OfDict()),
    ]
    for params, model in fitting:
        assert untyped(bind, routine(params), model)
    wrong: list[tuple[object, object]] = [
        (3, OfSeeds()),
        ({"seed": 1}, OfSeeds()),
        ("c", OfWord()),
        (Way.NONE, OfWay()),
        ({"sed": 1}, OfDict()),
    ]
    for params, model in wrong:
        with pytest.raises(ContractError, match=r"generate\(params\): accepts .*, is called with"):
            untyped(bind, routine(params), model)
    with pytest.raises(ContractError, match="generate: is missing"):
        untyped(bind, routine(Seeds(1)), object())


def untyped(make: Callable[..., object], *parts: object, **named: object) -> object:
    return make(*parts, **named)


def test_each_generated_table_is_exported_where_that_is_asked_for(tmp_path: Path) -> None:
    routine = TableComparisonRoutine(
        spec=SPEC,
        plan=FakePlan(),
        params=Records(2),
        train=Split(EXAMPLE, every=1),
        export_to=tmp_path / "tables",
    )
    model = Vae(EXAMPLE.assign(extra=0))
    look = Moment(epoch=0, step=0, is_rehearsal=True)
    routine.validate(model, routine.result_names, look)
    assert not (tmp_path / "tables").exists()
    validated(routine, model, epoch=4)
    (file,) = (tmp_path / "tables").iterdir()
    assert file.name == "epoch_000004_step_00000040.csv"
    assert pd.read_csv(file).equals(EXAMPLE.head(2))


def test_a_real_table_of_one_row_is_told_at_build(caplog: pytest.LogCaptureFixture) -> None:
    """A model that copies it has the best of all scores."""
    table = pd.DataFrame({"age": [40.0, 50.0], "group": ["a", "b"]})
    spec = TabularDataSpec.from_df(table, cts_features=["age"], cat_features=["group"])
    plan = TableComparisonPlan(scores=[JS])
    one, two = Split(table[:1], every=1), Split(table, every=1)
    TableComparisonRoutine(spec=spec, plan=plan, params=None, train=one, validation=two)
    [told] = caplog.messages
    assert told.startswith("TableComparisonRoutine: train: df_real has 1 row: a copy of it")
