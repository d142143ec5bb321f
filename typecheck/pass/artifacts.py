"""Plans, artifact routines, and the models they validate."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd
from artifact_core.table_comparison import TableComparisonArrayCollectionType, TableComparisonArrayType, TableComparisonPlotCollectionType, TableComparisonPlotType, TableComparisonScoreCollectionType, TableComparisonScoreType, TabularDataSpec
from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment
from artifact_torch import bind
from artifact_torch.contracts import AnyModel, ArtifactPlan, ArtifactResults, ArtifactRoutine, Failure, Model, Moment, Result, ResultKind, ResultName, Results
from artifact_torch.routines import BoundRoutine
from artifact_torch.table_comparison import AnyTableSynthesizer, experiment_plan, Split, TableComparisonPlan, TableComparisonResources, TableComparisonRoutine, TableGenerator, TableSpec
from torch import nn
from typecheck.common import VAE, LossOutput, Regressor, SamplingParams, TruncatedParams, VAEInput
from typing_extensions import assert_type, override

df_real = pd.DataFrame({"age": [1.0], "job": ["a"]})
spec = TabularDataSpec.from_df(df_real, cts_features=["age"], cat_features=["job"])
plan = TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE])
split = Split(df_real, every=5)


def validates_vae(routine: ArtifactRoutine[VAE], /) -> None: ...
def validates_tables(routine: ArtifactRoutine[TableGenerator[SamplingParams]], /) -> None: ...
def compares(plan: ArtifactPlan[TableComparisonResources], /) -> None: ...
def describes(spec: TableSpec, /) -> None: ...


class Listed:
    """What the routines below share."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "norm")]

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if moment.epoch % 5 == 0 or moment.ends_run else ()


