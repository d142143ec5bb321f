"""Modules that others wrote, joined with a function that does not fit."""

import torch
from artifact_torch import OptimizerStep, supervised, with_forward
from artifact_torch.contracts import Model
from torch import Tensor, nn
from typecheck.common import HasMu, LabelledInput, LossOutput, VAEInput, VAEOutput, adam


def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...


class ResNet(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError


def of_sequential(net: nn.Sequential, batch: VAEInput) -> LossOutput:
    raise NotImplementedError


def of_labels(net: nn.Sequential, batch: LabelledInput) -> VAEOutput:
    raise NotImplementedError


def gives_tensor(net: nn.Sequential, batch: VAEInput) -> Tensor:
    raise NotImplementedError


def no_loss(net: nn.Sequential, batch: VAEInput) -> HasMu:
    raise NotImplementedError


def takes_pair(net: nn.Sequential, x: Tensor, y: Tensor) -> VAEOutput:
    raise NotImplementedError


def takes_tensor(net: nn.Sequential, x: Tensor) -> VAEOutput:
    raise NotImplementedError


def takes_batch(batch: VAEInput) -> VAEOutput:
    raise NotImplementedError


with_forward(ResNet(), of_sequential)  # E[pyright=reportArgumentType: "ResNet" is not assignable to "Sequential", mypy=arg-type: Sequential]
with_forward(nn.Sequential(), gives_tensor)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor"]
with_forward(nn.Sequential(), no_loss)  # E[pyright=reportArgumentType: "loss" is missing from "HasMu", mypy=type-var: "HasMu"]
with_forward(nn.Sequential(), takes_pair)  # E[pyright=reportArgumentType: Extra parameter "y", mypy=arg-type: Callable\[\[Sequential, Tensor, Tensor\]]
with_forward(nn.Sequential(), takes_tensor)  # E[pyright=reportArgumentType: "Tensor", mypy=type-var: "Tensor"]
with_forward(nn.Sequential(), takes_batch)  # E[pyright=reportArgumentType: "\(batch: VAEInput\) -> VAEOutput", mypy=arg-type: Callable\[\[VAEInput\]]
with_forward(nn.Sequential, of_sequential)  # E[pyright=reportArgumentType: type\[Sequential\], mypy]
with_forward(of_sequential, nn.Sequential())  # E[pyright=reportArgumentType, mypy]
with_forward(nn.Sequential())  # E[pyright=reportCallIssue, mypy=call-arg]
with_forward(torch.compile(nn.Sequential()), of_sequential)  # E[pyright=reportArgumentType, mypy]
vae(with_forward(nn.Sequential(), of_sequential))  # E[pyright=reportArgumentType: "mu" is missing|LossOutput, mypy=arg-type]
vae(with_forward(nn.Sequential(), of_labels))  # E[pyright=reportArgumentType: "label" is missing|LabelledInput, mypy=arg-type: LabelledInput]
OptimizerStep(with_forward(nn.Sequential(), no_loss), optimizer=adam)  # E[pyright=reportArgumentType: "loss" is missing from "HasMu", mypy=type-var: "HasMu"]


# a network and a loss function
def of_one(prediction: Tensor) -> Tensor:
    raise NotImplementedError


def gives_number(prediction: Tensor, target: Tensor) -> float:
    raise NotImplementedError


supervised(ResNet(), of_one)  # E[pyright=reportArgumentType: "\(prediction: Tensor\) -> Tensor", mypy=arg-type: Callable\[\[Tensor\], Tensor\]]
supervised(ResNet(), gives_number)  # E[pyright=reportArgumentType: "float", mypy=arg-type: float]
supervised(nn.MSELoss(), ResNet)  # E[pyright=reportArgumentType: type\[ResNet\], mypy=arg-type: type\[ResNet\]]
supervised(ResNet())  # E[pyright=reportCallIssue, mypy=call-arg]
vae(supervised(ResNet(), nn.MSELoss()))  # E[pyright=reportArgumentType: Labelled|Predicted, mypy=arg-type: Labelled]
