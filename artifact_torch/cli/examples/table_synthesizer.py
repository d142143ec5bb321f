"""A model that learns the means of two columns, and makes tables around them."""

from dataclasses import dataclass
from typing import TypedDict

import pandas as pd
import torch
from torch import Tensor, nn


class Rows(TypedDict):
    values: Tensor  # [batch, 2]


class Fit(TypedDict):
    loss: Tensor  # []


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    n_records: int


class Means(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.means: nn.Parameter = nn.Parameter(torch.zeros(2))

    def forward(self, rows: Rows) -> Fit:
        return Fit(loss=(rows["values"] - self.means).square().mean())

    def generate(self, params: SamplingParams) -> pd.DataFrame:
        rows = self.means.detach().cpu() + torch.randn(params.n_records, 2)
        return pd.DataFrame(rows.numpy(), columns=["height", "weight"])


class WrongMeans(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.means: nn.Parameter = nn.Parameter(torch.zeros(2))

    def forward(self, values: Tensor) -> Tensor:
        return (values - self.means).square().mean()

    def generat(self, params: SamplingParams) -> pd.DataFrame:
        return pd.DataFrame(torch.randn(params.n_records, 2).numpy())