class TableRoutine(Listed):
    def validate(self, model: TableGenerator[SamplingParams], names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults(scores={"rows": float(len(model.generate(SamplingParams(n_records=3))))})


class WeightRoutine(Listed):
    """Validates any model."""

    def validate(self, model: AnyModel, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults(scores={"norm": sum(p.sum().item() for p in model.parameters())})


class ReconstructionRoutine(Listed):
    def validate(self, model: Model[VAEInput, LossOutput], names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class AnythingRoutine(Listed):
    def validate(self, model: object, names: Collection[ResultName], moment: Moment, verbose: bool = False) -> ArtifactResults:
        return ArtifactResults()


class AttributeRoutine:
    result_names = ((ResultKind.SCORE, "norm"),)

    def due(self, moment: object) -> tuple[ResultName, ...]:
        return self.result_names

    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> list[Failure]:
        return [Failure(kind, name, "no") for kind, name in names]


class ScoresRoutine(Listed):
    """Scores alone, as a dict."""

    def validate(self, model: TableGenerator[SamplingParams], names: Iterable[ResultName], moment: Moment) -> dict[str, float]:
        return {"norm": 1.0}


class MixedRoutine(Listed):
    """Results as data, some of them failed."""

    def validate(self, model: AnyTableSynthesizer, names: Collection[ResultName], moment: Moment) -> list[Result | Failure]:
        return [Result(ResultKind.SCORE, "norm", 1.0), Failure(ResultKind.PLOT, "weights", "no rows")]


class AnyResults(Listed):
    def validate(self, model: nn.Module, names: Collection[ResultName], moment: Moment) -> Results:
        return ArtifactResults() if moment.ends_run else {}


class Truncated(VAE):
    @override
    def generate(self, params: SamplingParams | TruncatedParams) -> pd.DataFrame:
        raise NotImplementedError


class CountPlan:
    """A plan of the user's own."""

    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_run else ()

    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults(scores={"rows": float(len(resources.generated))})


class ScorePlan:
    """Scores alone, as a dict, of any two tables."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "rows")]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        return self.result_names

    def execute(self, resources: object, names: Collection[ResultName], /) -> dict[str, float]:
        return {"rows": 1.0}


class DataPlan(ScorePlan):
    """Results as data."""

    @override
    def due(self, moment: Moment, /) -> list[ResultName]:
        return [(ResultKind.SCORE, "rows")]


class IsolatedPlan:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "rows"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names

    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> tuple[Result, Failure]:
        return Result(ResultKind.SCORE, "rows", 1.0), Failure(ResultKind.SCORE, "columns", "none")


class Hooks(PlanOfExperiment):
    @staticmethod
    @override
    def _get_score_types() -> list[TableComparisonScoreType]:
        return [TableComparisonScoreType.MEAN_JS_DISTANCE]

    @staticmethod
    @override
    def _get_array_types() -> list[TableComparisonArrayType]:
        return []

    @staticmethod
    @override
    def _get_plot_types() -> list[TableComparisonPlotType]:
        return []

    @staticmethod
    @override
    def _get_score_collection_types() -> list[TableComparisonScoreCollectionType]:
        return []

    @staticmethod
    @override
    def _get_array_collection_types() -> list[TableComparisonArrayCollectionType]:
        return []

    @staticmethod
    @override
    def _get_plot_collection_types() -> list[TableComparisonPlotCollectionType]:
        return []


class FixedSpec:
    """A spec of the user's own."""

    features: Sequence[str] = ("age",)
    n_features = 1
    cts_features: Sequence[str] = ("age",)
    n_cts_features = 1
    cts_dtypes: Mapping[str, type[object]] = {"age": float}
    cat_features: Sequence[str] = ()
    n_cat_features = 0
    cat_dtypes: Mapping[str, type[object]] = {}
    cat_unique_map: Mapping[str, Sequence[str]] = {}
    cat_unique_count_map: Mapping[str, int] = {}


routine = TableComparisonRoutine(spec=spec, plan=plan, params=SamplingParams(n_records=10), validation=split)
assert_type(routine, TableComparisonRoutine[SamplingParams])  # OK
assert_type(bind(routine, VAE()), BoundRoutine)  # OK
bind(TableRoutine(), VAE())  # OK
bind(WeightRoutine(), VAE())  # OK
bind(WeightRoutine(), Regressor())  # OK
bind(ReconstructionRoutine(), VAE())  # OK
bind(ReconstructionRoutine(), Regressor())  # OK
bind(AnythingRoutine(), Regressor())  # OK
bind(AttributeRoutine(), VAE())  # OK
bind(AttributeRoutine(), Truncated())  # OK
bind(ScoresRoutine(), VAE())  # OK
bind(MixedRoutine(), VAE())  # OK
bind(AnyResults(), Regressor())  # OK
bind(AnyResults(), nn.Linear(1, 1))  # OK
assert_type(bind(routine, VAE()).due(Moment(epoch=1, step=10)), list[ResultName])  # OK
bind(routine, Truncated())  # OK
bind(TableComparisonRoutine(spec=spec, plan=plan, params=SamplingParams(n_records=10), validation=split), VAE())  # OK
bind(TableComparisonRoutine(spec=spec, plan=plan, params=TruncatedParams(n_records=10, truncation=0.5), train=split, test=Split(df_real, every=None)), Truncated())  # OK
bind(TableComparisonRoutine[SamplingParams](spec=FixedSpec(), plan=CountPlan(), params=SamplingParams(n_records=10), test=split), VAE())  # OK
validates_vae(routine)  # OK
validates_vae(WeightRoutine())  # OK
validates_vae(AttributeRoutine())  # OK
validates_tables(routine)  # OK
validates_tables(TableRoutine())  # OK

compares(plan)  # OK
compares(CountPlan())  # OK
compares(ScorePlan())  # OK
compares(DataPlan())  # OK
compares(IsolatedPlan())  # OK
compares(experiment_plan(Hooks, spec, every=10))  # OK
compares(TableComparisonPlan(scores=["MINE"], plots=[TableComparisonPlotType.PDF, "OWN"], scores_every=2, plots_every=None))  # OK
compares(TableComparisonPlan(score_collections=(TableComparisonScoreCollectionType.JS_DISTANCE,), at_end=False))  # OK
describes(spec)  # OK
describes(FixedSpec())  # OK
loaded: AnyTableSynthesizer = VAE()  # OK
bind(WeightRoutine(), loaded)  # OK
ArtifactResults(scores={"a": 1.0}, score_collections={"b": {"c": 1}}, arrays={}, plots={}, array_collections={}, plot_collections={})  # OK
plain: Results = {"a": 1.0}  # OK
as_data: Results = [Result(ResultKind.SCORE, "a", 1.0), Failure(ResultKind.SCORE, "b", "no")]  # OK
assert_type(plan.execute(TableComparisonResources(spec=spec, df_real=df_real, generated=df_real), [(ResultKind.SCORE, "MEAN_JS_DISTANCE")]), Sequence[Result | Failure])  # OK
assert_type(plan.due(Moment(epoch=1, step=10, ends_run=True)), Sequence[ResultName])  # OK
