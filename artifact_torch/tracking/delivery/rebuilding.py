"""Clients that can be built again from what a run folder says of them: ours, and no others."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from artifact_torch.contracts import ResultsClient
from artifact_torch.errors import ConfigurationError

SHIPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "artifact_torch.tracking.csv_client:CsvClient": "csv",
        "artifact_torch.tracking.mlflow:MLflowClient": "mlflow",
        "artifact_torch.tracking.tensorboard:TensorBoardClient": "tensorboard",
        "artifact_torch.tracking.wandb:WandbClient": "wandb",
    }
)
"""Each class to what its first client in a folder is called."""


def rebuilt(place: str, arguments: Mapping[str, str | None]) -> ResultsClient:
    """A client of that class (`module:name`), built with keywords.

    Raises `ConfigurationError` for another class than ours, or arguments that it does not take, and
    what the class raises (`MissingExtraError`).
    """
    if place not in SHIPPED:
        raise ConfigurationError(
            f"{place or 'a client without a name'} is not one of {', '.join(SHIPPED.values())}, "
            "the clients that can be built again; continue the run with it"
        )
    module, _, name = place.partition(":")
    try:
        client: object = getattr(import_module(module), name)(**arguments)
    except TypeError as error:
        raise ConfigurationError(f"{name} cannot be built: {error}") from error
    if not isinstance(client, ResultsClient):
        raise ConfigurationError(f"{name} does not fit ResultsClient")
    return client
