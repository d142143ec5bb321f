"""Lightning: its `barebones` trainer, which it offers for measuring its own overhead."""

import logging
from importlib import import_module

import torch
from torch import Tensor

from benchmarks.loop.task import Out, Repeated, Rows, Task


def train(task: Task) -> None:
    lightning = import_module("lightning.pytorch")
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)

    def training_step(module: object, batch: Rows) -> Tensor:
        del module
        output: Out = task.net(batch)
        return output["loss"]

    def configure_optimizers(module: object) -> torch.optim.Optimizer:
        del module
        return task.adam(task.net.parameters())

    # made by `type`: the base class is not known where the peer is not installed
    module = type(
        "Module",
        (lightning.LightningModule,),
        {"training_step": training_step, "configure_optimizers": configure_optimizers},
    )()
    module.net = task.net
    trainer = lightning.Trainer(
        accelerator="cpu", devices=1, max_epochs=task.n_epochs, barebones=True
    )
    trainer.fit(module, train_dataloaders=Repeated(task.source))
