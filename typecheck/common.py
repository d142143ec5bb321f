"""What researchers write: typed dicts, models, loaders, callbacks. Nothing here knows the toolkit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pandas as pd
from torch import Tensor, nn, optim
from torch.nn import Parameter


class VAEInput(TypedDict):
    codes: Tensor


class VAEOutput(TypedDict):
    loss: Tensor
    mu: Tensor


class LabelledInput(TypedDict):
    codes: Tensor
    label: Tensor


class LossOutput(TypedDict):
    loss: Tensor


class OptionalMaskInput(TypedDict):
    codes: Tensor
    mask: NotRequired[Tensor]


class ImageInput(TypedDict):
    pixels: Tensor


class HasLabel(TypedDict):
    label: Tensor


class HasMu(TypedDict):
    mu: Tensor


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    n_records: int


@dataclass(frozen=True, kw_only=True)
class TruncatedParams:
    n_records: int
    truncation: float


class VAE(nn.Module):
    """A synthesizer of tables."""

    def forward(self, model_input: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def generate(self, params: SamplingParams) -> pd.DataFrame:
        raise NotImplementedError


class Classifier(nn.Module):
    """Needs a label, gives no more than the loss."""

    def forward(self, batch: LabelledInput) -> LossOutput:
        raise NotImplementedError


class Regressor(nn.Module):
    """Asks for as little as the VAE, gives no more than the loss."""

    def forward(self, x: VAEInput) -> LossOutput:
        raise NotImplementedError


class CodesLoader:
    def batches(self, epoch: int) -> Iterator[VAEInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class LabelledLoader:
    def batches(self, epoch: int) -> Iterator[LabelledInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class ImageLoader:
    def batches(self, epoch: int) -> Iterator[ImageInput]:
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


class SeesLoss:
    def on_batch(self, step: int, batch: object, output: LossOutput) -> None: ...


class SeesMu:
    def on_batch(self, step: int, batch: object, output: HasMu) -> None: ...


class SeesLabel:
    def on_batch(self, step: int, batch: HasLabel, output: object) -> None: ...


class _Pass:
    """What the loader callbacks below share."""

    @property
    def name(self) -> str:
        return type(self).__name__

    def start(self) -> None: ...


class LossScore(_Pass):
    def update(self, batch: object, output: LossOutput) -> None: ...

    def finish(self) -> float:
        return 0.0


class MuScore(_Pass):
    def update(self, batch: object, output: HasMu) -> None: ...

    def finish(self) -> float:
        return 0.0


class LabelScore(_Pass):
    def update(self, batch: HasLabel, output: object) -> None: ...

    def finish(self) -> float:
        return 0.0


class MuMeans(_Pass):
    """A score collection."""

    def update(self, batch: object, output: HasMu) -> None: ...

    def finish(self) -> Mapping[str, float]:
        return {}


class TableCallback(_Pass):
    """Gives what is none of the six kinds of result."""

    def update(self, batch: object, output: LossOutput) -> None: ...

    def finish(self) -> pd.DataFrame:
        raise NotImplementedError


class ThresholdStopper:
    """Wants a number, always."""

    def should_stop(self, update: float) -> bool:
        return update < 0.1


class ThresholdTracker:
    """Wants a number, always."""

    def is_best(self, criterion: float) -> bool:
        return criterion < 0.1


def adam(parameters: Iterable[Parameter]) -> optim.Adam:
    return optim.Adam(parameters, lr=1e-3)


def lbfgs(parameters: Iterable[Parameter]) -> optim.LBFGS:
    return optim.LBFGS(parameters)
