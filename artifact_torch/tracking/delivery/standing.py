"""Where the delivery to one client stands: a small file, replaced after each call."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import final

from artifact_torch.internal.disk import read_json, write_json
from artifact_torch.internal.narrowing import is_list, is_mapping

VERSION = 1


@final
@dataclass(kw_only=True)
class Standing:
    """As `tracking/<name>.json` has it."""

    client: str = ""
    """Its class: `artifact_torch.tracking.mlflow:MLflowClient`."""
    arguments: dict[str, str | None] | None = None
    """What it was built with, where it says so: then `artifact-torch sync` can build it again."""
    kept: dict[str, str] = field(default_factory=dict[str, str])
    """What `begin` returned."""
    offset: int = 0
    """Bytes of the record that are delivered."""
    sending: int | None = None
    """The end of what is being sent. After a kill nobody knows whether the client has it."""
    steps: dict[str, int] = field(default_factory=dict[str, int])
    """The newest delivered step of each result, by kind and name."""
    dropped: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    """Parts of the record (from, to) of which nothing beyond a step was delivered: a future that
    was left behind before it was sent.
    """
    settings: str = ""
    """A digest of those that were delivered."""
    run: str = "new"
    """What the client was told of the run: nothing yet ("new"), "begun", or how it ended."""
    outage: dict[str, object] | None = None
    """Since when (seconds since 1970) the client fails, and why."""


def read_standing(path: Path) -> Standing | None:
    """None where there is none, or none that can be understood."""
    try:
        found = read_json(path)
    except OSError:
        return None
    if not is_mapping(found) or found.get("version") != VERSION:
        return None
    offset, sending = found.get("offset"), found.get("sending")
    outage, arguments = found.get("outage"), found.get("arguments")
    return Standing(
        client=str(found.get("client", "")),
        arguments=_arguments(arguments) if is_mapping(arguments) else None,
        kept={key: str(value) for key, value in _mapping(found.get("kept")).items()},
        offset=offset if isinstance(offset, int) and offset >= 0 else 0,
        sending=sending if isinstance(sending, int) else None,
        steps={k: v for k, v in _mapping(found.get("steps")).items() if isinstance(v, int)},
        dropped=_triples(found.get("dropped")),
        settings=str(found.get("settings", "")),
        run=str(found.get("run", "new")),
        outage=_mapping(outage) if is_mapping(outage) else None,
    )


def write_standing(path: Path, standing: Standing, *, durably: bool) -> None:
    """In the place of the old one at once: a process that is killed leaves one of the two.

    `durably` also where the machine is. Raises `OSError`.
    """
    content = {"version": VERSION, **asdict(standing)}
    write_json(path, content, durable=durably, indent=None)


def _mapping(value: object) -> dict[str, object]:
    return {str(key): each for key, each in value.items()} if is_mapping(value) else {}


def _arguments(value: Mapping[object, object]) -> dict[str, str | None]:
    return {str(k): v for k, v in value.items() if v is None or isinstance(v, str)}


def _triples(value: object) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for each in value if is_list(value) else ():
        match each:
            case [int(start), int(end), int(step)]:
                found.append((start, end, step))
            case _:
                pass
    return found
