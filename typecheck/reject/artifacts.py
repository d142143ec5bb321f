"""Plans and routines of the wrong shape, or for other models."""

from collections.abc import Mapping, Sequence

import pandas as pd
from artifact_core.table_comparison import TableComparisonPlotType, TableComparisonScoreType, TabularDataSpec
from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment
from artifact_torch import bind
from artifact_torch.contracts import ArtifactPlan, ArtifactResults, ArtifactRoutine, Model, ResultKind, ResultName
from artifact_torch.routines import BoundRoutine
from artifact_torch.table_comparison import ExperimentPlan, Split, TableComparisonPlan, TableComparisonResources, TableComparisonRoutine, TableGenerator, TableSpec
from typecheck.common import VAE, Classifier, LossScore, Regressor, SamplingParams, TruncatedParams, VAEInput, VAEOutput

df_real = pd.DataFrame({"age": [1.0], "job": ["a"]})
spec = TabularDataSpec.from_df(df_real, cts_features=["age"], cat_features=["job"])
plan = TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE])
split = Split(df_real, every=5)
params = SamplingParams(n_records=10)
routine = TableComparisonRoutine(spec=spec, plan=plan, params=params, validation=split)
truncated = TableComparisonRoutine(spec=spec, plan=plan, params=TruncatedParams(n_records=10, truncation=0.5), validation=split)


def validates_vae(routine: ArtifactRoutine[VAE], /) -> None: ...
def compares(plan: ArtifactPlan[TableComparisonResources], /) -> None: ...
def describes(spec: TableSpec, /) -> None: ...


class Listed:
    """What the routines below share."""

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "norm")]

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final


# a routine and its model
class OtherModelRoutine(Listed):
    def validate(self, model: Classifier, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class LatentRoutine(Listed):
    def validate(self, model: Model[VAEInput, VAEOutput], epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class TruncatedRoutine(Listed):
    def validate(self, model: TableGenerator[TruncatedParams], epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


bind(routine, Regressor())  # E[pyright=reportArgumentType: "generate" is not present]
bind(truncated, VAE())  # E[pyright=reportArgumentType: TruncatedParams]
bind(TruncatedRoutine(), VAE())  # E[pyright=reportArgumentType: TruncatedParams]
bind(OtherModelRoutine(), VAE())  # E[pyright=reportArgumentType: "Classifier"]
bind(LatentRoutine(), Regressor())  # E[pyright=reportArgumentType: "Regressor"]
bind(routine, VAE)  # E[pyright=reportArgumentType: "type\[VAE\]"]
bind(routine, None)  # E[pyright=reportArgumentType: "None"]
bind(TableComparisonRoutine(spec=spec, plan=plan, params=TruncatedParams(n_records=1, truncation=0.5), validation=split), VAE())  # E[pyright=reportArgumentType: TruncatedParams]
bind(TableComparisonRoutine(spec=spec, plan=plan, params={"n_records": 1}, validation=split), VAE())  # E[pyright=reportArgumentType: dict]
bind(VAE(), routine)  # E[pyright=reportArgumentType: "VAE"]
bind(plan, VAE())  # E[pyright=reportArgumentType: "validate" is not present]
bind(LossScore(), VAE())  # E[pyright=reportArgumentType: "LossScore"]
bind(routine)  # E[pyright=reportCallIssue: "model", mypy=call-arg: "model"]
validates_vae(truncated)  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: TruncatedParams]
validates_vae(OtherModelRoutine())  # E[pyright=reportArgumentType: "VAE" is not assignable to "Classifier", mypy=arg-type: "OtherModelRoutine"]
validates_vae(bind(routine, VAE()))  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "BoundRoutine"]


# the shape of a routine
class NoNames:
    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class NamesMethod:
    def result_names(self) -> Sequence[ResultName]:
        return []

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class NamesWithoutKind:
    result_names = ("norm",)

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class DueWithoutFinal:
    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int) -> bool:
        return True

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class FinalPositional:
    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, final: bool, /) -> bool:
        return True

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class DueAttribute:
    result_names: Sequence[ResultName] = ()
    is_due = True

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class GivesDict(Listed):
    def validate(self, model: VAE, epoch: int, *, final: bool) -> dict[str, float]:
        return {}


class AsyncValidate(Listed):
    async def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class ValidateWithoutFinal(Listed):
    def validate(self, model: VAE, epoch: int) -> ArtifactResults:
        return ArtifactResults()


class ValidateSplits(Listed):
    def validate(self, model: VAE, epoch: int, *, final: bool, split: str) -> ArtifactResults:
        return ArtifactResults()


class OtherKeyword(Listed):
    def validate(self, model: VAE, epoch: int, *, last: bool) -> ArtifactResults:
        return ArtifactResults()


