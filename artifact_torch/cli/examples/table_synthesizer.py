"""A model that learns the means of two columns, and makes tables around them."""

from typing import TypedDict

import pandas as pd
import torch
from torch import Tensor, nn


class Rows(TypedDict):
    values: Tensor  # [batch, 2]


class Fit(TypedDict):
    loss: Tensor  # []


class Means(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.means: nn.Parameter = nn.Parameter(torch.zeros(2))

    def forward(self, rows: Rows) -> Fit:
        return Fit(loss=(rows["values"] - self.means).square().mean())

    def generate(self, n_records: int) -> pd.DataFrame:
        rows = self.means.detach().cpu() + torch.randn(n_records, 2)
        return pd.DataFrame(rows.numpy(), columns=["height", "weight"])


class WrongMeans(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values.square().mean()

    def generat(self, n_records: int) -> pd.DataFrame:
        return pd.DataFrame(torch.randn(n_records, 2).numpy())
