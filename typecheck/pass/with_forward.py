"""Modules that others wrote, joined with a typed function."""

from dataclasses import dataclass

from artifact_torch import Labelled, OptimizerStep, Predicted, supervised, with_forward
from artifact_torch.contracts import Model
from torch import Tensor, nn
from typecheck.common import LabelledInput, LossOutput, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...
def of_labels(model: Model[LabelledInput, LossOutput], /) -> None: ...


class ResNet(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


@dataclass
class LanguageModelOutput:
    loss: Tensor
    logits: Tensor


class LanguageModel(nn.Module):
    def forward(self, input_ids: Tensor | None = None, labels: Tensor | None = None, **more: object) -> LanguageModelOutput:
        raise NotImplementedError


class Joins:
    """The function may be a method, or any object that is called."""

    def __call__(self, net: nn.Module, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def classify(self, net: ResNet, batch: LabelledInput) -> VAEOutput:
        raise NotImplementedError


def classify(net: nn.Sequential, batch: LabelledInput) -> VAEOutput:
    logits: Tensor = net(batch["codes"])
    return VAEOutput(loss=nn.functional.cross_entropy(logits, batch["label"]), mu=logits)


def classify_any(net: nn.Module, batch: LabelledInput) -> LossOutput:
    raise NotImplementedError


def of_images(net: ResNet, batch: VAEInput) -> VAEOutput:
    raise NotImplementedError


def predict_next(net: LanguageModel, batch: LabelledInput) -> LossOutput:
    output: LanguageModelOutput = net(input_ids=batch["codes"], labels=batch["label"])
    return LossOutput(loss=output.loss)


assert_type(with_forward(nn.Sequential(nn.Linear(64, 10)), classify), Model[LabelledInput, VAEOutput])  # OK
assert_type(with_forward(ResNet(), of_images), Model[VAEInput, VAEOutput])  # OK
assert_type(with_forward(LanguageModel(), predict_next), Model[LabelledInput, LossOutput])  # OK
assert_type(with_forward(ResNet(), classify_any), Model[LabelledInput, LossOutput])  # OK
assert_type(with_forward(ResNet(), Joins()), Model[VAEInput, VAEOutput])  # OK
assert_type(with_forward(ResNet(), Joins().classify), Model[LabelledInput, VAEOutput])  # OK
assert_type(OptimizerStep(with_forward(nn.Sequential(nn.Linear(64, 10)), classify), optimizer=adam), OptimizerStep[LabelledInput, VAEOutput])  # OK
assert_type(with_forward(ResNet(), lambda net, batch: of_images(net, batch)), Model[VAEInput, VAEOutput])  # FALSE: the parameters of a lambda have no types to solve In by; write a function
of_labels(with_forward(nn.Sequential(nn.Linear(64, 10)), classify))  # OK
vae(with_forward(ResNet(), of_images))  # OK
vae(with_forward(ResNet(), lambda net, batch: of_images(net, batch)))  # OK
assert_type(supervised(ResNet(), nn.CrossEntropyLoss()), Model[Labelled, Predicted])  # OK
assert_type(supervised(ResNet(), nn.functional.cross_entropy), Model[Labelled, Predicted])  # OK
assert_type(supervised(ResNet(), lambda predictions, targets: (predictions - targets).abs().mean()), Model[Labelled, Predicted])  # OK
assert_type(OptimizerStep(supervised(ResNet(), nn.MSELoss()), optimizer=adam), OptimizerStep[Labelled, Predicted])  # OK
