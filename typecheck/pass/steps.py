"""Optimizers, learning-rate schedules, training steps."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Generic

import torch
from artifact_torch import OptimizerStep, Schedule, by_score, per_epoch, per_step
from artifact_torch.contracts import InT, Model, Moment, Optimizer, OutT, Scheduler, ScoreScheduler, Stateful, TrainingStep
from torch import Tensor, nn
from torch.nn import Parameter
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR, ReduceLROnPlateau, SequentialLR, StepLR
from typecheck.common import VAE, Classifier, LabelledInput, LossOutput, Regressor, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

model = VAE()


def step(step: TrainingStep[VAEInput, VAEOutput], /) -> None: ...
def loss_step(step: TrainingStep[VAEInput, LossOutput], /) -> None: ...
def optimizer(optimizer: Optimizer, /) -> None: ...
def scheduler(scheduler: Scheduler, /) -> None: ...
def score_scheduler(scheduler: ScoreScheduler, /) -> None: ...
def scheduled(schedule: Schedule, /) -> None: ...
def stateful(part: Stateful, /) -> None: ...


def sgd(parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)


def halved(optimizer: torch.optim.Optimizer) -> Schedule:
    return per_epoch(StepLR(optimizer, step_size=10, gamma=0.5))


def maybe_halved(optimizer: torch.optim.Optimizer) -> Schedule | None:
    return None


def decoder_only(parameters: Iterable[Parameter]) -> torch.optim.Adam:
    return torch.optim.Adam([{"params": list(parameters)[1:], "lr": 0.1}])


assert_type(OptimizerStep(model, optimizer=adam), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(Classifier(), optimizer=adam), OptimizerStep[LabelledInput, LossOutput])  # OK
assert_type(OptimizerStep(model, optimizer=torch.optim.Adam), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=torch.optim.AdamW), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3)), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=partial(torch.optim.SGD, lr=0.1, momentum=0.9)), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=1e-3)), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=lambda _: torch.optim.Adam(model.parameters())), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=sgd), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(model, optimizer=adam).model, nn.Module)  # OK
assert_type(OptimizerStep(model, optimizer=adam).device, torch.device)  # OK
assert_type(OptimizerStep(model, optimizer=adam).update(VAEInput(codes=torch.zeros(1))), VAEOutput)  # OK
assert_type(OptimizerStep(model, optimizer=adam).evaluate(VAEInput(codes=torch.zeros(1))), VAEOutput)  # OK
step(OptimizerStep(model, optimizer=adam, device="cpu"))  # OK
step(OptimizerStep(model, optimizer=adam, device=torch.device("cuda", 1)))  # OK
step(OptimizerStep(model, optimizer=decoder_only))  # OK
step(OptimizerStep(model, optimizer=adam, accumulate=4, clip_norm=1.0, autocast=torch.bfloat16))  # OK
step(OptimizerStep(model, optimizer=adam, clip_norm=None, autocast=None))  # OK
step(OptimizerStep[VAEInput, VAEOutput](model, optimizer=partial(torch.optim.Adam, lr=1e-3)))  # OK
loss_step(OptimizerStep(model, optimizer=adam))  # OK
loss_step(OptimizerStep(Regressor(), optimizer=adam))  # OK

step(OptimizerStep(model, optimizer=adam, schedule=halved))  # OK
step(OptimizerStep(model, optimizer=sgd, schedule=halved))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=maybe_halved))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=None))  # OK
step(OptimizerStep(model, optimizer=torch.optim.Adam, schedule=halved))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_epoch(StepLR(optimizer, step_size=10))))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_epoch(CosineAnnealingLR(optimizer, T_max=10))))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_step(OneCycleLR(optimizer, max_lr=0.1, total_steps=100))))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_step(LambdaLR(optimizer, lambda step: min(1.0, step / 100)))))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer, patience=3), "loss")))  # OK
step(OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3), schedule=lambda optimizer: per_epoch(StepLR(optimizer, step_size=10))))  # OK
step(OptimizerStep(model, optimizer=lambda parameters: torch.optim.SGD(parameters, lr=1), schedule=lambda optimizer: per_epoch(StepLR(optimizer, step_size=10))))  # OK
step(OptimizerStep(model, optimizer=torch.optim.AdamW, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer), "loss")))  # OK


class SignDescent:
    """An optimizer of the user's own."""

    param_groups: list[dict[str, object]] = []

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...
    def only_mine(self) -> float:
        return 0.0


