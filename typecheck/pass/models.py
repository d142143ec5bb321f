"""Models: a plain `nn.Module` with an annotated `forward` is all it takes."""

from collections.abc import Callable, Mapping
from typing import Generic

import pandas as pd
import torch
from artifact_torch.contracts import AnyModel, InT, Model, ModelInput, ModelOutput, OutT
from artifact_torch.internal.modules import as_forward
from artifact_torch.table_comparison import AnyTableSynthesizer, TableGenerator, TableSynthesizer
from jaxtyping import Float
from torch import Tensor, nn
from typecheck.common import VAE, Classifier, LabelledInput, LossOutput, Regressor, SamplingParams, VAEInput, VAEOutput
from typing_extensions import TypedDict, assert_type, override


def any_model(model: AnyModel, /) -> None: ...
def any_synthesizer(model: AnyTableSynthesizer, /) -> None: ...
def vae(model: Model[VAEInput, VAEOutput], /) -> None: ...
def of_codes(model: Model[VAEInput, LossOutput], /) -> None: ...
def of_labels(model: Model[LabelledInput, LossOutput], /) -> None: ...
def synthesizer(model: TableSynthesizer[VAEInput, VAEOutput, SamplingParams], /) -> None: ...
def generator(model: TableGenerator[SamplingParams], /) -> None: ...


any_model(VAE())  # OK
any_model(Classifier())  # OK
any_model(Regressor())  # OK
vae(VAE())  # OK
of_codes(VAE())  # OK
of_codes(Regressor())  # OK
of_labels(Classifier())  # OK
of_labels(VAE())  # OK
synthesizer(VAE())  # OK
any_synthesizer(VAE())  # OK
generator(VAE())  # OK
assert_type(as_forward(VAE()), Callable[[VAEInput], VAEOutput])  # OK
assert_type(as_forward(Classifier()), Callable[[LabelledInput], LossOutput])  # OK


class WithOptions(nn.Module):
    def forward(self, x: VAEInput, temperature: float = 1.0, *, sample: bool = False) -> VAEOutput:
        raise NotImplementedError


class WithRest(nn.Module):
    def forward(self, x: VAEInput, *rest: object, **options: object) -> VAEOutput:
        raise NotImplementedError


class PositionalOnly(nn.Module):
    def forward(self, _x: VAEInput, /) -> VAEOutput:
        raise NotImplementedError


class AsksNothing(nn.Module):
    def forward(self, x: ModelInput) -> ModelOutput:
        raise NotImplementedError


class TakesMapping(nn.Module):
    def forward(self, x: Mapping[str, object]) -> LossOutput:
        raise NotImplementedError


class Static(nn.Module):
    @staticmethod
    def forward(x: VAEInput) -> VAEOutput:
        raise NotImplementedError


class WithoutGradient(nn.Module):
    @torch.no_grad()
    def forward(self, x: VAEInput) -> VAEOutput:
        raise NotImplementedError


class MoreOutput(VAEOutput):
    logvar: Tensor


class GivesMore(nn.Module):
    def forward(self, x: VAEInput) -> MoreOutput:
        raise NotImplementedError


class ShapedInput(TypedDict):
    codes: Float[Tensor, "batch features"]


class Shaped(nn.Module):
    def forward(self, x: ShapedInput) -> VAEOutput:
        raise NotImplementedError


class Subclass(VAE):
    @override
    def forward(self, model_input: VAEInput, beta: float = 1.0) -> MoreOutput:
        raise NotImplementedError


class ManyKeys(TypedDict):
    loss: Tensor
    mu: Tensor
    terms: dict[str, Tensor]


class ExtraKeys(nn.Module):
    def forward(self, x: VAEInput) -> ManyKeys:
        raise NotImplementedError


any_model(WithOptions())  # OK
vae(WithRest())  # OK
vae(PositionalOnly())  # OK
of_codes(AsksNothing())  # OK
of_labels(AsksNothing())  # OK
of_codes(TakesMapping())  # OK
vae(Static())  # OK
vae(WithoutGradient())  # OK
vae(GivesMore())  # OK
vae(Shaped())  # OK
synthesizer(Subclass())  # OK
vae(ExtraKeys())  # OK


class Named(nn.Module, TableSynthesizer[VAEInput, VAEOutput, SamplingParams]):
    """A model may name its contract: `nn.Module` first."""

    @override
    def forward(self, model_input: VAEInput) -> VAEOutput:
        raise NotImplementedError

    @override
    def generate(self, params: SamplingParams) -> pd.DataFrame:
        raise NotImplementedError


class NamedModel(nn.Module, Model[LabelledInput, LossOutput]):
    @override
    def forward(self, model_input: LabelledInput) -> LossOutput:
        raise NotImplementedError


class Scaled(nn.Module, Generic[InT, OutT]):
    """A model around a model, with its types."""

    def __init__(self, inner: Model[InT, OutT]) -> None:
        super().__init__()
        self.inner = as_forward(inner)

    def forward(self, x: InT) -> OutT:
        return self.inner(x)


synthesizer(Named())  # OK
of_labels(NamedModel())  # OK
vae(Scaled(VAE()))  # OK
scaled = Scaled(Classifier())
of_labels(scaled)  # OK
of_labels(Scaled(Classifier()))  # FALSE[mypy]: it prefers the result that is asked for over the argument; give the model a name first
assert_type(Scaled(VAE()), Scaled[VAEInput, VAEOutput])  # OK
vae(VAE().to("cpu").train())  # OK
chosen: Model[VAEInput, LossOutput] = VAE() if len("ab") else Regressor()  # OK
assert_type(chosen.forward(VAEInput(codes=torch.zeros(1)))["loss"], Tensor)  # OK
