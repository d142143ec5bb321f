"""Optimizers, schedules and steps that the training loop cannot use."""

from collections.abc import Iterable, Mapping
from functools import partial

import torch
from artifact_torch import OptimizerStep, Schedule, by_score, per_epoch, per_step
from artifact_torch.contracts import Moment, Optimizer, Scheduler, ScoreScheduler, Stateful, TrainingStep
from torch import Tensor, nn
from torch.nn import Parameter
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau, StepLR
from typecheck.common import VAE, Classifier, LabelledInput, LossOutput, Regressor, VAEInput, VAEOutput, adam, lbfgs

model = VAE()


def step(step: TrainingStep[VAEInput, VAEOutput], /) -> None: ...
def optimizer(optimizer: Optimizer, /) -> None: ...
def scheduler(scheduler: Scheduler, /) -> None: ...
def scheduled(schedule: Schedule, /) -> None: ...
def stateful(part: Stateful, /) -> None: ...


# the optimizer
OptimizerStep(model, optimizer=lbfgs)  # E[pyright=reportArgumentType: LBFGS, mypy=type-var: "LBFGS"]
OptimizerStep(model, optimizer=torch.optim.LBFGS)  # E[pyright=reportArgumentType: LBFGS, mypy=type-var: "LBFGS"]
OptimizerStep(model, optimizer=partial(torch.optim.LBFGS, lr=1))  # E[pyright=reportArgumentType: LBFGS, mypy=type-var: "LBFGS"]
OptimizerStep(model, optimizer=lambda parameters: torch.optim.LBFGS(parameters))  # E[pyright=reportArgumentType: LBFGS, mypy=type-var: "LBFGS"]
OptimizerStep(model, optimizer=torch.optim.Adam(model.parameters()))  # E[pyright=reportArgumentType: "Adam", mypy=arg-type: "Adam"]
OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr="1"))  # E[pyright=reportArgumentType: "lr", mypy=arg-type: "lr"]
OptimizerStep(model, optimizer=partial(torch.optim.Adam, rate=1))  # E[pyright=reportCallIssue: "rate", mypy=call-arg: "rate"]
OptimizerStep(model, optimizer=lambda parameters: parameters)  # E[pyright=reportArgumentType: Iterable\[Parameter\], mypy=type-var: Iterable]
OptimizerStep(model, optimizer=lambda: torch.optim.Adam(model.parameters()))  # E[pyright=reportArgumentType: Extra positional|too few positional]
OptimizerStep(model, optimizer=lambda model, parameters: torch.optim.Adam(parameters))  # E[pyright=reportArgumentType: Extra parameter]
OptimizerStep(model, optimizer=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
OptimizerStep(model, optimizer=StepLR)  # E[pyright=reportArgumentType: StepLR]
OptimizerStep(model)  # E[pyright=reportCallIssue: "optimizer", mypy=call-arg: "optimizer"]
OptimizerStep(model, adam)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
OptimizerStep(VAE, optimizer=adam)  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "type\[VAE\]"]
OptimizerStep(model, optimizer=adam, accumulate="2")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "accumulate"]
OptimizerStep(model, optimizer=adam, clip_norm="1")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "clip_norm"]
OptimizerStep(model, optimizer=adam, autocast="bfloat16")  # E[pyright=reportArgumentType: "dtype", mypy=arg-type: "autocast"]
OptimizerStep(model, optimizer=adam, device=0)  # E[pyright=reportArgumentType: "device", mypy=arg-type: "device"]
OptimizerStep(model, optimizer=adam, scheduler=None)  # E[pyright=reportCallIssue: "scheduler", mypy=call-arg: "scheduler"]
OptimizerStep(model, optimizer=lambda parameters: (torch.optim.Adam(parameters), None))  # E[pyright=reportArgumentType: tuple, mypy=type-var: "tuple]
OptimizerStep(model, optimizer=adam, autocast=True)  # E[pyright=reportArgumentType: "dtype", mypy=arg-type: "autocast"]
optimizer(torch.optim.LBFGS(model.parameters()))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "LBFGS"]
optimizer(torch.optim.Adam)  # E[pyright=reportArgumentType: "type\[Adam\]", mypy=arg-type: "type\[Adam\]"]


