"""Lightning Fabric: the hand-written loop with model and optimizer set up by it."""

from importlib import import_module

from benchmarks.loop.task import Out, Task


def train(task: Task) -> None:
    fabric = import_module("lightning.fabric").Fabric(accelerator="cpu", devices=1)
    net, optimizer = fabric.setup(task.net, task.adam(task.net.parameters()))
    for epoch in range(1, task.n_epochs + 1):
        net.train()
        for batch in task.source.batches(epoch):
            optimizer.zero_grad()
            output: Out = net(batch)
            fabric.backward(output["loss"])
            optimizer.step()
