"""The results of a run in Weights & Biases."""

from __future__ import annotations

import glob
import logging
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Any, final
from uuid import uuid4, uuid5

from artifact_torch.internal.extras import require
from artifact_torch.tracking.values import files, finite_arrays, scalars

if TYPE_CHECKING:  # the process that calls it does without torch
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity

_log = logging.getLogger(__name__)

_EXIT_CODES: Mapping[str, int] = {"finished": 0, "failed": 1, "killed": 255}  # 255: as for Ctrl-C


@final
class WandbClient:
    """Scores, images of plots (PNG alone) and histograms of arrays over the step, with epoch and
    seconds beside them; needs the extra `wandb`. What is in a collection is called `name/key`.

    Each argument is one of `wandb.init`, `run_name` its name (by default that of the run folder).
    A run is continued under its id, offline as files that `wandb sync` joins. W&B takes no step
    behind its newest: what comes again after a `restore()` is left out, and that is said once.
    Raises `MissingExtraError` without the extra; `begin` what `wandb.init` raises.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        entity: str | None = None,
        group: str | None = None,
        run_name: str | None = None,
        mode: str | None = None,
    ) -> None:
        require("wandb", extra="wandb", thing="WandbClient")
        self._init = {"project": project, "entity": entity, "group": group, "mode": mode}
        self._run_name = run_name
        self._id = uuid4()
        self._run: Any = None  # Any: W&B is not among what we are checked with
        self._has_told = False

    @property
    def arguments(self) -> Mapping[str, str | None]:
        """What it was built with."""
        return {**self._init, "run_name": self._run_name}

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        wandb: Any = import_module("wandb")  # Any: as above
        self._run = wandb.init(
            **self._init,
            name=self._run_name or run.name,
            # one for a new run, also where this is called again
            id=run.kept.get("id", uuid5(self._id, str(run.folder)).hex),
            resume="allow",
            settings=wandb.Settings(console="off"),  # what this process prints is not the run's
        )
        self._has_told = False
        return {"id": self._run.id}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        self._run.config.update(dict(settings), allow_val_change=True)

    def log_results(self, results: Sequence[Recorded], /) -> None:
        wandb: Any = import_module("wandb")  # Any: as above
        for (epoch, step), group in groupby(results, lambda each: (each.epoch, each.step)):
            moment = list(group)
            if step < self._run.step:
                self._tell(step)
                continue
            place: dict[str, object] = {"epoch": epoch, "seconds": moment[0].seconds}
            arrays, plots = finite_arrays(moment), files(moment, suffix=".png")
            values = {
                **place,
                **scalars(moment, reserved=place),
                **{name: wandb.Image(str(path)) for name, path in plots.items()},
                **{name: wandb.Histogram(array) for name, array in arrays.items()},
            }
            self._run.log(values, step=step)

    def log_file(self, path: Path, _name: str, /) -> None:
        self._run.save(glob.escape(str(path)), base_path=str(path.parent), policy="now")

    def end(self, how: Ending, reason: str, /) -> None:
        self._run.summary["ended"] = reason or how
        self._run.finish(exit_code=_EXIT_CODES[how])
        self._id = uuid4()

    def _tell(self, step: int) -> None:
        if not self._has_told:
            newest = self._run.step
            what = "W&B takes no step before %d: the results of step %d are left out, and so are"
            _log.warning(f"{what} all to come before it.", newest, step)
            self._has_told = True
