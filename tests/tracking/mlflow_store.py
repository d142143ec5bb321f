"""What MLflow holds, read by its own client."""

from dataclasses import dataclass
from typing import Any

from mlflow.tracking import MlflowClient


@dataclass(frozen=True, kw_only=True)
class Stored:
    status: str
    run_name: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: list[str]
    """Their names."""


def store(uri: str) -> Any:  # Any: its own annotations are not complete
    return MlflowClient(uri)


def stored(uri: str, run_id: str) -> Stored:
    run = store(uri).get_run(run_id)
    return Stored(
        status=run.info.status,
        run_name=run.info.run_name,
        params=dict(run.data.params),
        tags=dict(run.data.tags),
        metrics=sorted(run.data.metrics),
    )


def history(uri: str, run_id: str, name: str) -> list[tuple[int, float, int]]:
    """Step, value and time in milliseconds, each time it is there."""
    found = store(uri).get_metric_history(run_id, name)
    return sorted((each.step, each.value, each.timestamp) for each in found)


def artifacts(uri: str, run_id: str, folder: str) -> list[str]:
    return [str(each.path) for each in store(uri).list_artifacts(run_id, folder)]


def run_ids(uri: str, experiment: str, filter_string: str = "") -> list[str]:
    client = store(uri)
    home = client.get_experiment_by_name(experiment).experiment_id
    found = client.search_runs([home], filter_string=filter_string)
    return [str(each.info.run_id) for each in found]
