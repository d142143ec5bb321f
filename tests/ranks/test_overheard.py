"""What the processes of a run warn of, where a program says nothing of logging."""

import io
import logging
import sys

from artifact_torch import DataLoader, EpochBoundStopper, TensorTable, Trainer
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import in_ranks
from tests.ranks.toy_steps import Line, step_of
from tests.toys import Fit, Points, points

_log = logging.getLogger("artifact_torch.of_a_part")


class Warns:
    """Of what all have seen, and of what the second one has."""

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        if step == 1:
            _log.warning("on each")
            if ranks().rank:
                _log.warning("on the second")


def written() -> str:
    """To standard error, by a run of this process."""
    logging.getLogger().handlers.clear()
    sys.stderr = io.StringIO()
    Trainer(
        step_of(Line()),
        train_loader=DataLoader(TensorTable(points(32)), batch_size=8),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        callbacks=[Warns()],
        progress=False,
    ).train()
    return sys.stderr.getvalue()


def test_without_a_handler_the_first_writes_the_warnings_of_all() -> None:
    first, second = in_ranks(2, written)
    assert first.splitlines() == ["on each", "rank 1: on the second"]
    assert second == ""
