"""The published artifact-torch, in an environment of its own: it has the name of this package."""

import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any, final

import torch
from torch import Tensor, nn

from benchmarks.loop.task import Repeated, Rows, Task


@final
class _Loader:
    """What its trainer uses of a loader."""

    def __init__(self, batches: Repeated) -> None:
        self._batches = batches
        self.device = torch.device("cpu")

    def __iter__(self) -> Iterator[Rows]:
        return iter(self._batches)

    def __len__(self) -> int:
        return len(self._batches)


def train(task: Task) -> None:
    os.environ["TQDM_DISABLE"] = "1"
    published = import_module("artifact_torch.nn")
    stopping = import_module("artifact_torch.nn.early_stopping")

    def forward(model: object, rows: Rows) -> dict[str, Tensor]:
        del model
        return {"t_loss": task.net(rows)["loss"]}

    class Hooks:
        """What its trainer asks of a subclass."""

        @staticmethod
        def _get_optimizer(model: nn.Module) -> torch.optim.Optimizer:
            return task.adam(model.parameters())

        @staticmethod
        def _get_scheduler(optimizer: object) -> None:
            del optimizer

        @staticmethod
        def _get_device() -> torch.device:
            return torch.device("cpu")

        @staticmethod
        def _get_checkpoint_period() -> None: ...

        @staticmethod
        def _get_early_stopper() -> object:
            return stopping.EpochBoundStopper(task.n_epochs)

        def _get_stopper_update_data(self) -> object:
            return stopping.StopperUpdateData(n_epochs_elapsed=len(task.source.seconds))

        @staticmethod
        def _get_model_tracker() -> None: ...

        def _get_model_tracking_criterion(self) -> None: ...

    # made by `type`: the base classes are not known here
    model = type("Model", (published.Model,), {"forward": forward})()
    model.net = task.net
    trainer = type("Trainer", (Hooks, published.Trainer), {})
    with redirect_stdout(None):
        _train(trainer, model, _Loader(Repeated(task.source)))


def _train(trainer: Any, model: object, loader: _Loader) -> None:  # Any: a class made by `type`
    trainer.build(model, loader).train()
