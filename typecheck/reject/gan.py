"""Parts, turns and loaders that do not fit a model whose parts are trained in turn."""

from functools import partial
from typing import TypedDict

import torch
from artifact_torch import AlternatingStep, EpochBoundStopper, Part, Trainer, per_epoch, planned
from artifact_torch.contracts import TrainingStep, Turn
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from typecheck.common import CodesLoader, ImageLoader, LossOutput, SeesLabel, SeesMu, VAEInput, adam, lbfgs


class Played(TypedDict):
    loss: Tensor
    critic_loss: Tensor


class Gan(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Linear(2, 3)
        self.critic = nn.Linear(3, 1)

    def critic_loss(self, batch: VAEInput) -> Tensor:
        raise NotImplementedError

    def play(self, batch: VAEInput, turn: Turn) -> Played:
        turn("critic", self.critic_loss(batch))  # E[pyright=reportArgumentType: "Tensor", mypy=arg-type: "Tensor"]
        turn("critic", self.critic_loss)  # E[pyright=reportArgumentType: Extra parameter, mypy=arg-type: VAEInput]
        turn("critic", lambda: 0.5)  # E[pyright=reportArgumentType: "float", mypy=arg-type: float]
        turn(lambda: self.critic_loss(batch))  # E[pyright=reportCallIssue, mypy=call-arg]
        turn(self.critic, lambda: self.critic_loss(batch))  # E[pyright=reportArgumentType: "str", mypy=arg-type: "str"]
        return Played(loss=turn("critic", lambda: self.critic_loss(batch)), critic_loss=batch["codes"])

    def without_turns(self, batch: VAEInput) -> Played:
        raise NotImplementedError

    def without_loss(self, batch: VAEInput, turn: Turn) -> Tensor:
        raise NotImplementedError

    def with_more(self, batch: VAEInput, turn: Turn, epoch: int) -> Played:
        raise NotImplementedError


gan = Gan()
parts = {"critic": Part(gan.critic, optimizer=adam)}
made = AlternatingStep(gan, play=gan.play, parts=parts)


class MuStep(TypedDict):
    loss: Tensor
    mu: Tensor


def mu_step(step: TrainingStep[VAEInput, MuStep], /) -> None: ...


AlternatingStep(gan, play=gan.without_turns, parts=parts)  # E[pyright=reportArgumentType: positional, mypy=arg-type: VAEInput]
AlternatingStep(gan, play=gan.without_loss, parts=parts)  # E[pyright=reportArgumentType: Tensor, mypy=type-var: "OutT"]
AlternatingStep(gan, play=gan.with_more, parts=parts)  # E[pyright=reportArgumentType: "epoch", mypy=arg-type: VAEInput]
AlternatingStep(gan, parts=parts)  # E[pyright=reportCallIssue: "play", mypy=call-arg: "play"]
AlternatingStep(gan, gan.play, parts=parts)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
AlternatingStep(gan, play=gan.play, parts=[Part(gan.critic, optimizer=adam)])  # E[pyright=reportArgumentType: "list, mypy=arg-type: "list]
AlternatingStep(gan, play=gan.play, parts={"critic": gan.critic})  # E[pyright=reportArgumentType: "Linear", mypy=dict-item: "Linear"]
AlternatingStep(gan, play=gan.play, parts={0: Part(gan.critic, optimizer=adam)})  # E[pyright=reportArgumentType: "parts", mypy=dict-item: "int"]
AlternatingStep(gan, play=gan.play, parts=parts, accumulate=2)  # E[pyright=reportCallIssue: "accumulate", mypy=call-arg: "accumulate"]
AlternatingStep(Gan, play=gan.play, parts=parts)  # E[pyright=reportArgumentType: "type\[Gan\]", mypy=arg-type: "type\[Gan\]"]
Part(gan.critic)  # E[pyright=reportCallIssue: "optimizer", mypy=call-arg: "optimizer"]
Part(gan.critic, optimizer=lbfgs)  # E[pyright=reportArgumentType: LBFGS, mypy=type-var: "LBFGS"]
Part(gan.critic, optimizer=adam(gan.critic.parameters()))  # E[pyright=reportArgumentType: "Adam", mypy=arg-type: "Adam"]
Part(gan.critic, optimizer=partial(torch.optim.Adam, rate=1))  # E[pyright=reportCallIssue: "rate", mypy=call-arg: "rate"]
Part(gan.critic, optimizer=adam, schedule=lambda optimizer: StepLR(optimizer, 3))  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
Part(gan.critic, optimizer=adam, schedule=lambda optimizer: per_epoch(ReduceLROnPlateau(optimizer)))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: ReduceLROnPlateau]
Part(gan.critic, optimizer=adam, schedule=planned(lambda optimizer, n: per_epoch(StepLR(optimizer, step=n))))  # E[pyright=reportCallIssue, mypy=call-arg]
Part(gan.critic, optimizer=adam, every="2")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "every"]
Part("critic", optimizer=adam)  # E[pyright=reportArgumentType: "str", mypy=arg-type: "str"]
mu_step(made)  # E[pyright=reportArgumentType: MuStep, mypy=arg-type: "AlternatingStep]
Trainer(made, train_loader=ImageLoader(), stop=[EpochBoundStopper(max_n_epochs=1)])  # E
Trainer(made, train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)], callbacks=[SeesMu()])  # E: SeesMu
Trainer(made, train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)], callbacks=[SeesLabel()])  # E: SeesLabel
made.update(LossOutput(loss=Tensor()))  # E[pyright=reportArgumentType: "codes" is missing, mypy=arg-type: "LossOutput"]
made.n_steps = 3  # E[pyright=reportAttributeAccessIssue: "n_steps", mypy=misc: "n_steps"]
