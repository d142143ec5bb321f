"""What the model takes and what it gives."""

from dataclasses import dataclass
from typing import TypedDict, final

from torch import Tensor


class TabularInput(TypedDict):
    """A batch of encoded rows."""

    codes: Tensor  # [batch, features] int64


class TabularVAEOutput(TypedDict):
    """The loss of a batch and what it was computed from."""

    loss: Tensor  # [] scalar, nats a row: reconstruction + beta * kl
    reconstruction: Tensor  # [] scalar, nats a row
    kl: Tensor  # [] scalar, nats a row
    mu: Tensor  # [batch, latent]
    logvar: Tensor  # [batch, latent]


class LossOutput(TypedDict):
    """The least that a model gives."""

    loss: Tensor  # [] scalar


class GanOutput(TypedDict):
    """How far generated rows are from a batch, and what generator and critic were moved by."""

    loss: Tensor  # [] scalar: the energy distance of as many generated rows from the batch
    generator_loss: Tensor  # [] scalar
    critic_loss: Tensor  # [] scalar


@final
@dataclass(frozen=True, kw_only=True)
class TabularGenerationParams:
    """How to generate a table.

    `use_mean` decodes the prior's mean for every row instead of a draw from the prior.
    `temperature` divides the logits of the codes before they are sampled; without `sample`, the
    most likely code is taken. Raises ValueError for values out of range.
    """

    n_records: int
    use_mean: bool = False
    temperature: float = 1.0
    sample: bool = True

    def __post_init__(self) -> None:
        if self.n_records < 1:
            raise ValueError(f"n_records must be at least 1, got {self.n_records}")
        if not self.temperature > 0.0:
            raise ValueError(f"temperature must be above 0, got {self.temperature}")
