"""A learning rate that is searched for, and a trace of some updates."""

from collections.abc import Mapping
from pathlib import Path

from artifact_torch import AlternatingStep, ClosureStep, EpochBoundStopper, FoundRate, OptimizerStep, Profile, Trainer, averaged, ema, find_learning_rate
from artifact_torch.contracts import BatchCallback, Periodic, TrainingStep, Tunable, Tuned, Watching
from typecheck.common import VAE, CodesLoader, LossOutput, SeesMu, VAEInput, VAEOutput, adam, lbfgs
from typing_extensions import assert_type

loader = CodesLoader()
step = OptimizerStep(VAE(), optimizer=adam)


def of_any(step: TrainingStep[VAEInput, LossOutput]) -> float:
    return find_learning_rate(step, loader).suggestion  # OK


assert_type(find_learning_rate(step, loader), FoundRate)  # OK
assert_type(find_learning_rate(step, loader, lowest=1e-6, highest=10, n_updates=50).suggestion, float)  # OK
find_learning_rate(averaged(step, ema(0.9)), loader)  # OK
find_learning_rate(ClosureStep(VAE(), optimizer=lbfgs), loader)  # OK
FoundRate(rates=[0.1], losses=(1.0,), n_left_out=0)  # OK

tunable: Tunable = step  # OK
tuned: Tuned = tunable  # OK


def alternating(step: AlternatingStep[VAEInput, VAEOutput]) -> Tunable:
    return step  # OK


class Own:
    """What a step of one's own has to have."""

    learning_rates: Mapping[str, float]

    def hold_rates(self, given: Mapping[str, float] | None) -> None: ...


own: Tunable = Own()  # OK
profile = Profile("trace.json", after=3, n_updates=2)
sees: BatchCallback[VAEInput, VAEOutput] = profile  # OK
watches: Watching = Profile(Path("trace.json"))  # OK
periodic: Periodic = profile  # OK
assert_type(Trainer(step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], callbacks=[profile, SeesMu()]), Trainer[VAEInput, VAEOutput])  # OK
