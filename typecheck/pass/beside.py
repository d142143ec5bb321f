"""Validation beside the training: how it is asked for, and what a step offers for it."""

from collections.abc import Callable
from functools import partial
from typing import Never, final

from artifact_torch import Beside, EpochBoundStopper, OptimizerStep, Trainer, averaged, ema, minutes, trainer_from_recipe
from artifact_torch.contracts import Portable, TrainerRecipe
from artifact_torch.validation.configuration import Where
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

loader, step = CodesLoader(), OptimizerStep(VAE(), optimizer=adam)
trainer = partial(Trainer[VAEInput, VAEOutput], step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)])
how: Where = "inline"

assert_type(Trainer(step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], validation="beside"), Trainer[VAEInput, VAEOutput])  # OK
trainer(validation="inline")  # OK
trainer(validation="auto")  # OK
trainer(validation=how)  # OK
trainer(validation=Beside())  # OK
trainer(validation=Beside(workers=2, staleness=1, pending=3, when_full="skip", memory_mib=2000, time_limit=minutes(5)))  # OK
trainer(validation=Beside(workers=None, memory_mib=None, time_limit=None, when_full="wait"))  # OK
assert_type(Beside().staleness, int)  # OK


def from_hooks(recipe: TrainerRecipe[VAEInput, VAEOutput]) -> None:
    assert_type(trainer_from_recipe(recipe, VAE(), train_loader=loader, validation=Beside(staleness=1)), Trainer[VAEInput, VAEOutput])  # OK


# a step of one's own that is sent without its optimizer
portable: Portable = step  # OK
also: Portable = averaged(step, ema(0.9))  # OK
evaluator: Callable[[Never], object] | None = step.evaluator()  # OK


@final
class Own:
    def evaluator(self) -> Callable[[VAEInput], VAEOutput]:
        return VAE().forward


own: Portable = Own()  # OK
