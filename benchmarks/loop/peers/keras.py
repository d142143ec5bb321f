"""Keras with torch beneath: layers, optimizer and loss of its own, as `fit` wants them.

Its Adam computes the same with another order of operations: weights agree to a tolerance.
"""

import os
from collections.abc import Iterator
from importlib import import_module

import torch
from torch import Tensor, nn

from benchmarks.loop.task import LEARNING_RATE, Task


def train(task: Task) -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    keras = import_module("keras")
    linears = [layer for layer in task.net.layers if isinstance(layer, nn.Linear)]
    width = linears[0].in_features
    net = keras.Sequential([keras.Input((width,)), *(keras.layers.Dense(width) for _ in linears)])
    for ours, theirs in zip(linears, net.layers, strict=True):
        theirs.set_weights([ours.weight.detach().numpy().T, ours.bias.detach().numpy()])
    net.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE, epsilon=1e-8), loss="mse")

    def pairs() -> Iterator[tuple[Tensor, Tensor]]:
        for epoch in range(1, task.n_epochs + 1):
            for batch in task.source.batches(epoch):
                yield batch["x"], batch["target"]

    net.fit(pairs(), epochs=task.n_epochs, steps_per_epoch=len(task.source), verbose=0)
    with torch.no_grad():
        for ours, theirs in zip(linears, net.layers, strict=True):
            kernel, bias = theirs.get_weights()
            ours.weight.copy_(torch.as_tensor(kernel.T))
            ours.bias.copy_(torch.as_tensor(bias))
