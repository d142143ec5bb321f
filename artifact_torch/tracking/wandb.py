"""The results of a run in Weights & Biases."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.internal.extras import from_extra
from artifact_torch.tracking.values import finite_arrays, scalars, values_of


@final
class WandbClient:
    """Scores, images of plots and histograms of arrays over the step, with epoch and seconds beside
    them; needs the extra `wandb`. What is in a collection is called `name/key`.

    Takes what `wandb.init` takes: `WandbClient(project="mine", mode="offline")`. `run` is W&B's own;
    it ends with the process, in a notebook by `client.run.finish()`. W&B drops steps that lie behind
    its newest: after a `restore()` give the trainer a new client. Raises `MissingExtraError` without
    the extra, and what `wandb.init` raises.
    """

    def __init__(self, **init: object) -> None:
        with from_extra("wandb", "WandbClient"):
            self._wandb: Any = import_module("wandb")  # Any: not among what we are checked with
        self.run: Any = self._wandb.init(**init)  # Any: as above

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        place: dict[str, object] = {"epoch": moment.epoch, "seconds": moment.seconds}
        plots = values_of(results, ResultKind.PLOT)
        if plots:
            import_module("matplotlib.pyplot")  # W&B takes for granted that a figure came of it
        arrays = finite_arrays(results)
        self.run.log(
            {
                **place,
                **scalars(results, reserved=place),
                **{name: self._wandb.Image(plot) for name, plot in plots.items()},
                **{name: self._wandb.Histogram(array) for name, array in arrays.items()},
            },
            step=moment.step,
        )

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self.run.config.update(dict(settings), allow_val_change=True)

    def flush(self) -> None:
        self.run.log({}, commit=True)  # W&B keeps the newest step open for more
