"""Models that cannot be trained, or not with these types."""

import functools
from collections.abc import Callable, Iterator
from typing import NotRequired, TypedDict

import pandas as pd
import torch
from artifact_torch.contracts import AnyModel, Model, ModelOutput
from artifact_torch.internal.modules import as_forward
from artifact_torch.table_comparison import AnyTableSynthesizer, TableGenerator, TableSynthesizer
from torch import Tensor, nn
from torch.nn import Parameter
from typecheck.common import VAE, Classifier, HasMu, LabelledInput, LossOutput, OptionalMaskInput, Regressor, SamplingParams, TruncatedParams, VAEInput, VAEOutput
from typing_extensions import ReadOnly, Self
from typing_extensions import TypedDict as NewTypedDict


def any_model(model: AnyModel, /) -> None: ...
def any_synthesizer(model: AnyTableSynthesizer, /) -> None: ...
def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...
def of_codes(model: Model[VAEInput, LossOutput], /) -> None: ...
def synthesizer(model: TableSynthesizer[VAEInput, VAEOutput, SamplingParams], /) -> None: ...
def generator(model: TableGenerator[SamplingParams], /) -> None: ...


# forward: arity and kind of its parameters
class TwoArguments(nn.Module):
    def forward(self, x: VAEInput, target: Tensor) -> LossOutput:
        raise NotImplementedError


class KeywordOnly(nn.Module):
    def forward(self, *, x: VAEInput) -> LossOutput:
        raise NotImplementedError


class RequiredKeyword(nn.Module):
    def forward(self, x: VAEInput, *, beta: float) -> LossOutput:
        raise NotImplementedError


class NoArgument(nn.Module):
    def forward(self) -> LossOutput:
        raise NotImplementedError


class UnpackedInput(nn.Module):
    def forward(self, **codes: Tensor) -> LossOutput:
        raise NotImplementedError


any_model(TwoArguments())  # E[pyright=reportArgumentType: Extra parameter "target", mypy=arg-type: "TwoArguments"]
of_codes(TwoArguments())  # E[pyright=reportArgumentType: Extra parameter "target", mypy=arg-type: "TwoArguments"]
any_model(KeywordOnly())  # E[pyright=reportArgumentType: "forward" is an incompatible type, mypy=arg-type: "KeywordOnly"]
any_model(RequiredKeyword())  # E[pyright=reportArgumentType: Extra parameter "beta", mypy=arg-type: "RequiredKeyword"]
any_model(NoArgument())  # E[pyright=reportArgumentType: Extra positional|positional, mypy=arg-type: "NoArgument"]
of_codes(UnpackedInput())  # E[pyright=reportArgumentType: "forward" is an incompatible type, mypy=arg-type: "UnpackedInput"]


# forward: what it takes
class TakesTensor(nn.Module):
    def forward(self, x: Tensor) -> LossOutput:
        raise NotImplementedError


class TakesDict(nn.Module):
    def forward(self, x: dict[str, Tensor]) -> LossOutput:
        raise NotImplementedError


class TakesOptionalMask(nn.Module):
    def forward(self, x: OptionalMaskInput) -> LossOutput:
        raise NotImplementedError


class OtherKeyType(TypedDict):
    codes: int


class TakesOtherKeyType(nn.Module):
    def forward(self, x: OtherKeyType) -> LossOutput:
        raise NotImplementedError


of_codes(TakesTensor())  # E[pyright=reportArgumentType: "VAEInput" is not assignable to "Tensor"|incompatible with type "Tensor", mypy=arg-type: "TakesTensor"]
of_codes(TakesDict())  # E[pyright=reportArgumentType: dict\[str, Tensor\], mypy=arg-type: "TakesDict"]
of_codes(TakesOptionalMask())  # E[pyright=reportArgumentType: "mask" is missing, mypy=arg-type: "TakesOptionalMask"]
of_codes(TakesOtherKeyType())  # E[pyright=reportArgumentType: "codes", mypy=arg-type: "TakesOtherKeyType"]
of_codes(Classifier())  # E[pyright=reportArgumentType: "label" is missing, mypy=arg-type: "Classifier"]


# forward: what it gives
class GivesTensor(nn.Module):
    def forward(self, x: VAEInput) -> Tensor:
        raise NotImplementedError


class GivesNothing(nn.Module):
    def forward(self, x: VAEInput) -> None: ...


class GivesPair(nn.Module):
    def forward(self, x: VAEInput) -> tuple[LossOutput, Tensor]:
        raise NotImplementedError


class GivesDict(nn.Module):
    def forward(self, x: VAEInput) -> dict[str, Tensor]:
        raise NotImplementedError


class GivesMaybe(nn.Module):
    def forward(self, x: VAEInput) -> LossOutput | None:
        raise NotImplementedError


class AsyncForward(nn.Module):
    async def forward(self, x: VAEInput) -> LossOutput:
        raise NotImplementedError


class NoLoss(nn.Module):
    def forward(self, x: VAEInput) -> HasMu:
        raise NotImplementedError


