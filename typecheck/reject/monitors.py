"""Callbacks of the training itself, of the wrong shape or at the wrong place."""

from collections.abc import Mapping, Sequence

from artifact_torch import Frozen, GradientNorm, LearningRate, LossCallback, PeakMemory, Throughput, TrainLoss, steps, EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.contracts import AnyStep, BatchCallback, Clipping, LoaderCallback, Moment, ResultName, StepCallback, Tuned
from torch import Tensor, nn
from typecheck.common import CodesLoader, LossOutput, SeesMu, HasMu, VAEInput, VAEOutput

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)


def asked(callback: StepCallback, /) -> None: ...
def sees(callback: BatchCallback[VAEInput, VAEOutput], /) -> None: ...
def sees_mu(callback: BatchCallback[VAEInput, HasMu], /) -> None: ...
def scores(callback: LoaderCallback[VAEInput, VAEOutput, float], /) -> None: ...


LearningRate(every="3")  # E[pyright=reportArgumentType: "int \| Cadence"|"Every", mypy=arg-type: "every"]
LearningRate(every=0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: "every"]
LearningRate(3)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
GradientNorm(every=steps)  # E[pyright=reportArgumentType: Cadence, mypy=arg-type: "every"]
GradientNorm(every=steps("500"))  # E[pyright=reportArgumentType: "int", mypy=arg-type: "steps"]
Throughput(steps(5))  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
PeakMemory(name="memory")  # E[pyright=reportCallIssue: "name", mypy=call-arg: "name"]
Frozen(nn.Linear(1, 1))  # E[pyright=reportCallIssue, mypy=call-overload]
Frozen(nn.Linear(1, 1), until=3, since=5)  # E[pyright=reportCallIssue, mypy=call-overload]
Frozen("backbone", until=3)  # E[pyright=reportArgumentType, mypy=call-overload]
Frozen(nn.Linear(1, 1), until="3")  # E[pyright=reportArgumentType, mypy=call-overload]
Frozen(nn.Linear(1, 1), at=3)  # E[pyright=reportCallIssue, mypy=call-overload]

sees_mu(TrainLoss())  # E[pyright=reportArgumentType: "loss" is missing, mypy=arg-type: "TrainLoss"]
sees(LearningRate())  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type: "LearningRate"]
scores(TrainLoss())  # E[pyright=reportArgumentType: "start" is not present, mypy=arg-type: "TrainLoss"]
asked(LossCallback("loss"))  # E[pyright=reportArgumentType: "every" is not present, mypy=arg-type: "LossCallback"]
asked(LearningRate)  # E[pyright=reportArgumentType: type\[LearningRate\], mypy=arg-type: "LearningRate"]
mixed: list[BatchCallback[VAEInput, HasMu] | StepCallback] = [LearningRate(), LossCallback("loss")]  # E[pyright=reportAssignmentType: "LossCallback", mypy=list-item: "LossCallback"]


class Without:
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {}


class EveryText(Without):
    every = "epoch"


class Names(Without):
    every = 1
    result_names: Sequence[str] = ("a",)  # E[pyright=reportIncompatibleVariableOverride, mypy=assignment]


class ReturnsNothing:
    every = 1
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> None: ...


class OfModels:
    every = 1
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: nn.Module, moment: Moment) -> Mapping[str, float]:
        return {}


class OfSteps:
    every = 1
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep) -> Mapping[str, float]:
        return {}


asked(Without())  # E[pyright=reportArgumentType: "every" is not present, mypy=arg-type: "Without"]
asked(EveryText())  # E[pyright=reportArgumentType: "every" is, mypy=arg-type: "EveryText"]
asked(ReturnsNothing())  # E[pyright=reportArgumentType: "on_moment" is an incompatible, mypy=arg-type: "ReturnsNothing"]
asked(OfModels())  # E[pyright=reportArgumentType: "on_moment" is an incompatible, mypy=arg-type: "OfModels"]
asked(OfSteps())  # E[pyright=reportArgumentType: "on_moment" is an incompatible, mypy=arg-type: "OfSteps"]


class OneRate:
    @property
    def learning_rates(self) -> float:
        return 0.1


class TextNorm:
    gradient_norm: str | None = None


class Method:
    def gradient_norm(self) -> Tensor | None: ...


tuned: Tuned = OneRate()  # E[pyright=reportAssignmentType: "learning_rates" is, mypy=assignment: "OneRate"]
clipping: Clipping = TextNorm()  # E[pyright=reportAssignmentType: "gradient_norm" is, mypy=assignment: "TextNorm"]
method: Clipping = Method()  # E[pyright=reportAssignmentType: "gradient_norm" is, mypy=assignment: "Method"]


def in_a_trainer(step: OptimizerStep[VAEInput, LossOutput]) -> None:
    """One that is wrong among others that are right."""
    Trainer(step, train_loader=loader, stop=[stop], callbacks=[LearningRate(), SeesMu()])  # E[pyright=reportArgumentType, mypy=list-item: "SeesMu"]
    Trainer(step, train_loader=loader, stop=[stop], callbacks=[LearningRate(), Without()])  # E[pyright=reportArgumentType, mypy=list-item: "Without"]
    Trainer(step, train_loader=loader, stop=[stop], callbacks=[TrainLoss(), LossCallback("loss")])  # E[pyright=reportArgumentType, mypy=list-item: "LossCallback"]
