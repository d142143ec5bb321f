"""A model whose parts are trained in turn."""

from functools import partial
from typing import TypedDict

import torch
from artifact_torch import AlternatingStep, DataLoaderRoutine, EpochBoundStopper, Part, Trainer, averaged, by_score, ema, per_epoch, per_step, planned
from artifact_torch.contracts import Play, TrainingStep, Turn
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau, StepLR
from typecheck.common import CodesLoader, LossOutput, LossScore, SeesLoss, VAEInput, adam
from typing_extensions import assert_type


class Played(TypedDict):
    loss: Tensor
    critic_loss: Tensor


class SeesCritic:
    def on_batch(self, step: int, batch: VAEInput, output: Played) -> None: ...


class Gan(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Linear(2, 3)
        self.critic = nn.Linear(3, 1)

    def critic_loss(self, batch: VAEInput) -> Tensor:
        raise NotImplementedError

    def generator_loss(self, batch: VAEInput) -> Tensor:
        raise NotImplementedError

    def play(self, batch: VAEInput, turn: Turn) -> Played:
        critic = turn("critic", lambda: self.critic_loss(batch))  # OK
        generator = turn("generator", lambda: self.generator_loss(batch))  # OK
        assert_type(critic, Tensor)  # OK
        return Played(loss=generator, critic_loss=critic)


gan = Gan()


def play_alone(batch: VAEInput, turn: Turn) -> LossOutput:
    return LossOutput(loss=turn("all", lambda: gan.critic_loss(batch)))


def step(step: TrainingStep[VAEInput, Played], /) -> None: ...
def loss_step(step: TrainingStep[VAEInput, LossOutput], /) -> None: ...
def play(play: Play[VAEInput, Played], /) -> None: ...


parts = {
    "critic": Part(gan.critic, optimizer=adam, clip_norm=1.0),
    "generator": Part(gan.generator, optimizer=partial(torch.optim.SGD, lr=0.1), every=2),
}
play(gan.play)  # OK
assert_type(AlternatingStep(gan, play=gan.play, parts=parts), AlternatingStep[VAEInput, Played])  # OK
assert_type(AlternatingStep(gan, play=play_alone, parts={"all": Part(gan, optimizer=adam)}), AlternatingStep[VAEInput, LossOutput])  # OK
step(AlternatingStep(gan, play=gan.play, parts={"critic": Part(gan.critic, optimizer=adam), "generator": Part(gan.generator, optimizer=torch.optim.AdamW, every=2)}))  # OK
step(AlternatingStep(gan, play=gan.play, parts=parts, autocast=torch.float16, device="cpu", compile="step"))  # OK
loss_step(AlternatingStep(gan, play=gan.play, parts=parts))  # OK
step(averaged(AlternatingStep(gan, play=gan.play, parts=parts), ema(0.999)))  # OK
assert_type(AlternatingStep(gan, play=gan.play, parts=parts).update(VAEInput(codes=Tensor())), Played)  # OK
assert_type(AlternatingStep(gan, play=gan.play, parts=parts).model, nn.Module)  # OK
Part([*gan.critic.parameters()], optimizer=adam)  # OK
Part(gan.generator.parameters(), optimizer=lambda parameters: torch.optim.SGD(parameters, lr=1))  # OK
Part(gan.critic, optimizer=adam, schedule=lambda optimizer: per_epoch(StepLR(optimizer, 3)))  # OK
Part(gan.critic, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer), "loss"))  # OK
Part(gan.critic, optimizer=adam, schedule=planned(lambda optimizer, n_steps: per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=n_steps))))  # OK
Trainer(AlternatingStep(gan, play=gan.play, parts=parts), train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)], callbacks=[SeesLoss(), SeesCritic()])  # OK
Trainer(AlternatingStep(gan, play=gan.play, parts=parts), train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)], routines=[DataLoaderRoutine(CodesLoader(), scores=[LossScore()])])  # OK