async def async_adam(parameters: Iterable[Parameter]) -> torch.optim.Adam:
    return torch.optim.Adam(parameters)


def of_tensors(parameters: list[Tensor]) -> torch.optim.Adam:
    return torch.optim.Adam(parameters)


OptimizerStep(model, optimizer=async_adam)  # E[pyright=reportArgumentType: Coroutine, mypy=type-var: Coroutine]
OptimizerStep(model, optimizer=of_tensors)  # E[pyright=reportArgumentType: list\[Tensor\], mypy=arg-type: list\[Tensor\]]

# schedulers and their moment
OptimizerStep(model, optimizer=adam, schedule=StepLR)  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
OptimizerStep(model, optimizer=adam, schedule=partial(StepLR, step_size=3))  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: StepLR(optimizer, 3))  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_epoch(ReduceLROnPlateau(optimizer)))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: ReduceLROnPlateau]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_step(ReduceLROnPlateau(optimizer)))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: ReduceLROnPlateau]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(StepLR(optimizer, 3), "loss"))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: StepLR]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer)))  # E[pyright=reportCallIssue: 1 more positional, mypy=call-arg: Too few]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_epoch(StepLR(optimizer)))  # E[pyright=reportCallIssue: "step_size", mypy=call-arg: "step_size"]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: per_epoch(StepLR))  # E[pyright=reportArgumentType: "type\[StepLR\]", mypy=arg-type: "type\[StepLR\]"]
OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3), schedule=lambda optimizer: StepLR(optimizer, 3))  # E[pyright=reportArgumentType: StepLR, mypy=arg-type: StepLR]
OptimizerStep(model, optimizer=torch.optim.Adam, schedule=lambda optimizer: per_epoch(ReduceLROnPlateau(optimizer)))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: ReduceLROnPlateau]
OptimizerStep(model, optimizer=adam, schedule=per_epoch(StepLR(adam(model.parameters()), 3)))  # E[pyright=reportArgumentType: "Schedule", mypy=arg-type: "Schedule"]
OptimizerStep(model, optimizer=adam, schedule=lambda: None)  # E[pyright=reportArgumentType]
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: optimizer)  # E[pyright=reportArgumentType: "Adam", mypy=misc: "OptT"]
by_score(ReduceLROnPlateau(adam([])), name="loss")  # E[pyright=reportCallIssue, mypy=call-arg: "name"]
by_score(ReduceLROnPlateau(adam([])), 3)  # E[pyright=reportArgumentType: "str", mypy=arg-type: "int"]


def any_scheduler(scheduler: LRScheduler, scored: ScoreScheduler) -> None:
    by_score(scheduler, "loss")  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "LRScheduler"]
    per_epoch(scored)  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "ScoreScheduler"]


class SignDescent:
    param_groups: list[dict[str, object]] = []

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


def of_sgd(optimizer: torch.optim.SGD) -> Schedule:
    return per_epoch(StepLR(optimizer, step_size=3))


class OwnSchedule:
    """A schedule is made by `per_step`, `per_epoch` or `by_score`, or is a record; it is no contract."""

    def after_step(self) -> None: ...
    def after_epoch(self, scores: Mapping[str, float]) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class AsyncScheduler:
    async def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class StepsByEpoch:
    def step(self, epoch: int) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class StepsByScores:
    def step(self, metrics: dict[str, float]) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class StatelessScheduler:
    def step(self) -> None: ...


