"""Plain gradient descent, written out."""

from collections.abc import Mapping
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch.contracts import Moment


class Points(TypedDict):
    x: Tensor  # [batch, 3]


class Fit(TypedDict):
    loss: Tensor  # []


class Descent:
    n_steps: int = 0

    def __init__(self, model: nn.Linear, lr: float) -> None:
        self._linear = model
        self.lr: float = lr

    @property
    def model(self) -> nn.Module:
        return self._linear

    @property
    def device(self) -> torch.device:
        return self._linear.weight.device

    def update(self, batch: Points) -> Fit:
        output = self.evaluate(batch)
        gradients = torch.autograd.grad(output["loss"], [*self._linear.parameters()])
        with torch.no_grad():
            for parameter, gradient in zip(self._linear.parameters(), gradients, strict=True):
                parameter.sub_(self.lr * gradient)
        self.n_steps += 1
        return output

    def evaluate(self, batch: Points) -> Fit:
        return Fit(loss=self._linear(batch["x"]).square().mean())

    def end_epoch(self) -> None: ...

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {"n_steps": self.n_steps}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.n_steps = int(str(state_dict["n_steps"]))


class WrongDescent:
    def __init__(self, model: nn.Linear) -> None:
        self.model: nn.Module = model

    def n_steps(self) -> int:
        return 0

    def update(self, batch: Points) -> Tensor:
        loss: Tensor = self.model(batch["x"]).square().mean()
        return loss

    def after_scores(self, loss: float) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None: ...
