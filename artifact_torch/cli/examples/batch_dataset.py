"""Rows of one tensor, a whole batch at once."""

from typing import TypedDict

from torch import Tensor


class Rows(TypedDict):
    values: Tensor  # [batch, features]


class Matrix:
    def __init__(self, values: Tensor) -> None:
        self.values = values

    def take(self, indices: Tensor) -> Rows:
        return Rows(values=self.values[indices])

    def __len__(self) -> int:
        return len(self.values)


class WrongMatrix:
    def __init__(self, values: Tensor) -> None:
        self.values = values

    def take(self, indices: list[int]) -> Rows:
        return Rows(values=self.values[indices])