OptimizerStep(model, optimizer=lambda _: SignDescent(), schedule=lambda optimizer: per_epoch(StepLR(optimizer, 3)))  # E[pyright=reportArgumentType: "SignDescent", mypy=arg-type: "SignDescent"]
OptimizerStep(model, optimizer=adam, schedule=of_sgd)  # E[pyright=reportArgumentType: "Adam" is not assignable to "SGD", mypy=misc: "OptT"]
OptimizerStep(model, optimizer=adam, schedule=lambda _: OwnSchedule())  # E[pyright=reportArgumentType: "OwnSchedule", mypy=arg-type: OwnSchedule]
OptimizerStep(model, optimizer=adam, schedule=OwnSchedule)  # E[pyright=reportArgumentType: "OwnSchedule"|"Adam", mypy=arg-type: "type\[OwnSchedule\]"]
OptimizerStep(model, optimizer=adam, schedule=lambda _: per_epoch(OwnSchedule()))  # E[pyright=reportArgumentType: "step" is not present, mypy=arg-type: "OwnSchedule"]
OptimizerStep(model, optimizer=adam, schedule=per_epoch)  # HOLE: an optimizer has all that is asked of a scheduler; refused when the step is built
OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: [per_epoch(StepLR(optimizer, 3))])  # E[pyright=reportArgumentType: list, mypy]
scheduled(OwnSchedule())  # E[pyright=reportArgumentType: "OwnSchedule", mypy=arg-type: "OwnSchedule"]
scheduled(StepLR(adam([]), 3))  # E[pyright=reportArgumentType: "StepLR", mypy=arg-type: "StepLR"]
scheduled(per_epoch)  # E[pyright=reportArgumentType, mypy=arg-type]
scheduler(AsyncScheduler())  # HOLE: torch leaves what its schedulers return open, so the contract asks for an object; the check at build refuses it
per_epoch(StepsByEpoch())  # E[pyright=reportArgumentType: Extra parameter "epoch", mypy=arg-type: "StepsByEpoch"]
per_epoch(StatelessScheduler())  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "StatelessScheduler"]
per_epoch(ReduceLROnPlateau(adam([])))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "ReduceLROnPlateau"]
per_step(ReduceLROnPlateau(adam([])))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "ReduceLROnPlateau"]
per_epoch(None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
by_score(StepLR(adam([]), 3), "loss")  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepLR"]
by_score(StepsByScores(), "loss")  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "StepsByScores"]
per_epoch(StepLR(adam([]), 3)).every_step = True  # E[pyright=reportAttributeAccessIssue: "every_step", mypy=misc: "every_step"]
Schedule(scheduler=StepLR(adam([]), 3), contract=Scheduler)  # E[pyright=reportCallIssue: "advance", mypy=call-arg: "advance"]
Schedule(scheduler=StatelessScheduler(), contract=Scheduler, advance=lambda _: None)  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "scheduler"]


# state
class NoLoad:
    def state_dict(self) -> dict[str, object]:
        return {}


class ListState:
    def state_dict(self) -> list[object]:
        return []

    def load_state_dict(self, state_dict: list[object]) -> None: ...


class StateProperty:
    @property
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class NarrowState:
    def state_dict(self) -> dict[str, int]:
        return {}

    def load_state_dict(self, state_dict: dict[str, int]) -> None: ...


class KeywordState:
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, *, state_dict: dict[str, object]) -> None: ...


class AsyncLoad:
    def state_dict(self) -> dict[str, object]:
        return {}

    async def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class AsyncState:
    async def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class AsyncDescent(SignDescent):
    async def step(self) -> None: ...  # E[pyright=reportIncompatibleMethodOverride: "step", mypy=override: "step"]


stateful(AsyncLoad())  # HOLE: a coroutine is an object, which is all the contract asks for
stateful(AsyncState())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncState"]
optimizer(AsyncDescent())  # HOLE: torch's optimizers return None or a float, so the contract asks for an object
stateful(NoLoad())  # E[pyright=reportArgumentType: "load_state_dict" is not present, mypy=arg-type: "NoLoad"]
stateful(ListState())  # E[pyright=reportArgumentType: is an incompatible type, mypy=arg-type: "ListState"]
stateful(StateProperty())  # E[pyright=reportArgumentType: "state_dict" is an incompatible, mypy=arg-type: "StateProperty"]
stateful(NarrowState())  # E[pyright=reportArgumentType: "load_state_dict" is an incompatible, mypy=arg-type: "NarrowState"]
stateful(KeywordState())  # E[pyright=reportArgumentType: "load_state_dict" is an incompatible, mypy=arg-type: "KeywordState"]


# optimizers, schedulers and schedules of the user's own
class NoGroups:
    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Stateless:
    param_groups: list[dict[str, object]] = []

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...


class NoZeroGrad:
    param_groups: list[dict[str, object]] = []

    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class OneGroup:
    param_groups: dict[str, object] = {}

    def zero_grad(self, set_to_none: bool = True) -> None: ...
    def step(self) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class ZeroGradNeedsMore(SignDescent):
    def zero_grad(self, set_to_none: bool) -> None: ...  # E[pyright=reportIncompatibleMethodOverride: "zero_grad", mypy=override: "zero_grad"]


