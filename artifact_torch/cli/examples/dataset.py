"""Sequences of one text each, by position."""

from typing import TypedDict

import torch
from torch import Tensor


class Codes(TypedDict):
    codes: Tensor  # [length] int64


class Texts:
    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def __getitem__(self, index: int) -> Codes:
        return Codes(codes=torch.tensor([ord(letter) for letter in self.texts[index]]))

    def __len__(self) -> int:
        return len(self.texts)


class WrongTexts:
    def __getitem__(self, name: str) -> Codes:
        return Codes(codes=torch.tensor([ord(letter) for letter in name]))
