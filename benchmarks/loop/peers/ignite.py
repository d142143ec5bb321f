"""PyTorch-Ignite: an engine around the update, with no handler."""

from importlib import import_module

import torch

from benchmarks.loop.task import Out, Repeated, Rows, Task


def train(task: Task) -> None:
    optimizer = task.optimizer()

    def update(engine: object, batch: Rows) -> float:
        del engine
        task.net.train()
        optimizer.zero_grad()
        output: Out = task.net(batch)
        torch.autograd.backward(output["loss"])
        optimizer.step()
        return 0.0

    engine = import_module("ignite.engine").Engine(update)
    engine.run(Repeated(task.source), max_epochs=task.n_epochs)