class ZeroGradWithout(Stateless):
    def zero_grad(self) -> None: ...  # E[pyright=reportIncompatibleMethodOverride: "zero_grad", mypy=override: "zero_grad"]


optimizer(NoGroups())  # E[pyright=reportArgumentType: "param_groups" is not present, mypy=arg-type: "NoGroups"]
optimizer(NoZeroGrad())  # E[pyright=reportArgumentType: "zero_grad" is not present, mypy=arg-type: "NoZeroGrad"]
optimizer(OneGroup())  # E[pyright=reportArgumentType: "param_groups", mypy=arg-type: "OneGroup"]
optimizer(Stateless())  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "Stateless"]
OptimizerStep(model, optimizer=lambda _: NoGroups())  # E[pyright=reportArgumentType: "NoGroups", mypy=type-var: "NoGroups"]
scheduler(ReduceLROnPlateau(adam([])))  # E[pyright=reportArgumentType: "step" is an incompatible, mypy=arg-type: "ReduceLROnPlateau"]
scheduler(Stateless())  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "Stateless"]


# training steps of the user's own
class Complete:
    """What most of the steps below share."""

    def __init__(self) -> None:
        self.model = nn.Linear(1, 1)
        self.device = torch.device("cpu")
        self.n_steps = 0

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class NoUpdate(Complete): ...


class AsyncUpdate(Complete):
    async def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


class GivesLoss(Complete):
    def update(self, batch: VAEInput) -> Tensor:
        raise NotImplementedError


class GivesLess(Complete):
    def update(self, batch: VAEInput) -> LossOutput:
        raise NotImplementedError


class NeedsIndex(Complete):
    def update(self, batch: VAEInput, index: int) -> VAEOutput:
        raise NotImplementedError


