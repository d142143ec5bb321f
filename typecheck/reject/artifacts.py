"""Plans and routines of the wrong shape, or for other models."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd
from artifact_core.table_comparison import TableComparisonPlotType, TableComparisonScoreType, TabularDataSpec
from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment
from artifact_torch import bind
from artifact_torch.contracts import ArtifactPlan, ArtifactResults, ArtifactRoutine, Model, Moment, Result, ResultKind, ResultName, Results
from artifact_torch.routines import BoundRoutine
from artifact_torch.table_comparison import experiment_plan, Split, TableComparisonPlan, TableComparisonResources, TableComparisonRoutine, TableGenerator, TableSpec
from torch import Tensor
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

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


# a routine and its model
class OtherModelRoutine(Listed):
    def validate(self, model: Classifier, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class LatentRoutine(Listed):
    def validate(self, model: Model[VAEInput, VAEOutput], names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class TruncatedRoutine(Listed):
    def validate(self, model: TableGenerator[TruncatedParams], names: Collection[ResultName], moment: Moment) -> ArtifactResults:
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
validates_vae(bind(routine, VAE()))  # E[pyright=reportArgumentType: "validate" is not present|"BoundRoutine", mypy=arg-type: "BoundRoutine"]


# the shape of a routine
class NoNames:
    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()

    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class _Validates:
    """What the routines below share: what they compute."""

    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class NamesMethod(_Validates):
    def result_names(self) -> Sequence[ResultName]:
        return []

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class NamesWithoutKind(_Validates):
    result_names = ("norm",)

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class NamesByText(_Validates):
    result_names = [("score", "norm")]

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class NamesInSet(_Validates):
    result_names = {(ResultKind.SCORE, "norm")}

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class NoDue(_Validates):
    result_names: Sequence[ResultName] = ()


class IsDue(_Validates):
    """As routines were asked before."""

    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final


class DueWithoutMoment(_Validates):
    result_names: Sequence[ResultName] = ()

    def due(self) -> Collection[ResultName]:
        return ()


class DueWithFinal(_Validates):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment, *, final: bool) -> Collection[ResultName]:
        return ()


class DueByEpoch(_Validates):
    result_names: Sequence[ResultName] = ()

    def due(self, epoch: int) -> Collection[ResultName]:
        return ()


class DueIsBool(_Validates):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> bool:
        return moment.ends_run


class DueMaybe(_Validates):
    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Collection[ResultName] | None:
        return None


class DueAttribute(_Validates):
    result_names: Sequence[ResultName] = ()
    due = True


class AsyncDue(_Validates):
    result_names: Sequence[ResultName] = ()

    async def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class GivesFloat(Listed):
    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> float:
        return 0.0


class GivesTensors(Listed):
    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> dict[str, Tensor]:
        return {}


class GivesMaybe(Listed):
    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> ArtifactResults | None:
        return None


class Generates(Listed):
    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> Iterator[Result]:
        yield Result(ResultKind.SCORE, "norm", 1.0)


class AsyncValidate(Listed):
    async def validate(self, model: VAE, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class ValidateByEpoch(Listed):
    """As routines were called before."""

    def validate(self, model: VAE, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class ValidateWithoutNames(Listed):
    def validate(self, model: VAE, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class ValidateWithoutMoment(Listed):
    def validate(self, model: VAE, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults()


class ValidateSwapped(Listed):
    def validate(self, model: VAE, moment: Moment, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults()


class ValidateSplits(Listed):
    def validate(self, model: VAE, names: Collection[ResultName], moment: Moment, *, split: str) -> ArtifactResults:
        return ArtifactResults()


class ValidateNameList(Listed):
    def validate(self, model: VAE, names: list[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class ByKeyword(Listed):
    def validate(self, model: VAE, *, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


validates_vae(NoNames())  # E[pyright=reportArgumentType: "result_names" is not present, mypy=arg-type: "NoNames"]
validates_vae(NamesMethod())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesMethod"]
validates_vae(NamesWithoutKind())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesWithoutKind"]
validates_vae(NamesByText())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesByText"]
validates_vae(NamesInSet())  # E[pyright=reportArgumentType: "result_names", mypy=arg-type: "NamesInSet"]
validates_vae(NoDue())  # E[pyright=reportArgumentType: "due" is not present, mypy=arg-type: "NoDue"]
validates_vae(IsDue())  # E[pyright=reportArgumentType: "due" is not present, mypy=arg-type: "IsDue"]
validates_vae(DueWithoutMoment())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueWithoutMoment"]
validates_vae(DueWithFinal())  # E[pyright=reportArgumentType: "final", mypy=arg-type: "DueWithFinal"]
validates_vae(DueByEpoch())  # E[pyright=reportArgumentType: "Moment" is not assignable to "int", mypy=arg-type: "DueByEpoch"]
validates_vae(DueIsBool())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueIsBool"]
validates_vae(DueMaybe())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueMaybe"]
validates_vae(DueAttribute())  # E[pyright=reportArgumentType: "due" is an incompatible, mypy=arg-type: "DueAttribute"]
validates_vae(AsyncDue())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncDue"]
validates_vae(GivesFloat())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "GivesFloat"]
validates_vae(GivesTensors())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "GivesTensors"]
validates_vae(GivesMaybe())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "GivesMaybe"]
validates_vae(Generates())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "Generates"]
validates_vae(AsyncValidate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncValidate"]
validates_vae(ValidateByEpoch())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateByEpoch"]
validates_vae(ValidateWithoutNames())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateWithoutNames"]
validates_vae(ValidateWithoutMoment())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateWithoutMoment"]
validates_vae(ValidateSwapped())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateSwapped"]
validates_vae(ValidateSplits())  # E[pyright=reportArgumentType: "split", mypy=arg-type: "ValidateSplits"]
validates_vae(ValidateNameList())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ValidateNameList"]
validates_vae(ByKeyword())  # E[pyright=reportArgumentType: "validate" is an incompatible, mypy=arg-type: "ByKeyword"]
bind(GivesTensors(), VAE())  # E[pyright=reportArgumentType: "GivesTensors"]
bind(ValidateByEpoch(), VAE())  # E[pyright=reportArgumentType: "ValidateByEpoch"]
bind(IsDue(), VAE())  # E[pyright=reportArgumentType: "IsDue"]


# the comparison of tables
class NotASpec:
    features = ("age",)


class ResourcesOfOther:
    rows = 3


class _Planned:
    """What the plans below share."""

    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()


class OtherPlan(_Planned):
    def execute(self, resources: ResourcesOfOther, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults()


class PlanWithoutNames(_Planned):
    def execute(self, resources: TableComparisonResources) -> ArtifactResults:
        return ArtifactResults()


class PlanByEpoch(_Planned):
    """As plans were called before."""

    def execute(self, resources: TableComparisonResources, epoch: int, *, final: bool) -> ArtifactResults:
        return ArtifactResults()


class PlanWithMoment(_Planned):
    def execute(self, resources: TableComparisonResources, names: Collection[ResultName], moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class PlanOfTexts(_Planned):
    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> Mapping[str, str]:
        return {}


class PlanOfNothing(_Planned):
    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> None: ...


class PlanIsDue:
    """As plans were asked before."""

    result_names: Sequence[ResultName] = ()

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults()


class PlanWithoutNamesList:
    def due(self, moment: Moment) -> Collection[ResultName]:
        return ()

    def execute(self, resources: TableComparisonResources, names: Collection[ResultName]) -> ArtifactResults:
        return ArtifactResults()


class Hooks(PlanOfExperiment): ...  # all six are forgotten


compares(OtherPlan())  # E[pyright=reportArgumentType: "ResourcesOfOther", mypy=arg-type: "OtherPlan"]
compares(PlanWithoutNames())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanWithoutNames"]
compares(PlanByEpoch())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanByEpoch"]
compares(PlanWithMoment())  # E[pyright=reportArgumentType: Extra parameter "moment", mypy=arg-type: "PlanWithMoment"]
compares(PlanOfTexts())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanOfTexts"]
compares(PlanOfNothing())  # E[pyright=reportArgumentType: "execute" is an incompatible, mypy=arg-type: "PlanOfNothing"]
compares(PlanIsDue())  # E[pyright=reportArgumentType: "due" is not present, mypy=arg-type: "PlanIsDue"]
compares(PlanWithoutNamesList())  # E[pyright=reportArgumentType: "result_names" is not present, mypy=arg-type: "PlanWithoutNamesList"]
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
experiment_plan(Hooks, spec)  # E[mypy=type-abstract: concrete class] # HOLE[pyright]: it looks at abstract methods only where a class is called; refused at build
experiment_plan(Hooks(), spec)  # E[pyright=reportArgumentType, mypy=arg-type]
experiment_plan(TableComparisonPlan, spec)  # E[pyright=reportArgumentType: "type\[TableComparisonPlan\]", mypy=arg-type: TableComparisonPlan]
experiment_plan(Hooks, df_real)  # E[pyright=reportArgumentType: "DataFrame", mypy=arg-type: "DataFrame"]
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
ArtifactResults(failures={"a": "no"})  # E[pyright=reportCallIssue: "failures", mypy=call-arg: "failures"]
as_pairs: Results = [("a", 1.0)]  # E[pyright=reportAssignmentType, mypy]
of_texts: Results = {"a": "1"}  # E[pyright=reportAssignmentType, mypy]
plan.execute(TableComparisonResources(spec=spec, df_real=df_real, generated=df_real), ["MEAN_JS_DISTANCE"])  # E[pyright=reportArgumentType: list\[str\], mypy=list-item: "str"]
plan.due(5)  # E[pyright=reportArgumentType: "Moment", mypy=arg-type: "due"]
routine.validate(VAE(), 5, final=True)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "final"]
ArtifactResults(scores=[1.0])  # E[pyright=reportArgumentType: Mapping, mypy=arg-type: "scores"]
ArtifactResults(plots={"a": df_real})  # E[pyright=reportArgumentType: "Figure", mypy=dict-item: "DataFrame"]
BoundRoutine(VAE())  # E[pyright=reportCallIssue: "compute", mypy=call-arg]