validates_vae(NoNames())  # E[pyright=reportArgumentType: "result_names" is not present, mypy=arg-type: "NoNames"]
validates_vae(NamesMethod())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesMethod"]
validates_vae(NamesWithoutKind())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesWithoutKind"]
validates_vae(DueWithoutFinal())  # E[pyright=reportArgumentType: "is_due" is an incompatible, mypy=arg-type: "DueWithoutFinal"]
validates_vae(FinalPositional())  # E[pyright=reportArgumentType: "is_due" is an incompatible, mypy=arg-type: "FinalPositional"]
validates_vae(DueAttribute())  # E[pyright=reportArgumentType: "is_due" is an incompatible, mypy=arg-type: "DueAttribute"]
validates_vae(GivesDict())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "GivesDict"]
validates_vae(AsyncValidate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncValidate"]
validates_vae(ValidateWithoutFinal())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateWithoutFinal"]
validates_vae(ValidateSplits())  # E[pyright=reportArgumentType: "split", mypy=arg-type: "ValidateSplits"]
validates_vae(OtherKeyword())  # E[pyright=reportArgumentType: "final"|"last", mypy=arg-type: "OtherKeyword"]
bind(GivesDict(), VAE())  # E[pyright=reportArgumentType: "GivesDict"]
bind(DueWithoutFinal(), VAE())  # E[pyright=reportArgumentType: "DueWithoutFinal"]


# the comparison of tables
class NotASpec:
    features = ("age",)


class ResourcesOfOther:
    rows = 3


class OtherPlan:
    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def execute(self, resources: ResourcesOfOther, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class PlanWithoutEpoch:
    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def execute(self, resources: TableComparisonResources) -> ArtifactResults:
        return ArtifactResults()


class PlanOfScores:
    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def execute(self, resources: TableComparisonResources, epoch: int, *, final: bool) -> Mapping[str, float]:
        return {}


class Hooks(PlanOfExperiment): ...  # all six are forgotten


compares(OtherPlan())  # E[pyright=reportArgumentType: "ResourcesOfOther", mypy=arg-type: "OtherPlan"]
compares(PlanWithoutEpoch())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanWithoutEpoch"]
compares(PlanOfScores())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanOfScores"]
compares(Hooks)  # E[pyright=reportArgumentType: "type\[Hooks\]", mypy=arg-type: "type\[Hooks\]"]
compares(TableComparisonPlan)  # E[pyright=reportArgumentType: "type\[TableComparisonPlan\]", mypy=arg-type: "type\[TableComparisonPlan\]"]
compares([TableComparisonScoreType.MEAN_JS_DISTANCE])  # E[pyright=reportArgumentType: list, mypy=arg-type: list]
TableComparisonPlan(scores=[TableComparisonPlotType.PDF])  # E[pyright=reportArgumentType: TableComparisonPlotType, mypy=list-item: "TableComparisonPlotType"]
TableComparisonPlan(plots=[TableComparisonScoreType.MEAN_JS_DISTANCE])  # E[pyright=reportArgumentType: TableComparisonScoreType, mypy=list-item: "TableComparisonScoreType"]
TableComparisonPlan(scores=TableComparisonScoreType.MEAN_JS_DISTANCE)  # E[pyright=reportArgumentType: TableComparisonScoreType, mypy=arg-type: "scores"]
TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS], scores_every=1)  # E[pyright=reportAttributeAccessIssue: "MEAN_JS", mypy=attr-defined: "MEAN_JS"]
TableComparisonPlan(scores=["A"], scores_every="1")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "scores_every"]
TableComparisonPlan(["A"])  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
TableComparisonPlan(scores="A")  # HOLE: a string is a sequence of strings; refused when the plan is built
ExperimentPlan(Hooks, spec)  # E[mypy=type-abstract: concrete class] # HOLE[pyright]: it looks at abstract methods only where a class is called; refused at build
ExperimentPlan(Hooks(), spec)  # E[pyright=reportArgumentType, mypy=arg-type]
ExperimentPlan(TableComparisonPlan, spec)  # E[pyright=reportArgumentType: "type\[TableComparisonPlan\]", mypy=arg-type: TableComparisonPlan]
ExperimentPlan(Hooks, df_real)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "DataFrame"]
describes(NotASpec())  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "NotASpec"]
describes(df_real)  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "DataFrame"]
Split(df_real)  # E[pyright=reportCallIssue: "every", mypy=call-arg: "every"]
Split(df_real, 5)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Split(df_real, every="5")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "every"]
Split({"age": [1.0]}, every=5)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "DataFrame"]
TableComparisonRoutine(spec=df_real, plan=plan, params=params, train=split)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "spec"]
TableComparisonRoutine(spec=spec, plan=Hooks, params=params, train=split)  # E[pyright=reportArgumentType: "type\[Hooks\]", mypy=arg-type: "plan"]
TableComparisonRoutine(spec=spec, plan=OtherPlan(), params=params, train=split)  # E[pyright=reportArgumentType: "OtherPlan", mypy=arg-type: "OtherPlan"]
TableComparisonRoutine(spec=spec, plan=plan, params=params, train=df_real)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "train"]
TableComparisonRoutine(spec=spec, plan=plan, train=split)  # E[pyright=reportCallIssue: "params", mypy=call-arg: "params"]
TableComparisonRoutine(spec=spec, plan=plan, params=params, holdout=split)  # E[pyright=reportCallIssue: "holdout", mypy=call-arg: "holdout"]
TableComparisonRoutine[TruncatedParams](spec=spec, plan=plan, params=params, train=split)  # E[pyright=reportArgumentType: "TruncatedParams", mypy=arg-type: "TruncatedParams"]
TableComparisonResources(spec=spec, df_real=df_real, generated=None)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "generated"]
ArtifactResults(scores={"a": "1"})  # E[pyright=reportArgumentType: "float", mypy=dict-item: "str"]
ArtifactResults({"a": 1.0})  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
ArtifactResults(scores=[1.0])  # E[pyright=reportArgumentType: Mapping, mypy=arg-type: "scores"]
ArtifactResults(plots={"a": df_real})  # E[pyright=reportArgumentType: "Figure", mypy=dict-item: "DataFrame"]
BoundRoutine(VAE())  # E[pyright=reportCallIssue: positional, mypy=call-arg]
