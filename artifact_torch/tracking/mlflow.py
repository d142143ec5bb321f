"""The results of a run in MLflow, by step."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from time import time
from typing import Any, final

from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.safe_names import SafeNames
from artifact_torch.tracking.values import scalars, values_of

_MOST_METRICS, _MOST_PARAMS = 1000, 100  # in one batch, as MLflow says


@final
class MLflowClient:
    """Scores as metrics by step, "epoch" among them, settings as params, plots as artifacts
    `plots/<name>/step_00012000.png`; needs the extra `mlflow`. What is in a collection is called
    `name/key`, arrays are not kept, other characters than letters, digits, `_`, `-`, `.` become `_`.

    Makes a run at once, in the experiment of that name, where `tracking_uri` says, by default where
    MLflow itself looks (MLFLOW_TRACKING_URI). It is FINISHED when `train()` ends, for whatever
    reason. `run_id` is MLflow's. Raises `MissingExtraError` without the extra, and what MLflow
    raises where it cannot make a run.
    """

    def __init__(
        self, *, experiment: str, run_name: str | None = None, tracking_uri: str | None = None
    ) -> None:
        with from_extra("mlflow", "MLflowClient"):
            # Any: its own annotations are not complete
            self._entities: Any = import_module("mlflow.entities")
            tracking: Any = import_module("mlflow.tracking")  # Any: as above
        self._client: Any = tracking.MlflowClient(tracking_uri=tracking_uri)  # Any: as above
        found = self._client.get_experiment_by_name(experiment)
        is_there = found is not None
        home = found.experiment_id if is_there else self._client.create_experiment(experiment)
        self.run_id: str = self._client.create_run(home, run_name=run_name).info.run_id
        self._names = SafeNames()
        self._is_running = True

    def log_results(self, results: Sequence[Result | Failure], moment: Moment, /) -> None:
        if not self._is_running:  # train() was called again
            self._client.update_run(self.run_id, status="RUNNING")
            self._is_running = True
        numbers = {"epoch": float(moment.epoch), **scalars(results, reserved=("epoch",))}
        now = round(time() * 1000)
        metrics = [
            self._entities.Metric(self._path(name), number, now, moment.step)
            for name, number in numbers.items()
        ]
        for start in range(0, len(metrics), _MOST_METRICS):
            batch = metrics[start : start + _MOST_METRICS]
            self._client.log_batch(self.run_id, metrics=batch)
        for name, figure in values_of(results, ResultKind.PLOT).items():
            file = f"plots/{self._path(name)}/step_{moment.step:08d}.png"
            self._client.log_figure(self.run_id, figure, file)

    def log_settings(self, settings: Mapping[str, object], /) -> None:
        params = [self._entities.Param(self._path(key), str(settings[key])) for key in settings]
        for start in range(0, len(params), _MOST_PARAMS):
            self._client.log_batch(self.run_id, params=params[start : start + _MOST_PARAMS])

    def flush(self) -> None:
        self._client.set_terminated(self.run_id, "FINISHED")
        self._is_running = False

    def _path(self, name: str) -> str:
        parts = name.split("/")
        safe = self._names.of(parts)
        return "/".join(safe[part] for part in parts)
