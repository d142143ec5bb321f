"""One set of hooks that trains every model of a domain."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from artifact_torch.contracts.callback import BatchCallback, StepCallback
from artifact_torch.contracts.checkpoint import Checkpointer
from artifact_torch.contracts.data import BatchSource
from artifact_torch.contracts.io import InT, OutT
from artifact_torch.contracts.model import Model
from artifact_torch.contracts.routine import LoaderRoutine
from artifact_torch.contracts.step import TrainingStep
from artifact_torch.contracts.stopping import EarlyStopper, ModelTracker, RunState


@runtime_checkable
class TrainerRecipe(Protocol[InT, OutT]):
    """How to train any model that takes In and gives at least Out. Read by `trainer_from_recipe`.

    Name the least output that the hooks read: one recipe then serves every model of its domain.
    Any class with these methods will do. One that names this protocol as its base inherits the
    defaults below and writes only `step` and `stop`.
    """

    def step(self, model: Model[InT, OutT], /) -> TrainingStep[InT, OutT]:
        """What trains the model: `OptimizerStep(model, optimizer=...)`, or a step of your own."""
        ...

    def stop(self) -> Sequence[EarlyStopper[RunState]]:
        """When to stop: the first that says so."""
        ...

    def best(self) -> ModelTracker[RunState] | None:
        """Which epoch is best."""
        return None

    def callbacks(self) -> Sequence[BatchCallback[InT, OutT] | StepCallback]:
        """What sees the batches of the training, and the training itself."""
        return ()

    def checkpointer(self) -> Checkpointer | None:
        return None

    def train_loader_routine(self, loader: BatchSource[InT], /) -> LoaderRoutine[InT, OutT] | None:
        return None

    def validation_loader_routine(
        self, loader: BatchSource[InT], /
    ) -> LoaderRoutine[InT, OutT] | None:
        """Asked only when a validation loader was given."""
        return None
