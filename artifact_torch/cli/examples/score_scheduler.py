"""Halves the learning rate when a score has not improved."""

from collections.abc import Mapping

import torch


class HalvingOnPlateau:
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer
        self.best: float = float("inf")

    def step(self, metrics: float) -> None:
        if metrics >= self.best:
            for group in self.optimizer.param_groups:
                group["lr"] *= 0.5
        self.best = min(metrics, self.best)

    def state_dict(self) -> Mapping[str, object]:
        return {"best": self.best}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> None:
        self.best = float(str(state_dict["best"]))


class WrongHalvingOnPlateau:
    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.optimizer = optimizer

    def step(self, metrics: Mapping[str, float]) -> None:
        if metrics["loss"] > 1:
            for group in self.optimizer.param_groups:
                group["lr"] *= 0.5

    def state_dict(self) -> Mapping[str, object]:
        return {}
