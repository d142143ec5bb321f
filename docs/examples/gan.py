"""A GAN that learns to draw points on a circle; its critic moves twice as often."""

from functools import partial
from typing import TypedDict

import torch
from torch import Tensor, nn

import artifact_torch as at
from artifact_torch.contracts import Turn


class Points(TypedDict):
    xy: Tensor  # [batch, 2]


class Losses(TypedDict):
    loss: Tensor  # [], of the generator
    critic_loss: Tensor  # []


class Gan(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
        self.critic = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 1))

    def draw(self, n_points: int) -> Tensor:
        points: Tensor = self.generator(torch.randn(n_points, 4))
        return points

    def critic_loss(self, real: Tensor) -> Tensor:
        fake = self.draw(len(real)).detach()
        return torch.relu(1 - self.critic(real)).mean() + torch.relu(1 + self.critic(fake)).mean()

    def play(self, points: Points, turn: Turn) -> Losses:
        critic = turn("critic", lambda: self.critic_loss(points["xy"]))
        generator = turn("generator", lambda: -self.critic(self.draw(len(points["xy"]))).mean())
        return Losses(loss=generator, critic_loss=critic)


at.seed_everything(0)
angle = 2 * torch.pi * torch.rand(2000)
circle = at.TensorTable(Points(xy=torch.stack([angle.cos(), angle.sin()], dim=1)))
gan, adam = Gan(), partial(torch.optim.Adam, lr=0.002, betas=(0.5, 0.9))
critic = at.Part(gan.critic, optimizer=adam)
generator = at.Part(gan.generator, optimizer=adam, every=2)
parts = {"critic": critic, "generator": generator}
result = at.Trainer(
    at.AlternatingStep(gan, play=gan.play, parts=parts, device="cpu"),
    train_loader=at.DataLoader(circle, batch_size=100, shuffle=True),
    stop=[at.StepBoundStopper(max_n_steps=2000)],
).train()
radius = gan.draw(1000).square().sum(dim=1).sqrt()
print(f"{result.n_steps} steps: radius {radius.mean():.1f}, deviation {radius.std():.1f}")
