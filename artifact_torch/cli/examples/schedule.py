"""Warms the learning rate up over the first hundred updates."""

from collections.abc import Mapping

import torch


class WarmUp:
    def __init__(self, optimizer: torch.optim.Optimizer, lr: float) -> None:
        self.optimizer = optimizer
        self.lr: float = lr
        self.n_steps: int = 0

    def after_step(self) -> None:
        self.n_steps += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * min(1.0, self.n_steps / 100)

    def after_epoch(self, scores: Mapping[str, float]) -> None: ...

    def state_dict(self) -> Mapping[str, object]:
        return {"n_steps": self.n_steps}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.n_steps = int(str(state_dict["n_steps"]))


class WrongWarmUp:
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer

    def after_step(self, step: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = min(1.0, step / 100)

    def after_epoch(self) -> None: ...
