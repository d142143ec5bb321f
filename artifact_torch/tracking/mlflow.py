"""The results of a run in MLflow, by step."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, final
from uuid import uuid4, uuid5

from artifact_torch.internal.environment import environment
from artifact_torch.internal.extras import require
from artifact_torch.internal.safe_names import SafeNames
from artifact_torch.tracking.mlflow_calls import (
    absolute,
    continued,
    experiment_id,
    new,
    unfinished,
    upload,
)
from artifact_torch.tracking.values import files, scalars, values_of

if TYPE_CHECKING:  # the process that calls it does without torch
    from collections.abc import Mapping, Sequence

    from artifact_torch.contracts.tracking import Ending, Recorded, RunIdentity

# of a batch, of a name, of a text: as MLflow says
_MOST_METRICS, _MOST_PARAMS, _LONGEST_NAME, _LONGEST = 1000, 100, 240, 5000
# a server that is dead or hangs is said so after 10 s, not after four minutes of MLflow's retries
_IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
_STATUS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}


@final
class MLflowClient:
    """Scores as metrics by step, "epoch" among them, at the time they were recorded; settings as
    params; plots and arrays as artifacts `plots/<name>/step_00012000.png`; needs the extra `mlflow`.
    What is in a collection is called `name/key`, other characters than letters, digits, `_`, `-`,
    `.` become `_`.

    The run is called `run_name`, by default as the run folder, in the experiment of that name, where
    `tracking_uri` says, by default where MLflow itself looks (MLFLOW_TRACKING_URI). It is continued
    under its id, and ends FINISHED, FAILED or KILLED with the tag "ended" saying why. MLflow takes
    nothing back: what it has at a name and step stays, a setting that changed is a tag
    `changed.<name>`. Raises `MissingExtraError` without the extra.
    """

    def __init__(
        self, *, experiment: str, run_name: str | None = None, tracking_uri: str | None = None
    ) -> None:
        require("mlflow", extra="mlflow", thing="MLflowClient")
        self._experiment, self._run_name = experiment, run_name
        self._uri = None if tracking_uri is None else absolute(tracking_uri)
        self._names, self._id = defaultdict[str, SafeNames](SafeNames), uuid4()
        self._client: Any = None  # Any: its own annotations are not complete
        self._entities: Any = None  # Any: as above
        self._home = self._token = self._run_id = ""
        self._newest = -1
        self._there: dict[str, set[int]] | None = None  # steps by metric, where any may be there

    @property
    def arguments(self) -> Mapping[str, str | None]:
        """What it was built with."""
        run_name, uri = self._run_name, self._uri
        return {"experiment": self._experiment, "run_name": run_name, "tracking_uri": uri}

    def begin(self, run: RunIdentity, /) -> Mapping[str, str]:
        with environment(_IMPATIENT):
            self._entities = import_module("mlflow.entities")
            client = self._client = import_module("mlflow.tracking").MlflowClient(self._uri)
            self._token = uuid5(self._id, str(run.folder)).hex
            self._home = experiment_id(client, self._experiment)
            kept, name = run.kept.get("run_id", ""), self._run_name or run.name
            ids = [kept] if kept and continued(client, kept) else self._unfinished()
            self._there, self._newest = {} if ids else None, -1
            self._names.clear()
            self._run_id = ids[0] if ids else new(client, self._home, self._token, name)
            return {"run_id": self._run_id}

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        with environment(_IMPATIENT):
            texts = {self._path("params", key): str(settings[key])[:_LONGEST] for key in settings}
            there = self._client.get_run(self._run_id).data.params
            changed = {key: text for key, text in texts.items() if there.get(key, text) != text}
            params = [self._entities.Param(key, texts[key]) for key in texts if key not in there]
            tags = [self._entities.RunTag(f"changed.{key}", text) for key, text in changed.items()]
            for i in range(0, max(len(params), len(tags)), _MOST_PARAMS):
                batch = slice(i, i + _MOST_PARAMS)
                self._client.log_batch(self._run_id, params=params[batch], tags=tags[batch])

    def log_results(self, results: Sequence[Recorded], /) -> None:
        with environment(_IMPATIENT):
            try:
                for step, group in groupby(results, lambda each: each.step):
                    self._log(step, list(group))
            except BaseException:
                self._there = {}  # some of it may have arrived
                raise

    def log_file(self, path: Path, name: str, /) -> None:
        with environment(_IMPATIENT):
            self._upload(Path("files", name), path)

    def end(self, how: Ending, reason: str, /) -> None:
        with environment(_IMPATIENT):
            self._client.set_tag(self._run_id, "ended", (reason or how)[:_LONGEST])
            self._client.set_terminated(self._run_id, _STATUS[how])
            for run_id in self._unfinished():
                self._client.delete_run(run_id)  # empty, of a `begin` that was answered too late

    def _log(self, step: int, results: Sequence[Recorded]) -> None:
        if step <= self._newest:  # after a `restore()`, or what the last moment left out
            self._there = {}
        at, epoch = round(results[0].time * 1000), float(results[0].epoch)
        numbers = {"epoch": epoch, **scalars(results, reserved=("epoch",))}
        paths = {self._path("metrics", name): number for name, number in numbers.items()}
        metrics = [
            self._entities.Metric(path, number, at, step)
            for path, number in paths.items()
            if not self._has(path, step)
        ]
        for i in range(0, len(metrics), _MOST_METRICS):
            self._client.log_batch(self._run_id, metrics=metrics[i : i + _MOST_METRICS])
        for name, file in files(results).items():
            path = Path("plots", self._path("plots", name), f"step_{step:08d}{file.suffix}")
            self._upload(path, file)
        for name, array in values_of(results, "array").items():
            self._upload(Path("arrays", self._path("arrays", name), f"step_{step:08d}.npy"), array)
        self._newest = step

    def _has(self, metric: str, step: int) -> bool:
        """Whether the server may have it, and has: it is asked once for all steps of a metric."""
        if self._there is None:
            return False
        if metric not in self._there:
            history = self._client.get_metric_history(self._run_id, metric)
            self._there[metric] = {each.step for each in history}
        return step in self._there[metric]

    def _upload(self, where: Path, source: object) -> None:
        upload(self._client, self._run_id, where, source)

    def _unfinished(self) -> list[str]:
        return unfinished(self._client, self._home, self._token)

    def _path(self, kind: str, name: str) -> str:
        names, parts = self._names[kind], name.split("/")
        path = "/".join(names.of([part])[part] for part in parts)
        return path if len(path) <= _LONGEST_NAME else names.of([name])[name]
