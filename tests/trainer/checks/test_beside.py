"""What a part has beside its contract, and not as the trainer calls it, is refused where it is built."""

from collections.abc import Mapping

import pytest

from artifact_torch import EpochBoundStopper, OptimizerStep, Trainer
from artifact_torch.contracts import Moment
from artifact_torch.errors import ContractError
from tests.toys import seeded_regression
from tests.trainer.composed import SGD, source


class Keeps:
    """A checkpointer."""

    def is_due(self, moment: Moment, /) -> bool:
        return False

    def save(self, moment: Moment, state: Mapping[str, object], /) -> None: ...

    def load(self, *, epoch: int | None = None, step: int | None = None) -> Mapping[str, object]:
        return {}


class BeginsWithoutState(Keeps):
    def begin(self, step: int) -> None: ...


class DrainsForEver(Keeps):
    def drain(self) -> None: ...


@pytest.mark.parametrize(
    ("checkpointer", "said"),
    [
        (BeginsWithoutState(), "does not satisfy Continued:\n  - begin: "),
        (DrainsForEver(), "does not satisfy Drained:\n  - drain: "),
    ],
)
def test_a_checkpointer(checkpointer: Keeps, said: str) -> None:
    with pytest.raises(ContractError) as refused:
        Trainer(
            OptimizerStep(seeded_regression(), optimizer=SGD),
            train_loader=source(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
            checkpointer=checkpointer,
        )
    assert f"checkpointer= {type(checkpointer).__name__} {said}" in str(refused.value)
