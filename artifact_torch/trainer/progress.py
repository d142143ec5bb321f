"""How a run shows where it is: a bar on a terminal or in a notebook, log lines everywhere."""

import logging
import sys
from collections.abc import Mapping
from typing import Literal, TypeAlias, final

from torch import Tensor

from artifact_torch.contracts import Moment
from artifact_torch.trainer.run import Run

_log = logging.getLogger("artifact_torch")


Mode: TypeAlias = Literal["auto", "bar", "lines", False]


@final
class Progress:
    """A bar of epochs with the newest scores, refreshed at most ten times a second."""

    def __init__(
        self, mode: Mode, n_batches: int, max_n_epochs: int | None, max_n_steps: int | None
    ) -> None:
        from tqdm.auto import tqdm

        notebook = "ipykernel" in sys.modules
        self._bar = tqdm(
            total=max_n_epochs,
            unit="epoch",
            mininterval=0.1,
            disable=not mode or not (notebook or (sys.stderr and sys.stderr.isatty())),
        )
        self.interval_s: float | None = 0.1

    def batches(self, epoch: int, n_done: int, loss: Tensor | None) -> None:
        """Within an epoch."""

    def moment(self, moment: Moment, scores: Mapping[str, float]) -> None:
        """After each moment, with the scores it produced."""
        if scores:
            text = ", ".join(f"{name}={value:.4g}" for name, value in scores.items())
            self._bar.set_postfix_str(text, refresh=False)
            _log.info("%s: %s", moment, text)
        if moment.ends_epoch and not moment.ends_run:
            self._bar.update()

    def say(self, text: str) -> None:
        """A line of its own."""

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def say_nothing_was_left(run: Run) -> None:
    """A call of `train()` that trained no epoch would look like one that did."""
    _log.warning(
        "train: nothing was left to train: %s; go on with stoppers that stop later, "
        "train(stop=[EpochBoundStopper(max_n_epochs=%d)])",
        run.stop_reason,
        run.state.n_epochs_elapsed + 10,
    )


def summarize(run: Run, run_folder: str | None) -> None:
    """One line about the whole run, with the place of its results."""
    _log.info(
        "%s: %d epochs, %d steps; %.1f s training, %.1f s validation, %.1f s else; results: %s",
        run.stop_reason,
        run.state.n_epochs_elapsed,
        run.state.n_steps,
        *run.seconds.values(),
        run_folder or "in memory",
    )
