"""Where two runs part, and what they were begun with that differs; without torch."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.narrowing import is_list
from artifact_torch.run_folder.differing import Difference, Differing, Parting
from artifact_torch.run_folder.ledger import WHATS, Ledger, What, read_ledger
from artifact_torch.run_folder.reading import RECORD
from artifact_torch.run_folder.settings import SETTINGS, newest_settings

_TOPICS: Final[Mapping[str, str]] = {
    "settings": "settings",
    "seeds": "seeds",
    "parts": "parts",
    "versions": "versions",
    "device": "device",
    "git": "source",
    "program": "program",
}
"""Of settings.json, as they are told."""

_NONE: Final = object()


def difference(one: Path, other: Path, /) -> Difference:
    """Compare two run folders; a run may still be going on.

    Raises `RunFolderError` for folders that hold no run, `OSError` for files that cannot be read.
    """
    missing = [
        f"{folder}: {'holds no run' if folder.is_dir() else 'is no folder'}"
        for folder in dict.fromkeys((one, other))
        if not (folder / SETTINGS).is_file() and not (folder / RECORD).is_file()
    ]
    if missing:
        named = "\n".join(missing)
        raise RunFolderError(f"{named}; give the folder that run_folder= named")
    ledgers = read_ledger(one), read_ledger(other)
    remarks = list(_limits(ledgers, (one, other)))
    parting, n_compared, compared = None, 0, WHATS
    if ledgers[0] is not None and ledgers[1] is not None:
        compared = WHATS if _are_alike(ledgers[0], ledgers[1]) else ("loss",)
        parting, n_compared = _parting(ledgers[0], ledgers[1], compared)
    return Difference(
        folders=(one, other),
        begun=[*_begun(newest_settings(one), newest_settings(other))],
        last_steps=(_last(ledgers[0]), _last(ledgers[1])),
        n_compared=n_compared,
        compared=compared,
        parting=parting,
        remarks=remarks,
    )


def _are_alike(one: Ledger, other: Ledger) -> bool:
    """Whether their digests can be compared: of one kind from the first to the last."""
    return one.digest == other.digest and "," not in one.digest


def _parting(one: Ledger, other: Ledger, whats: Sequence[What]) -> tuple[Parting | None, int]:
    """The first that differs, and how many were compared."""
    steps, here, there = np.intersect1d(
        one.updates["step"], other.updates["step"], assume_unique=True, return_indices=True
    )
    rows, others = one.updates[here], other.updates[there]
    differs = {what: (rows[what] != others[what]).any(axis=1) for what in whats}
    first = _first_weights(one), _first_weights(other)
    if "parameters" in whats and None not in first and first[0] != first[1]:
        nothing = (float("nan"), float("nan"))
        found = Parting(step=0, what=["parameters"], losses=nothing, is_first_compared=False)
        return found, len(steps)
    anywhere = np.logical_or.reduce([*differs.values()])
    if not anywhere.any():
        return None, len(steps)
    at = int(anywhere.argmax())
    found = Parting(
        step=int(steps[at]),
        what=[what for what in whats if differs[what][at]],
        losses=(_loss(rows[at]), _loss(others[at])),
        is_first_compared=at == 0 and (int(steps[0]) > 1),
    )
    return found, len(steps)


def _first_weights(ledger: Ledger) -> bytes | None:
    of_first = ledger.starts[ledger.starts["step"] == 0]
    return of_first["parameters"][-1].tobytes() if len(of_first) else None


def _loss(row: np.void) -> float:
    loss: float = struct.unpack("<d", row["loss"].tobytes()[:8])[0]
    return loss


def _last(ledger: Ledger | None) -> int:
    if ledger is None:
        return -1
    return int(ledger.updates["step"][-1]) if len(ledger.updates) else 0


def _limits(
    ledgers: tuple[Ledger | None, Ledger | None], folders: tuple[Path, Path]
) -> Iterator[str]:
    without = [str(f) for f, each in zip(folders, ledgers, strict=True) if each is None]
    if without:
        yield (
            f"{' and '.join(without)} kept no ledger; Trainer(..., ledger=True) keeps one, by which "
            "single updates are compared"
        )
    one, other = ledgers
    if one is not None and other is not None and not _are_alike(one, other):
        yield (
            f"digests of two kinds ({one.digest} and {other.digest}): only the losses are compared; "
            "train both on one kind of device, with or without artifact-torch[ledger]"
        )
    for folder, each in zip(folders, ledgers, strict=True):
        if each is not None:
            yield from _damages(each, folder)


def _damages(ledger: Ledger, folder: Path) -> Iterator[str]:
    steps = ledger.updates["step"]
    if ledger.n_damaged:
        yield f"{folder}: {ledger.n_damaged} records are torn or damaged, and are left out"
    if len(steps) and int(steps[-1]) != len(steps):
        yield (
            f"{folder}: has {len(steps)} of its {int(steps[-1])} updates; where one is missing, what "
            "differs is told of the next"
        )
    wrong = [*_wrong_starts(ledger)]
    if wrong:
        yield (
            f"{folder}: went on at step {wrong[0]} with parameters that are not those it had there: "
            "its checkpoint was changed, or the program changed them first"
        )


def _wrong_starts(ledger: Ledger) -> Iterator[int]:
    of: NDArray[np.void] = ledger.updates
    for start in ledger.starts:
        there = of[of["step"] == start["step"]]
        if len(there) and (there["parameters"][0] != start["parameters"]).any():
            yield int(start["step"])


def _begun(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[Differing]:
    for key, topic in _TOPICS.items():
        names = [
            name
            for name in dict.fromkeys([*one, *other])
            if name == key or name.startswith(f"{key}.")
        ]
        for name in names:
            values = one.get(name, _NONE), other.get(name, _NONE)
            if values[0] != values[1]:
                told = _text(values[0]), _text(values[1])
                yield Differing(topic=topic, name=name[len(key) + 1 :], values=told)


def _text(value: object) -> str:
    if value is _NONE:
        return "-"
    return " ".join(map(str, value)) if is_list(value) else str(value)