class ByKeyword(Complete):
    def update(self, *, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


class _Updates:
    """The two methods, without model, device, count and state."""

    def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...


class _State:
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class NoModel(_Updates, _State):
    n_steps = 0
    device = torch.device("cpu")


class ModelMethod(_Updates, _State):
    n_steps = 0
    device = torch.device("cpu")

    def model(self) -> nn.Module:
        raise NotImplementedError


class ModelList(_Updates, _State):
    n_steps = 0
    device = torch.device("cpu")
    model = [nn.Linear(1, 1)]


class NoDevice(_Updates, _State):
    n_steps = 0
    model = nn.Linear(1, 1)


class DeviceName(_Updates, _State):
    n_steps = 0
    model = nn.Linear(1, 1)
    device = "cpu"


class NoCount(_Updates, _State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")


class CountsByMethod(_Updates, _State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")

    def n_steps(self) -> int:
        return 0


class CountsInFloats(_Updates, _State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")
    n_steps = 0.5


class NoState(_Updates):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")
    n_steps = 0


class NoEvaluate(_State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")
    n_steps = 0

    def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...


class EvaluatesLess(NoEvaluate):
    def evaluate(self, batch: VAEInput) -> LossOutput:
        raise NotImplementedError


class EvaluatesLabels(NoEvaluate):
    def evaluate(self, batch: LabelledInput) -> VAEOutput:
        raise NotImplementedError


class EvaluatesTwo(NoEvaluate):
    def evaluate(self, batch: VAEInput, train: bool) -> VAEOutput:
        raise NotImplementedError


class AsyncEvaluate(NoEvaluate):
    async def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


class NoEndOfEpoch(_State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")
    n_steps = 0

    def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...


class WantsScoreDict(_State):
    model = nn.Linear(1, 1)
    device = torch.device("cpu")
    n_steps = 0

    def update(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: dict[str, float], moment: Moment) -> None: ...


step(NoEndOfEpoch())  # E[pyright=reportArgumentType: "end_epoch" is not present, mypy=arg-type: "NoEndOfEpoch"]
step(WantsScoreDict())  # E[pyright=reportArgumentType: "after_scores" is an incompatible, mypy=arg-type: "WantsScoreDict"]
step(NoUpdate())  # E[pyright=reportArgumentType: "update" is not present, mypy=arg-type: "NoUpdate"]
step(AsyncUpdate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncUpdate"]
step(GivesLoss())  # E[pyright=reportArgumentType: "update" is an incompatible, mypy=arg-type: "GivesLoss"]
step(GivesLess())  # E[pyright=reportArgumentType: "update" is an incompatible, mypy=arg-type: "GivesLess"]
step(NeedsIndex())  # E[pyright=reportArgumentType: Extra parameter "index", mypy=arg-type: "NeedsIndex"]
step(ByKeyword())  # E[pyright=reportArgumentType: "update" is an incompatible, mypy=arg-type: "ByKeyword"]
step(NoModel())  # E[pyright=reportArgumentType: "model" is not present, mypy=arg-type: "NoModel"]
step(ModelMethod())  # E[pyright=reportArgumentType: "model", mypy=arg-type: "ModelMethod"]
step(ModelList())  # E[pyright=reportArgumentType: "model", mypy=arg-type: "ModelList"]
step(NoDevice())  # E[pyright=reportArgumentType: "device" is not present, mypy=arg-type: "NoDevice"]
step(DeviceName())  # E[pyright=reportArgumentType: "device", mypy=arg-type: "DeviceName"]
step(NoCount())  # E[pyright=reportArgumentType: "n_steps" is not present, mypy=arg-type: "NoCount"]
step(CountsInFloats())  # E[pyright=reportArgumentType: "n_steps", mypy=arg-type: "CountsInFloats"]
step(NoState())  # E[pyright=reportArgumentType: "state_dict" is not present, mypy=arg-type: "NoState"]
step(NoEvaluate())  # E[pyright=reportArgumentType: "evaluate" is not present, mypy=arg-type: "NoEvaluate"]
step(EvaluatesLess())  # E[pyright=reportArgumentType: "evaluate" is an incompatible, mypy=arg-type: "EvaluatesLess"]
step(EvaluatesLabels())  # E[pyright=reportArgumentType: "evaluate" is an incompatible, mypy=arg-type: "EvaluatesLabels"]
step(EvaluatesTwo())  # E[pyright=reportArgumentType: Extra parameter "train", mypy=arg-type: "EvaluatesTwo"]
step(AsyncEvaluate())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "AsyncEvaluate"]
step(CountsByMethod())  # E[pyright=reportArgumentType: "n_steps", mypy=arg-type: "CountsByMethod"]
step(OptimizerStep(Regressor(), optimizer=adam))  # E[pyright=reportArgumentType: OptimizerStep\[VAEInput, LossOutput\], mypy=arg-type: "Regressor"]
step(OptimizerStep(Classifier(), optimizer=adam))  # E[pyright=reportArgumentType: OptimizerStep\[LabelledInput, LossOutput\], mypy=arg-type: "Classifier"]
step(model)  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "VAE"]
step(adam(model.parameters()))  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "Adam"]
OptimizerStep[VAEInput, LossOutput](Classifier(), optimizer=adam)  # E[pyright=reportArgumentType: "Classifier", mypy=arg-type: "Classifier"]
OptimizerStep[VAEInput, VAEOutput](Regressor(), optimizer=adam)  # E[pyright=reportArgumentType: "Regressor", mypy=arg-type: "Regressor"]
OptimizerStep(model, optimizer=adam).update(VAEOutput(loss=Tensor(), mu=Tensor()))  # E[pyright=reportArgumentType: "codes" is missing, mypy=arg-type: "VAEOutput"]
OptimizerStep(Regressor(), optimizer=adam).update(VAEInput(codes=Tensor()))["mu"]  # E[mypy=typeddict-item: "mu"]
OptimizerStep(model, optimizer=adam).n_steps = 3  # E[pyright=reportAttributeAccessIssue: "n_steps", mypy=misc: "n_steps"]
OptimizerStep(model, optimizer=adam).model = model  # E[pyright=reportAttributeAccessIssue: "model", mypy=misc: "model"]
OptimizerStep(model, optimizer=adam).evaluate(VAEOutput(loss=Tensor(), mu=Tensor()))  # E[pyright=reportArgumentType: "codes" is missing, mypy=arg-type: "VAEOutput"]
