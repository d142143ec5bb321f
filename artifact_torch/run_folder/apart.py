"""Where two runs part, and what they were begun with that differs; without torch."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.narrowing import is_list
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


@final
@dataclass(frozen=True, kw_only=True)
class Differing:
    """A value that two runs were begun with, or went on with."""

    topic: str
    """`settings`, `seeds`, `parts`, `versions`, `device`, `source`, `program`."""
    name: str
    """`lr`; empty where the topic is one value."""
    values: tuple[str, str]
    """Of both runs; `-` for one that has none."""


@final
@dataclass(frozen=True, kw_only=True)
class Parting:
    """The first update that is not the same in two runs."""

    step: int
    """0: the parameters before the first update."""
    what: Sequence[What]
    """All that differs there, in the order in which an update makes them."""
    losses: tuple[float, float]
    """Of its last batch, in both runs. NaN at step 0."""
    is_first_compared: bool
    """No step before it was compared: they may have parted earlier."""


@final
@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is not the same of two runs."""

    folders: tuple[Path, Path]
    begun: Sequence[Differing]
    """What they were begun with, as of the last time."""
    last_steps: tuple[int, int]
    """How far each went, by its ledger; -1 without one."""
    n_compared: int
    """Updates that are in both ledgers."""
    compared: Sequence[What]
    """What of them was compared: all, or the loss alone where the digests are of two kinds."""
    parting: Parting | None
    """None where all that was compared is equal."""
    remarks: Sequence[str]
    """What limits the comparison, and what to do about it."""

    @property
    def is_equal(self) -> bool:
        """Every update of both is in both ledgers, and all are equal."""
        if self.parting is not None or self.compared != WHATS:
            return False
        return {*self.last_steps} == {self.n_compared} != {0}

    def __str__(self) -> str:
        one, other = self.folders
        lines = [f"{one} and {other}", *self._told_begun(), *self._told_parting()]
        return "\n".join([*lines, *(f"note: {each}" for each in self.remarks)]) + "\n"

    def _told_begun(self) -> Iterator[str]:
        if not self.begun:
            yield "begun with the same settings, seeds, parts, versions, device and source"
        for topic in dict.fromkeys(each.topic for each in self.begun):
            yield f"{topic} that differ" if topic.endswith("s") else f"{topic} differs"
            for each in self.begun:
                if each.topic == topic:
                    yield f"  {each.name:<24}  {each.values[0]:<24}  {each.values[1]}".rstrip()

    def _told_parting(self) -> Iterator[str]:
        if self.n_compared < 1 and self.parting is None:
            yield "nothing is known of single updates"
        elif self.parting is None:
            of = "" if self.compared == WHATS else f" in {' and '.join(self.compared)}"
            yield f"all {self.n_compared} updates that are in both ledgers are equal{of}"
            if self.last_steps[0] != self.last_steps[1]:
                shorter, longer = sorted(zip(self.last_steps, self.folders, strict=True))
                yield f"  {shorter[1]} ends at step {shorter[0]}, {longer[1]} at step {longer[0]}"
        else:
            yield from _told(self.parting, self.compared)


def _told(parting: Parting, compared: Sequence[What]) -> Iterator[str]:
    if parting.step == 0:
        yield "they part before the first update, in the parameters: other first weights"
        return
    earlier = ", or before it" if parting.is_first_compared else ""
    yield f"they part at step {parting.step}{earlier}, in {_NAMES[parting.what[0]]}"
    for what in WHATS:
        same = "equal" if what in compared else "not compared"
        state = "differs" if what in parting.what else same
        if what == "loss" and what in parting.what:
            state += f": {parting.losses[0]!r} and {parting.losses[1]!r}"
        yield f"  {what:<12}{state}"
    if compared == WHATS and [*parting.what] == ["parameters"]:
        yield "  the optimizer, its lr or state; what settings= does not name is not compared above"


_NAMES: Final[Mapping[What, str]] = {
    "data": "the data",
    "loss": "the loss",
    "gradient": "the gradient",
    "parameters": "the parameters",
}


def difference(one: Path, other: Path, /) -> Difference:
    """Compare two run folders; a run may still be going on.

    Raises `RunFolderError` for a folder that holds no run, `OSError` for files that cannot be read.
    """
    for folder in (one, other):
        if not (folder / SETTINGS).is_file() and not (folder / RECORD).is_file():
            raise RunFolderError(f"{folder}: holds no run; give the folder that run_folder= named")
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
