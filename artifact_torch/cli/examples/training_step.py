"""Plain gradient descent, written out."""

from collections.abc import Mapping
from typing import TypedDict

import torch
from torch import Tensor, nn


class Points(TypedDict):
    x: Tensor  # [batch, 3]


class Fit(TypedDict):
    loss: Tensor  # []


class Descent:
    n_steps: int = 0

    def __init__(self, model: nn.Linear, lr: float) -> None:
        self.model = model
        self.lr: float = lr

    def update(self, batch: Points) -> Fit:
        loss = self.model(batch["x"]).square().mean()
        gradients = torch.autograd.grad(loss, [*self.model.parameters()])
        with torch.no_grad():
            for parameter, gradient in zip(self.model.parameters(), gradients, strict=True):
                parameter.sub_(self.lr * gradient)
        self.n_steps += 1
        return Fit(loss=loss)

    def end_epoch(self) -> None: ...

    def after_scores(self, scores: Mapping[str, float]) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {"n_steps": self.n_steps}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.n_steps = int(str(state_dict["n_steps"]))


class WrongDescent:
    def __init__(self, model: nn.Linear) -> None:
        self.model = model

    def n_steps(self) -> int:
        return 0

    def update(self, batch: Points) -> Tensor:
        loss: Tensor = self.model(batch["x"]).square().mean()
        return loss

    def after_scores(self, loss: float) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None: ...
