"""Hooks, settings, and how much is said."""

from dataclasses import dataclass

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.contracts import AnyStep, OnEnd, OnEpochEnd, OnException, OnStart, RunHook, RunState
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)


def starts(hook: OnStart, /) -> None: ...
def ends(hook: OnEnd, /) -> None: ...
def ends_epochs(hook: OnEpochEnd, /) -> None: ...
def fails(hook: OnException, /) -> None: ...


class Start:
    def on_start(self, step: AnyStep, state: RunState) -> None:
        print(step.device, len(list(step.model.parameters())), state.n_steps)


class StartsByAny:
    """Asks for less than it is given."""

    def on_start(self, step: object, state: object) -> None: ...


class EpochEnd:
    def on_epoch_end(self, state: RunState) -> None:
        print(state.n_epochs_elapsed, state.scores.get("loss"), state.seconds)


class Failing:
    def on_exception(self, error: BaseException, state: RunState) -> None:
        print(type(error).__name__, state.ends_epoch)


class End:
    def on_end(self, state: RunState, verbose: bool = False) -> None: ...


class HasEpochs:
    """Reads one attribute alone."""

    def on_end(self, *state: RunState) -> None: ...


class All(Start, EpochEnd, Failing, End):
    """One object at several places."""

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


starts(Start())  # OK
starts(StartsByAny())  # OK
ends_epochs(EpochEnd())  # OK
fails(Failing())  # OK
ends(End())  # OK
ends(HasEpochs())  # OK
starts(All())  # OK
fails(All())  # OK
hooks: list[RunHook] = [Start(), EpochEnd(), Failing(), End(), All()]  # OK


@dataclass(frozen=True)
class Settings:
    learning_rate: float
    n_layers: int


def step() -> OptimizerStep[VAEInput, VAEOutput]:
    return OptimizerStep(VAE(), optimizer=adam)


assert_type(Trainer(OptimizerStep(VAE(), optimizer=adam), train_loader=loader, stop=[stop], hooks=[Start(), End()]), Trainer[VAEInput, VAEOutput])  # OK
Trainer(step(), train_loader=loader, stop=[stop], hooks=hooks)  # OK
Trainer(step(), train_loader=loader, stop=[stop], hooks=(All(),))  # OK
Trainer(step(), train_loader=loader, stop=[stop], settings=Settings(0.1, 3))  # OK
Trainer(step(), train_loader=loader, stop=[stop], settings={"learning_rate": 0.1, "layers": [3, 3]})  # OK
Trainer(step(), train_loader=loader, stop=[stop], settings=None)  # OK
Trainer(step(), train_loader=loader, stop=[stop], progress="auto")  # OK
Trainer(step(), train_loader=loader, stop=[stop], progress="bar")  # OK
Trainer(step(), train_loader=loader, stop=[stop], progress="lines")  # OK
Trainer(step(), train_loader=loader, stop=[stop], progress=False)  # OK
Trainer(step(), train_loader=loader, stop=[stop], progress="lines" if hooks else False)  # OK
Trainer(step(), train_loader=loader, stop=[stop], sanity=False)  # OK
