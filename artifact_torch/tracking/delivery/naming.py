"""Which client a file in `tracking/` belongs to."""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Protocol, runtime_checkable

from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.tracking.delivery.standing import read_standing


@runtime_checkable
class _HasArguments(Protocol):
    @property
    def arguments(self) -> Mapping[str, str | None]: ...


def class_of(client: object) -> str:
    """`artifact_torch.tracking.mlflow:MLflowClient`."""
    return f"{type(client).__module__}:{type(client).__qualname__}"


def arguments_of(client: object) -> dict[str, str | None] | None:
    """What it was built with, if it says so as plain data (`arguments`)."""
    try:
        found: object = client.arguments if isinstance(client, _HasArguments) else None
    except Exception:  # noqa: BLE001 a client of anybody's
        return None
    if not is_mapping(found):
        return None
    plain = {str(key): value for key, value in found.items() if isinstance(value, str | None)}
    return plain if len(plain) == len(found) else None


def names_for(clients: Sequence[object], folder: Path) -> list[str]:
    """`mlflow` for the first `MLflowClient`, `mlflow-2` for another: the one that was called so
    when the folder was last used, where it was built with the same arguments.
    """
    names: list[str] = []
    for client in clients:
        base = re.sub(r"\W+", "_", type(client).__name__).lower()
        base = base.removesuffix("client").strip("_") or "client"
        numbered = (base if number == 1 else f"{base}-{number}" for number in count(1))
        names.append(next(n for n in numbered if n not in names and fits(client, folder, n)))
    return names


def fits(client: object, folder: Path, name: str) -> bool:
    """Whether what was delivered under that name went where `client` goes."""
    path = folder / "tracking" / f"{name}.json"
    known = read_standing(path)
    if known is None:
        return True  # none, or one that nobody can read: it is written anew
    mine = class_of(client), arguments_of(client)
    return (known.client, known.arguments) == mine
