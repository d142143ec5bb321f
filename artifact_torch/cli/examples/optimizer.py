"""Moves every parameter against the sign of its gradient."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch.nn import Parameter


class SignDescent:
    def __init__(self, parameters: Iterable[Parameter], lr: float) -> None:
        self.parameters: list[Parameter] = [*parameters]
        self.lr: float = lr

    @property
    def param_groups(self) -> Sequence[Mapping[str, object]]:
        return [{"params": self.parameters, "lr": self.lr}]

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.sub_(self.lr * parameter.grad.sign())

    def state_dict(self) -> Mapping[str, object]:
        return {"lr": self.lr}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.lr = float(str(state_dict["lr"]))


class WrongSignDescent:
    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.parameters: list[Parameter] = [*parameters]

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def step(self, lr: float) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.data -= lr * parameter.grad.sign()
