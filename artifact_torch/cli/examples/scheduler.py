"""Halves the learning rate at each step."""

from collections.abc import Mapping

import torch


class Halving:
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer
        self.n_steps: int = 0

    def step(self) -> None:
        self.n_steps += 1
        for group in self.optimizer.param_groups:
            group["lr"] *= 0.5

    def state_dict(self) -> Mapping[str, object]:
        return {"n_steps": self.n_steps}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.n_steps = int(str(state_dict["n_steps"]))


class WrongHalving:
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer

    def step(self, epoch: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = 0.5**epoch
