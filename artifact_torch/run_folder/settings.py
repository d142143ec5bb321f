"""What a run was begun with: settings, versions, device, the state of the program's source."""

import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import final

from artifact_torch.contracts import Moment
from artifact_torch.internal.disk import read_json, write_json
from artifact_torch.internal.narrowing import is_list, is_mapping, is_state_dict
from artifact_torch.run_folder.owner import utc
from artifact_torch.run_folder.plain import plain

SETTINGS = "settings.json"
"""The name of the file in a run folder."""

_GIT_SECONDS = 2.0
_LIBRARIES = ("artifact-torch", "torch", "numpy", "safetensors")


@final
@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a run is begun with, as far as only the trainer knows it."""

    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    """Hyper-parameters: plain values under dotted keys."""
    seeds: Mapping[str, object] = field(default_factory=dict[str, object])
    """By what they are for: `{"train_loader": 0}`."""
    device: str = ""
    """Its name: "cpu", "NVIDIA H100"."""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Each part's place to its type: `{"train_loader": "DataLoader"}`."""
    contracts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Each part's place to the contracts that it was checked against."""
    model: str = ""
    """What the model consists of, in a few lines."""
    modes: Mapping[str, str] = field(default_factory=dict[str, str])
    """"min" or "max" by score: the better way, as far as a part says it."""
    judged_by: str = ""
    """The score by which the best moment is chosen."""


def write_settings(folder: Path, moment: Moment, begun: Begun) -> None:
    """Of the first time that the run was begun; what was other at a later one is appended there.

    Raises `OSError`.
    """
    path = folder / SETTINGS
    now = {
        "settings": plain(begun.settings),
        "seeds": plain(begun.seeds),
        "device": begun.device,
        "parts": plain(begun.parts),
        "contracts": plain(begun.contracts),
        "model": begun.model,
        "modes": plain(begun.modes),
        "judged_by": begun.judged_by,
        "versions": versions(),
        "git": _git_here(),
        "program": sys.orig_argv[1:],  # as it was typed, `-m` too
    }
    place = {"time": utc(), "epoch": moment.epoch, "step": moment.step}
    first = read_json(path)
    if not is_state_dict(first):
        write_json(path, {**now, "begun": [place]}, durable=True)
        return
    first = {**{key: now[key] for key in now if key not in first}, **first}  # of an older version
    earlier = first.get("begun")
    times = [*earlier] if is_list(earlier) else []
    changed = _changes(_newest(first, times), now)
    times.append({**place, "changed": changed} if changed else place)
    write_json(path, {**first, "begun": times}, durable=True)


def add_forward(folder: Path, costs: str) -> None:
    """What a forward pass of the first batch computes, known once it was run. Raises `OSError`."""
    path = folder / SETTINGS
    if is_state_dict(content := read_json(path)):
        write_json(path, {**content, "forward": costs})


def newest_settings(folder: Path) -> dict[str, object]:
    """As they were the last time that the run was begun, under dotted keys: `settings.lr`,
    `versions.torch`; empty where none were written. Raises `OSError`.
    """
    first = read_json(folder / SETTINGS)
    if not is_state_dict(first):
        return {}
    times = first.get("begun")
    return _newest(first, [*times] if is_list(times) else [])


def versions() -> dict[str, str]:
    """Of Python, the platform, and the libraries on which a number may depend."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_state(folder: Path) -> dict[str, object] | None:
    """Revision, and whether tracked files were changed since. None without git, or where it takes
    more than two seconds.
    """
    revision = _git(folder, ["rev-parse", "HEAD"])
    changes = _git(folder, ["status", "--porcelain", "--untracked-files=no"])
    if revision is None or changes is None:
        return None
    return {"revision": revision.strip(), "dirty": bool(changes.strip())}


def _git_here() -> dict[str, object] | None:
    try:
        return git_state(program_folder())
    except OSError:  # the working directory was deleted
        return None


def program_folder() -> Path:
    """Of the script that runs; for a notebook or an installed command, the working directory.

    Raises `OSError` where that is gone.
    """
    file: object = getattr(sys.modules.get("__main__"), "__file__", None)
    if isinstance(file, str) and not Path(file).resolve().is_relative_to(
        Path(sys.prefix).resolve()
    ):
        return Path(file).resolve().parent
    return Path.cwd()


def _git(folder: Path, arguments: Sequence[str]) -> str | None:
    # no optional locks: it only looks, also where the user commits at that moment
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603  (our own words, and a folder)
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _newest(first: Mapping[str, object], times: Sequence[object]) -> dict[str, object]:
    """The settings as they were the last time, under dotted keys."""
    state = {key: value for key, value in first.items() if key != "begun"}
    flat = _flat(state)
    for each in times:
        changed = each.get("changed") if is_mapping(each) else None
        flat.update({str(k): v for k, v in changed.items()} if is_mapping(changed) else {})
    return flat


def _changes(before: Mapping[str, object], now: Mapping[str, object]) -> dict[str, object]:
    """What is other now; None for what is no more."""
    flat = _flat(now)
    names = dict.fromkeys([*before, *flat])
    return {name: flat.get(name) for name in names if before.get(name) != flat.get(name)}


def _flat(value: Mapping[str, object]) -> dict[str, object]:
    """One level: `settings.lr`."""
    flat: dict[str, object] = {}
    for key, each in value.items():
        if is_mapping(each):
            flat.update({f"{key}.{name}": part for name, part in each.items()})
        else:
            flat[key] = each
    return flat
