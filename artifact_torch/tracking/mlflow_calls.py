"""Calls of MLflow's client: which run it is, and a file under a name."""

from __future__ import annotations

import logging
import shutil
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from artifact_torch.internal.environment import environment

_log = logging.getLogger(__name__)

_TAG = "artifact_torch_id"


def absolute(uri: str) -> str:
    """The same folder or database, wherever it is asked for."""
    for scheme in ("file:", "sqlite:///"):
        path = uri.removeprefix(scheme)
        if path != uri and not path.startswith("/"):
            return scheme + Path(path).absolute().as_posix()
    return uri


def experiment_id(client: Any, name: str) -> str:  # Any: MLflow's own annotations are not complete
    """Made if it is not there."""
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def continued(client: Any, run_id: str) -> bool:  # Any: as above
    """Whether that run is there; it is RUNNING again. One that is not is told."""
    errors: Any = import_module("mlflow.exceptions")  # Any: as above
    try:
        is_there = bool(client.get_run(run_id).info.lifecycle_stage == "active")
    except errors.MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        is_there = False
    if is_there:
        client.update_run(run_id, status="RUNNING")
    else:
        _log.warning("MLflow has no run %s any more: a new one is made.", run_id)
    return is_there


def unfinished(client: Any, home: str, token: str) -> list[str]:  # Any: as above
    """Ids of the runs that were made with `token` and did not end: the answer was lost."""
    asked = f"tags.{_TAG} = '{token}' and attributes.status = 'RUNNING'"
    return [str(each.info.run_id) for each in client.search_runs([home], filter_string=asked)]


def new(client: Any, home: str, token: str, name: str) -> str:  # Any: as above
    """The id of a run that was made now."""
    return str(client.create_run(home, run_name=name, tags={_TAG: token}).info.run_id)


def upload(client: Any, run_id: str, where: Path, source: object) -> None:  # Any: as above
    """A file, or an array as one, under the name and in the folder that `where` says."""
    # MLflow 2.22 asks for the artifacts of a server where its global address is, not the client's
    there = environment({"MLFLOW_TRACKING_URI": client.tracking_uri}, replace=True)
    with TemporaryDirectory() as scratch, there:
        file = Path(scratch, where.name)  # MLflow takes the name of the file
        if isinstance(source, Path):
            shutil.copyfile(source, file)
        else:
            np.save(file, np.asarray(source), allow_pickle=False)
        client.log_artifact(run_id, str(file), where.parent.as_posix())
