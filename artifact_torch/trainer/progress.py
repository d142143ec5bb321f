"""How a run shows where it is: a bar on a terminal or in a notebook, log lines everywhere."""

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import final

from artifact_torch.contracts import Bounded
from artifact_torch.trainer.run import Run

_log = logging.getLogger("artifact_torch")


@final
class Progress:
    """A bar of epochs with the newest scores, refreshed at most ten times a second.

    Where standard error is no terminal the bar is silent; scores are logged at INFO in any case.
    """

    def __init__(self, stoppers: Sequence[object], n_epochs_elapsed: int, *, visible: bool) -> None:
        from tqdm.auto import tqdm

        bounds = [each.max_n_epochs for each in stoppers if isinstance(each, Bounded)]
        total = min((bound for bound in bounds if bound is not None), default=None)
        notebook = "ipykernel" in sys.modules
        self._bar = tqdm(
            total=total,
            initial=n_epochs_elapsed,
            unit="epoch",
            mininterval=0.1,
            disable=not visible or not (notebook or (sys.stderr and sys.stderr.isatty())),
        )

    def epoch(self, epoch: int, scores: Mapping[str, float]) -> None:
        """After each epoch, with the scores it produced."""
        if scores:
            text = ", ".join(f"{name}={value:.4g}" for name, value in scores.items())
            self._bar.set_postfix_str(text, refresh=False)
            _log.info("epoch %d: %s", epoch, text)
        self._bar.update()

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
