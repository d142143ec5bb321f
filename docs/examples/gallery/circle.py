"""A GAN that learns to draw points on a circle, and a picture of them every ten epochs.

`python circle.py FOLDER [STEPS]` leaves a run, with its report, in FOLDER.
"""

import sys
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

import artifact_torch as at
from artifact_torch.contracts import ArtifactResults, Moment, ResultKind, ResultName, Turn


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


class Drawn:
    """How far drawn points are from the circle, and a picture of them."""

    def __init__(self, every: int) -> None:
        self._every = every
        self.result_names: Sequence[ResultName] = (
            (ResultKind.SCORE, "distance"),
            (ResultKind.PLOT, "points"),
        )

    def due(self, moment: Moment, /) -> Collection[ResultName]:
        is_due = moment.ends_run or (moment.ends_epoch and moment.epoch % self._every == 0)
        return self.result_names if is_due else ()

    def validate(self, model: Gan, _: Collection[ResultName], moment: Moment, /) -> ArtifactResults:
        points = model.draw(1000)
        figure = Figure(figsize=(4, 4), layout="constrained")
        axes: Any = figure.add_subplot()  # Any: matplotlib leaves keywords open
        axes.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal")
        axes.scatter(points[:, 0], points[:, 1], s=4)
        axes.set_title(f"epoch {moment.epoch}")
        distance = (points.square().sum(dim=1).sqrt() - 1).abs().mean()
        return ArtifactResults(scores={"distance": float(distance)}, plots={"points": figure})


def train(folder: Path, n_steps: int = 2000) -> at.TrainingResult:
    at.seed_everything(0)
    angle = 2 * torch.pi * torch.rand(2000)
    circle = at.TensorTable(Points(xy=torch.stack([angle.cos(), angle.sin()], dim=1)))
    gan, adam = Gan(), partial(torch.optim.Adam, lr=0.002, betas=(0.5, 0.9))
    parts = {
        "critic": at.Part(gan.critic, optimizer=adam),
        "generator": at.Part(gan.generator, optimizer=adam, every=2),
    }
    return at.Trainer(
        at.AlternatingStep(gan, play=gan.play, parts=parts, device="cpu"),
        train_loader=at.DataLoader(circle, batch_size=100, shuffle=True),
        stop=[at.StepBoundStopper(max_n_steps=n_steps)],
        best=at.BestScoreTracker("distance", mode="min"),
        callbacks=[at.TrainLoss()],
        routines=[at.bind(Drawn(every=10), gan)],
        run_folder=folder,
    ).train()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    train(Path(sys.argv[1]), *map(int, sys.argv[2:]))