class WarmUp:
    """A scheduler of the user's own."""

    def __init__(self, optimizer: SignDescent) -> None: ...
    def step(self) -> bool:
        return True

    def state_dict(self) -> dict[str, int]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Warm:
    """A scheduler that looks at a score, of the user's own."""

    def step(self, metrics: float) -> None: ...
    def state_dict(self) -> Mapping[str, Tensor]:
        return {}

    def load_state_dict(self, state_dict: Mapping[str, object]) -> bool:
        return True


def by_two_scores(optimizer: torch.optim.Optimizer) -> Schedule:
    """A moment of the user's own."""
    plateau = plateau_of(optimizer)
    return Schedule(scheduler=plateau, contract=ScoreScheduler, advance=lambda scores: plateau.step(scores["a"] + scores["b"]), monitored=("a", "b"))


class OpenState:
    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> None: ...


step(OptimizerStep(model, optimizer=lambda _: SignDescent()))  # OK
step(OptimizerStep(model, optimizer=lambda _: SignDescent(), schedule=lambda optimizer: per_step(WarmUp(optimizer))))  # OK
step(OptimizerStep(model, optimizer=lambda _: SignDescent(), schedule=lambda _: by_score(Warm(), "loss")))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=by_two_scores))  # OK
step(OptimizerStep(model, optimizer=adam, schedule=lambda _: None))  # OK
optimizer(SignDescent())  # OK
optimizer(torch.optim.Adam(model.parameters()))  # OK
optimizer(torch.optim.SGD(model.parameters(), lr=0.1))  # OK
scheduler(WarmUp(SignDescent()))  # OK
scheduler(StepLR(torch.optim.Adam(model.parameters()), step_size=10))  # OK
scheduler(SequentialLR(torch.optim.Adam(model.parameters()), schedulers=[], milestones=[]))  # OK
score_scheduler(Warm())  # OK
score_scheduler(ReduceLROnPlateau(adam(model.parameters())))  # OK
scheduled(per_step(WarmUp(SignDescent())))  # OK
scheduled(per_epoch(StepLR(adam([]), 3)))  # OK
scheduled(by_score(Warm(), "loss"))  # OK
scheduled(by_two_scores(adam([])))  # OK
assert_type(per_epoch(StepLR(adam([]), 3)), Schedule)  # OK
assert_type(by_score(Warm(), "loss").monitored, Sequence[str])  # OK
stateful(OpenState())  # OK
stateful(Warm())  # OK
stateful(nn.Linear(1, 1))  # OK
stateful(torch.optim.Adam(model.parameters()))  # OK


def any_scheduler(scheduler: LRScheduler) -> Schedule:
    return per_epoch(scheduler)  # OK


def plateau_of(optimizer: torch.optim.Optimizer) -> ScoreScheduler:
    return ReduceLROnPlateau(optimizer)  # OK


class _Counts:
    """What the steps below share."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.device = torch.device("cpu")
        self.n_steps = 0

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Alternating(_Counts):
    """A training step of the user's own: two models, two optimizers."""

    def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


class OfSubclass(_Counts):
    """The model's own class is kept; what it evaluates may say more than what it updates."""

    def __init__(self, model: VAE) -> None:
        super().__init__(model)
        self.vae = model

    def update(self, batch: VAEInput) -> LossOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


class Manual(Generic[InT, OutT]):
    """For every model."""

    def __init__(self, model: Model[InT, OutT]) -> None:
        self._model = model
        self.n_steps = 0

    @property
    def model(self) -> nn.Module:
        raise NotImplementedError

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    def update(self, batch: InT, /) -> OutT:
        return self._model.forward(batch)

    def evaluate(self, batch: InT, /) -> OutT:
        return self._model.forward(batch)

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment, /) -> None: ...
    def state_dict(self) -> Mapping[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None: ...


step(Alternating(model))  # OK
loss_step(Alternating(nn.ModuleList([model, Classifier()])))  # OK
loss_step(OfSubclass(model))  # OK
step(Manual(model))  # OK
assert_type(Manual(Classifier()), Manual[LabelledInput, LossOutput])  # OK
