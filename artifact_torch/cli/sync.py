"""`artifact-torch sync`: what a tracking client of a run missed is delivered to it."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artifact_torch.cli.reports.findings import CannotCheckError

if TYPE_CHECKING:
    from artifact_torch.tracking.delivery.deliver import Deliverer

ABOUT: Final = """\
Delivers to a tracking client what a run recorded and the client does not have: after an outage, or
to a client that the run never had. Nothing is sent twice.

The client is built as the run built it (tracking/NAME.json in its folder has the arguments); the
options say otherwise, or say it for a new one.

examples:
  artifact-torch sync runs/vae --to mlflow
  artifact-torch sync runs/vae --to mlflow --uri http://host:5000 --experiment vae
  artifact-torch sync runs/vae --to tensorboard --folder boards/vae

exit status:
  0  the client has everything        1  it could not be delivered        2  nothing to do it with
"""

_ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "csv": {"file": "path"},
    "mlflow": {"experiment": "experiment", "run_name": "run_name", "uri": "tracking_uri"},
    "tensorboard": {"folder": "folder"},
    "wandb": {"project": "project", "run_name": "run_name"},
}
"""Of each client: option to argument."""

_OPTIONS: Final[Mapping[str, str]] = {
    "uri": "mlflow: where its server is",
    "experiment": "mlflow: the experiment, needed for a new one",
    "run_name": "mlflow, wandb: what the run is called there",
    "folder": "tensorboard: the folder of its files, needed for a new one",
    "project": "wandb: the project",
    "file": "csv: the file, needed for a new one",
}


def add_options(sync: argparse.ArgumentParser) -> None:
    """What can be written after `artifact-torch sync`."""
    sync.add_argument("of_run", metavar="RUN", help="the folder of the run")
    sync.add_argument(
        "--to",
        required=True,
        metavar="NAME",
        help=f"{', '.join(_ARGUMENTS)}; mlflow-2 is the second of a run, as in its tracking folder",
    )
    for option, about in _OPTIONS.items():
        sync.add_argument(f"--{option.replace('_', '-')}", help=about)
    sync.set_defaults(run=_sync)


def _sync(options: argparse.Namespace) -> tuple[str, int]:
    from artifact_torch.tracking.delivery.backlog import waiting  # loads numpy

    folder, to = Path(options.of_run).absolute(), str(options.to)
    if not (folder / "record.jsonl").is_file():
        raise CannotCheckError(f"{options.of_run} is no folder of a run: it has no record.jsonl")
    name, deliverer = _deliverer(folder, to, _given(options, to.partition("-")[0]))
    try:
        is_done = deliverer.deliver(at_once=True) and _closed(folder, deliverer)
    finally:
        deliverer.release()
    text = f"{options.of_run}: {deliverer.n_delivered} results delivered to {name}"
    if is_done:
        return f"{text}, which has everything\n", 0
    outage = deliverer.outage
    why = outage.cause if outage else "another process delivers them, the run seems to go on"
    return f"{text}, {waiting(folder, name)} are left: {why}\n", 1


def _given(options: argparse.Namespace, kind: str) -> dict[str, str]:
    """The arguments that the command line has."""
    if kind not in _ARGUMENTS:
        raise CannotCheckError(
            f"--to: there is no client {kind}; known are {', '.join(_ARGUMENTS)}"
        )
    given = {name: str(getattr(options, name)) for name in _OPTIONS if getattr(options, name)}
    for name in given.keys() - _ARGUMENTS[kind].keys():
        raise CannotCheckError(f"--{name.replace('_', '-')} is not for {kind}")
    return {_ARGUMENTS[kind][name]: value for name, value in given.items()}


def _deliverer(folder: Path, to: str, given: Mapping[str, str]) -> "tuple[str, Deliverer]":
    """What the delivery is called, and who makes it."""
    from artifact_torch.errors import ConfigurationError
    from artifact_torch.tracking.delivery.deliver import Deliverer
    from artifact_torch.tracking.delivery.naming import fits, names_for
    from artifact_torch.tracking.delivery.rebuilding import SHIPPED, rebuilt
    from artifact_torch.tracking.delivery.standing import read_standing

    known = read_standing(folder / "tracking" / f"{to}.json")
    (place,) = [each for each, name in SHIPPED.items() if name == to.partition("-")[0]]
    before = known.arguments or {} if known is not None and known.client == place else {}
    try:
        client = rebuilt(place, {**before, **given})
    except (ConfigurationError, ImportError) as error:
        raise CannotCheckError(f"--to {to}: {error}") from error
    name = to if fits(client, folder, to) else names_for([client], folder)[0]
    return name, Deliverer(client, folder, name)


def _closed(folder: Path, deliverer: "Deliverer") -> bool:
    """The client is told of a process that trained and died, since the record cannot say so."""
    from artifact_torch.run_folder.status import read_status

    status = read_status(folder)
    if status is None or status.status != "died":
        return True
    return deliverer.close("killed", "the process that trained is gone")
