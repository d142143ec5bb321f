"""A run that goes on: where it is kept, what ends and what guards it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from artifact_torch import AlternatingStep, ClosureStep, EpochBoundStopper, FolderCheckpointer, MLflowClient, OptimizerStep, Part, RunFolder, Trainer, TrainingResult, minutes, new_run, steps, trainer_from_recipe
from artifact_torch.contracts import Checkpointer, Continued, Drained, Every, Moment, RunState, TrainerRecipe, Turn
from artifact_torch.trainer.replay import Replayed
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam, lbfgs
from typing_extensions import assert_type

loader, step = CodesLoader(), OptimizerStep(VAE(), optimizer=adam)
trainer = partial(Trainer[VAEInput, VAEOutput], step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)])
often: list[Every] = [1, steps(500), minutes(10)]

Trainer(step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], run_folder="runs/vae")  # OK
assert_type(Trainer(step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], run_folder=Path("runs") / "vae", checkpoint_every=[1, minutes(10)], tracking_clients=[MLflowClient(experiment="x")]), Trainer[VAEInput, VAEOutput])  # OK
trainer(run_folder=RunFolder("runs/vae", plots="svg", dpi=150, keep=None, strict=True))  # OK
trainer(run_folder=new_run("runs"))  # OK
trainer(run_folder=None)  # OK
trainer(run_folder="runs/vae", checkpoint_every=5)  # OK
trainer(run_folder="runs/vae", checkpoint_every=steps(500))  # OK
trainer(run_folder="runs/vae", checkpoint_every=often)  # OK
trainer(run_folder="runs/vae", checkpoint_every=(1, minutes(10)))  # OK
trainer(run_folder="runs/vae", checkpointer=FolderCheckpointer("elsewhere", every=steps(100), keep=None, strict=True))  # OK
trainer(run_folder="runs/vae", grace_s=120.0)  # OK
trainer(run_folder="runs/vae", grace_s=120)  # OK
trainer(on_failure="raise")  # OK
trainer(on_failure="disable", time_limit=minutes(5))  # OK
trainer(time_limit=None)  # OK


def from_hooks(recipe: TrainerRecipe[VAEInput, VAEOutput]) -> None:
    assert_type(trainer_from_recipe(recipe, VAE(), train_loader=loader, run_folder="runs/vae", checkpoint_every=[1, minutes(10)], grace_s=60.0, on_failure="disable", time_limit=minutes(5)), Trainer[VAEInput, VAEOutput])  # OK


# going on, and going back
kept = trainer(run_folder="runs/vae")
assert_type(kept.restore(), RunState)  # OK
assert_type(kept.restore("best"), RunState)  # OK
assert_type(kept.restore("runs/other"), RunState)  # OK
assert_type(kept.restore(Path("runs") / "other", step=500), RunState)  # OK
assert_type(kept.restore("runs/other", epoch=3), RunState)  # OK
kept.restore(epoch=3, step=150)  # OK

# once more
assert_type(kept.replay(137, folder="runs/vae"), Replayed)  # OK
assert_type(kept.replay(137, folder=Path("runs/vae")).losses, list[float])  # OK
assert_type(kept.replay(137, folder="runs/vae").same_batch, bool | None)  # OK
assert_type(kept.replay(137, folder="runs/vae").gradient_norms, Mapping[str, float])  # OK
print(kept.replay(137, folder="runs/vae"))  # OK

# what came of it
result: TrainingResult = kept.train()
assert_type(result.run_folder, str | None)  # OK
assert_type(result.outages, Mapping[str, str])  # OK
assert_type(result.failures, Mapping[str, str])  # OK

# numbers that are not finite
assert_type(OptimizerStep(VAE(), optimizer=adam, nonfinite="raise"), OptimizerStep[VAEInput, VAEOutput])  # OK
assert_type(OptimizerStep(VAE(), optimizer=adam, nonfinite="skip").n_skipped, int)  # OK
ClosureStep(VAE(), optimizer=lbfgs, nonfinite="skip")  # OK


def alternating(play: "Plays") -> None:
    AlternatingStep(play.model, play=play, parts={"all": Part(play.model, optimizer=adam)}, nonfinite="skip")  # OK


class Plays:
    model: VAE

    def __call__(self, batch: VAEInput, turn: Turn, /) -> VAEOutput:
        raise NotImplementedError


# a checkpointer of one's own
class InTheBackground:
    """It is told where training goes on, and is waited for at the end."""

    def is_due(self, moment: Moment) -> bool:
        return moment.ends_epoch

    def save(self, moment: Moment, state: Mapping[str, object]) -> None: ...
    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}

    def begin(self, step: int, state: Mapping[str, object]) -> None: ...
    def drain(self, timeout_s: float) -> None: ...


class TakesMore:
    """It asks for less and takes more."""

    def begin(self, step: object, state: object, at: Sequence[int] = ()) -> None: ...
    def drain(self, timeout_s: float = 60.0, *, loudly: bool = False) -> None: ...


def keeps(checkpointer: Checkpointer, /) -> None: ...
def goes_on(part: Continued, /) -> None: ...
def is_waited_for(part: Drained, /) -> None: ...


keeps(InTheBackground())  # OK
goes_on(InTheBackground())  # OK
is_waited_for(InTheBackground())  # OK
goes_on(FolderCheckpointer("run"))  # OK
is_waited_for(FolderCheckpointer("run"))  # OK
goes_on(TakesMore())  # OK
is_waited_for(TakesMore())  # OK
trainer(checkpointer=InTheBackground())  # OK