class OptionalLossOutput(TypedDict):
    loss: NotRequired[Tensor]


class OptionalLoss(nn.Module):
    def forward(self, x: VAEInput) -> OptionalLossOutput:
        raise NotImplementedError


class PartialOutput(TypedDict, total=False):
    loss: Tensor


class PartialLoss(nn.Module):
    def forward(self, x: VAEInput) -> PartialOutput:
        raise NotImplementedError


class NoneLossOutput(TypedDict):
    loss: Tensor | None


class NoneLoss(nn.Module):
    def forward(self, x: VAEInput) -> NoneLossOutput:
        raise NotImplementedError


class FloatLossOutput(TypedDict):
    loss: float


class FloatLoss(nn.Module):
    def forward(self, x: VAEInput) -> FloatLossOutput:
        raise NotImplementedError


class FrozenLossOutput(NewTypedDict):
    loss: ReadOnly[Tensor]


class FrozenLoss(nn.Module):
    def forward(self, x: VAEInput) -> FrozenLossOutput:
        raise NotImplementedError


class MisnamedOutput(TypedDict):
    t_loss: Tensor


class Misnamed(nn.Module):
    def forward(self, x: VAEInput) -> MisnamedOutput:
        raise NotImplementedError


any_model(GivesTensor())  # E[pyright=reportArgumentType: "Tensor" is (not assignable to|incompatible with) , mypy=arg-type: "GivesTensor"]
any_model(GivesNothing())  # E[pyright=reportArgumentType: "None", mypy=arg-type: "GivesNothing"]
any_model(GivesPair())  # E[pyright=reportArgumentType: "tuple, mypy=arg-type: "GivesPair"]
any_model(GivesDict())  # E[pyright=reportArgumentType: "dict\[str, Tensor\]", mypy=arg-type: "GivesDict"]
any_model(GivesMaybe())  # E[pyright=reportArgumentType: "LossOutput \| None" is not assignable to type "ModelOutput", mypy=arg-type: "GivesMaybe"]
any_model(AsyncForward())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncForward"]
any_model(NoLoss())  # E[pyright=reportArgumentType: "HasMu" is not assignable to type "ModelOutput", mypy=arg-type: "NoLoss"]
any_model(OptionalLoss())  # E[pyright=reportArgumentType: "OptionalLossOutput" is not assignable to type "ModelOutput", mypy=arg-type: "OptionalLoss"]
any_model(PartialLoss())  # E[pyright=reportArgumentType: "PartialOutput" is not assignable to type "ModelOutput", mypy=arg-type: "PartialLoss"]
any_model(NoneLoss())  # E[pyright=reportArgumentType: "NoneLossOutput" is not assignable to type "ModelOutput", mypy=arg-type: "NoneLoss"]
any_model(FloatLoss())  # E[pyright=reportArgumentType: "FloatLossOutput" is not assignable to type "ModelOutput", mypy=arg-type: "FloatLoss"]
any_model(FrozenLoss())  # E[pyright=reportArgumentType: "FrozenLossOutput" is not assignable to type "ModelOutput", mypy=arg-type: "FrozenLoss"]
any_model(Misnamed())  # E[pyright=reportArgumentType: "MisnamedOutput" is not assignable to type "ModelOutput", mypy=arg-type: "Misnamed"]
vae(Regressor())  # E[pyright=reportArgumentType: "LossOutput" is not assignable to type "VAEOutput", mypy=arg-type: "Regressor"]


# not a model at all
class NoModule:
    def forward(self, x: VAEInput) -> LossOutput:
        raise NotImplementedError


class NoWeights:
    """All that is asked for but the weights."""

    def forward(self, x: VAEInput) -> LossOutput:
        raise NotImplementedError

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        raise NotImplementedError

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        raise NotImplementedError

    def modules(self) -> Iterator[nn.Module]:
        raise NotImplementedError

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...
    def train(self, mode: bool = True) -> Self:
        return self

    def eval(self) -> Self:
        return self


def function(x: VAEInput) -> LossOutput:
    raise NotImplementedError


any_model(NoModule())  # E[pyright=reportArgumentType: "parameters" is not present, mypy=arg-type: "NoModule"]
any_model(NoWeights())  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "NoWeights"]
any_model(function)  # E[pyright=reportArgumentType: "forward" is not present, mypy=arg-type]
any_model(VAE)  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "type\[VAE\]"]
any_model(None)  # E[pyright=reportArgumentType, mypy=arg-type]
any_model(functools.partial(VAE))  # E[pyright=reportArgumentType: "partial\[VAE\]", mypy=arg-type: "partial\[VAE\]"]
any_model(torch.compile(VAE()))  # E[pyright=reportArgumentType, mypy=arg-type]
as_forward(NoModule())  # E[pyright=reportArgumentType: "parameters" is not present, mypy=arg-type: "NoModule"]
as_forward(VAE())(VAEOutput(loss=Tensor(), mu=Tensor()))  # E[pyright=reportArgumentType: "codes" is missing, mypy=arg-type]
as_forward(VAE())(VAEInput(codes=Tensor()), 1)  # E[pyright=reportCallIssue: Expected 1 positional, mypy=call-arg: Too many arguments]
wrong_forward: Callable[[VAEInput], VAEOutput] = as_forward(Regressor())  # E[pyright=reportAssignmentType: "mu" is missing, mypy=arg-type: "Regressor"]


