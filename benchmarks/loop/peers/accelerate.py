"""Accelerate: the hand-written loop with model and optimizer prepared by it."""

from importlib import import_module

from benchmarks.loop.task import Out, Task


def train(task: Task) -> None:
    accelerator = import_module("accelerate").Accelerator(cpu=True)
    net, optimizer = accelerator.prepare(task.net, task.adam(task.net.parameters()))
    for epoch in range(1, task.n_epochs + 1):
        net.train()
        for batch in task.source.batches(epoch):
            optimizer.zero_grad()
            output: Out = net(batch)
            accelerator.backward(output["loss"])
            optimizer.step()
