"""A classifier of digits that stops where its accuracy on unseen rows no longer grows."""

from typing import TypedDict

import torch
from torch import Tensor, nn

import artifact_torch as at


class Digits(TypedDict):
    pixels: Tensor  # [batch, 64]
    target: Tensor  # [batch], the digit


class Classified(TypedDict):
    loss: Tensor  # []
    logits: Tensor  # [batch, 10]


def classify(net: nn.Sequential, digits: Digits) -> Classified:
    logits: Tensor = net(digits["pixels"])
    return Classified(loss=nn.functional.cross_entropy(logits, digits["target"]), logits=logits)


at.seed_everything(0)
digit = torch.arange(10).repeat(200)
pixels = torch.randn(10, 64)[digit] + 2 * torch.randn(2000, 64)
train = at.TensorTable(Digits(pixels=pixels[:1500], target=digit[:1500]))
unseen = at.TensorTable(Digits(pixels=pixels[1500:], target=digit[1500:]))
validation = at.DataLoader(unseen, batch_size=500)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
result = at.Trainer(
    at.OptimizerStep(at.with_forward(net, classify), optimizer=torch.optim.Adam),
    train_loader=at.DataLoader(train, batch_size=50, shuffle=True),
    stop=[
        at.EpochBoundStopper(max_n_epochs=100),
        at.PatienceStopper("accuracy", patience=3, mode="max"),
    ],
    best=at.BestScoreTracker("accuracy", mode="max"),
    routines=[at.DataLoaderRoutine(validation, scores=[at.Accuracy("accuracy")])],
).train()
print(f"stopped early: {result.n_epochs_elapsed < 100}")
print(f"accuracy above 0.9: {result.epoch_scores['accuracy'].max() > 0.9}")
