"""Numbers in an order of their own; every pass is a fresh one."""

from collections.abc import Iterator
from typing import TypedDict

import torch
from torch import Tensor


class Number(TypedDict):
    value: Tensor  # []


class Squares:
    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[Number]:
        for number in range(self.n):
            yield Number(value=torch.tensor(number**2))

    def __len__(self) -> int:
        return self.n


class WrongSquares:
    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> list[Number]:
        return [Number(value=torch.tensor(number**2)) for number in range(self.n)]