# synthesizers
class OneRowAtATime(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def generate(self) -> pd.DataFrame:
        raise NotImplementedError


class GivesArray(VAE):
    def generate(self, params: SamplingParams) -> Tensor:  # E[pyright=reportIncompatibleMethodOverride: "generate", mypy=override: "generate"]
        raise NotImplementedError


class TensorTable(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def generate(self, params: SamplingParams) -> Tensor:
        raise NotImplementedError


class AsyncGenerate(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    async def generate(self, params: SamplingParams) -> pd.DataFrame:
        raise NotImplementedError


class GenerateByKeyword(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def generate(self, *, params: SamplingParams) -> pd.DataFrame:
        raise NotImplementedError


class GenerateProperty(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    @property
    def generate(self) -> pd.DataFrame:
        raise NotImplementedError


class Truncated(nn.Module):
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def generate(self, params: TruncatedParams) -> pd.DataFrame:
        raise NotImplementedError


any_synthesizer(Regressor())  # E[pyright=reportArgumentType: "generate" is not present, mypy=arg-type: "Regressor"]
any_synthesizer(OneRowAtATime())  # E[pyright=reportArgumentType: "generate" is an incompatible type, mypy=arg-type: "OneRowAtATime"]
any_synthesizer(TensorTable())  # E[pyright=reportArgumentType: "generate" is an incompatible type, mypy=arg-type: "TensorTable"]
generator(TensorTable())  # E[pyright=reportArgumentType: "Tensor", mypy=arg-type: "TensorTable"]
generator(AsyncGenerate())  # E[pyright=reportArgumentType: "generate" is an incompatible type, mypy=arg-type: "AsyncGenerate"]
generator(GenerateByKeyword())  # E[pyright=reportArgumentType: "generate" is an incompatible type, mypy=arg-type: "GenerateByKeyword"]
generator(GenerateProperty())  # E[pyright=reportArgumentType: "generate" is an incompatible type, mypy=arg-type: "GenerateProperty"]
generator(Truncated())  # E[pyright=reportArgumentType: "TruncatedParams", mypy=arg-type: "Truncated"]
synthesizer(Truncated())  # E[pyright=reportArgumentType: "TruncatedParams", mypy=arg-type: "Truncated"]
generator(VAE)  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "type\[VAE\]"]


# models that name their contract
class ContractFirst(Model[VAEInput, LossOutput], nn.Module):  # E[pyright=reportIncompatibleMethodOverride: "state_dict", mypy=misc: "state_dict"]
    def forward(self, model_input: VAEInput) -> LossOutput:
        raise NotImplementedError


class WrongResult(nn.Module, Model[VAEInput, VAEOutput]):
    def forward(self, model_input: VAEInput) -> LossOutput:  # E[pyright=reportIncompatibleMethodOverride: "mu" is missing, mypy=override: "forward"]
        raise NotImplementedError


class WrongInput(nn.Module, Model[VAEInput, VAEOutput]):
    def forward(self, model_input: LabelledInput) -> VAEOutput:  # E[pyright=reportIncompatibleMethodOverride: "label" is missing, mypy=override: "forward"]
        raise NotImplementedError


class Forgot(nn.Module, TableSynthesizer[VAEInput, VAEOutput, SamplingParams]):
    def forward(self, model_input: VAEInput) -> VAEOutput:
        raise NotImplementedError


class NotAnOutput(nn.Module, Model[VAEInput, HasMu]):  # E[pyright=reportInvalidTypeArguments: "HasMu", mypy=type-var: "HasMu"]
    def forward(self, model_input: VAEInput) -> HasMu:
        raise NotImplementedError


Forgot()  # E[pyright=reportAbstractUsage: "TableGenerator.generate", mypy=abstract: "generate"]


# what no checker can see; the trainer's own check sees it when it is built
class NoForward(nn.Module): ...


class Unannotated(nn.Module):
    def forward(self, x):  # E[pyright=reportMissingParameterType, mypy=no-untyped-def]
        raise NotImplementedError


def made() -> nn.Module:
    return VAE()


any_model(NoForward())  # HOLE: torch declares the placeholder as Callable[..., Any]
vae(nn.Sequential(nn.Linear(1, 1)))  # HOLE: torch leaves the forward of Sequential unannotated
vae(made())  # HOLE: nn.Module itself has forward: Callable[..., Any]
any_model(TakesTensor())  # HOLE: AnyModel says nothing about the input
any_model(Unannotated())  # HOLE: nothing is known; strict checkers reject the definition instead
broken: ModelOutput = VAEInput(codes=Tensor())  # E[pyright=reportAssignmentType: "loss" is missing, mypy=assignment: "VAEInput"]
