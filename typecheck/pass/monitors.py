"""Callbacks of the training itself."""

from collections.abc import Mapping, Sequence

from artifact_torch import Frozen, GradientNorm, LearningRate, ParameterNorm, PeakMemory, Throughput, TrainLoss, minutes, steps, EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.contracts import AnyStep, BatchCallback, Clipping, Every, ModelOutput, Moment, Periodic, ResultName, Results, Stateful, StepCallback, Tuned
from torch import Tensor, nn
from typecheck.common import CodesLoader, SeesMu, LabelledInput, LossOutput, VAEInput, VAEOutput
from typing_extensions import assert_type

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)


def asked(callback: StepCallback, /) -> None: ...
def sees(callback: BatchCallback[VAEInput, VAEOutput], /) -> None: ...
def sees_labels(callback: BatchCallback[LabelledInput, LossOutput], /) -> None: ...


asked(LearningRate())  # OK
asked(LearningRate(every=3))  # OK
asked(GradientNorm(every=steps(500)))  # OK
asked(ParameterNorm(every=minutes(10)))  # OK
asked(Throughput())  # OK
asked(PeakMemory())  # OK
asked(TrainLoss())  # OK
asked(TrainLoss("loss", every=steps(10)))  # OK
asked(Frozen(nn.Linear(1, 1), until=3))  # OK
asked(Frozen(nn.Linear(1, 1), since=steps(500)))  # OK
sees(TrainLoss())  # OK
sees(Throughput())  # OK
sees_labels(TrainLoss())  # OK
least: BatchCallback[object, ModelOutput] = TrainLoss()  # OK
anything: BatchCallback[object, object] = Throughput()  # OK
kept: Sequence[Stateful] = [TrainLoss(), Throughput(), Frozen(nn.Linear(1, 1), until=3)]  # OK
often: Sequence[Periodic] = [LearningRate(), TrainLoss()]  # OK
together: list[BatchCallback[VAEInput, VAEOutput] | StepCallback] = [LearningRate(), TrainLoss(), Throughput(), Frozen(nn.Linear(1, 1), until=minutes(5))]  # OK


class Own:
    """One of the user's own."""

    every = 2
    result_names: Sequence[ResultName] = ()

    def on_moment(self, step: AnyStep, moment: Moment) -> Mapping[str, float]:
        return {"n_parameters": sum(each.numel() for each in step.model.parameters())}


class Acting:
    """Asks for less of what it is given, and is not told how often when it is written."""

    def __init__(self, every: Every) -> None:
        self.every = every

    @property
    def result_names(self) -> tuple[ResultName, ...]:
        return ()

    def on_moment(self, step: object, moment: object) -> Results:
        return []


asked(Own())  # OK
asked(Acting(steps(5)))  # OK


class Rates:
    """What a step of one's own tells."""

    gradient_norm: Tensor | None = None

    @property
    def learning_rates(self) -> dict[str, float]:
        return {"critic": 0.1}


class AlwaysClips:
    @property
    def gradient_norm(self) -> Tensor:
        raise NotImplementedError


tuned: Tuned = Rates()  # OK
clipping: Clipping = Rates()  # OK
always: Clipping = AlwaysClips()  # OK


def in_a_trainer(step: OptimizerStep[VAEInput, VAEOutput]) -> None:
    """Types are the step's, whatever is beside it."""
    assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=[LearningRate(), GradientNorm()]), Trainer[VAEInput, VAEOutput])  # OK
    assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=[TrainLoss(every=steps(10)), SeesMu(), PeakMemory()]), Trainer[VAEInput, VAEOutput])  # OK
    assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=[Frozen(step.model, until=3), SeesMu(), Own(), Throughput()]), Trainer[VAEInput, VAEOutput])  # OK
    Trainer(step, train_loader=loader, stop=[stop], callbacks=together)  # OK
