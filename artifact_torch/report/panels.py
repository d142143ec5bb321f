"""Which curves belong into one picture: training and validation of one quantity, the runs of one score."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final

import numpy as np

from artifact_torch.run_folder.recorded_run import RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

Role: TypeAlias = Literal["training", "validation", "test", ""]

_SEPARATOR = r"[_/.\-: ]+"
_ROLES: Mapping[str, Role] = {
    "train": "training",
    "training": "training",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "eval": "validation",
    "test": "test",
}
_WORD = "|".join(_ROLES)
_BEFORE = re.compile(rf"({_WORD}){_SEPARATOR}(.+)", re.IGNORECASE)
_AFTER = re.compile(rf"(.+?){_SEPARATOR}({_WORD})", re.IGNORECASE)

THROUGHPUT = "steps per second"
"""The curve that is made of the moments of all others."""

_MOST_KEYS = 8
"""A collection of more is a table alone."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One curve in a panel."""

    score: str
    role: Role
    run: int
    """Which of the runs, from 0."""
    curve: Curve


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One picture."""

    quantity: str
    lines: Sequence[Line]
    note: str = ""


def quantity_of(score: str) -> tuple[str, Role]:
    """`loss` and `training` of `train_loss`; a name that tells neither is its own quantity."""
    if found := _BEFORE.fullmatch(score):
        return found[2], _ROLES[found[1].lower()]
    if found := _AFTER.fullmatch(score):
        return found[1], _ROLES[found[2].lower()]
    return score, ""


def panels_of(runs: Sequence[RecordedRun]) -> list[Panel]:
    """One of each quantity: first that by which the best moment was chosen, then those of training
    and validation, the others as they appeared, collections of few keys, and the throughput.
    """
    lines: dict[str, list[Line]] = {}
    for number, run in enumerate(runs):
        for score, curve in run.scores.items():
            quantity, role = quantity_of(score)
            lines.setdefault(quantity, []).append(
                Line(score=score, role=role, run=number, curve=curve)
            )
    judged = {quantity_of(run.judged_by)[0] for run in runs if run.judged_by}

    def rank(quantity: str) -> int:
        is_both = len({each.score for each in lines[quantity]}) > 1
        return 0 if quantity in judged else 1 if is_both else 2

    panels = [
        Panel(quantity=_title(name, lines[name]), lines=lines[name])
        for name in sorted(lines, key=rank)
    ]
    return [*panels, *_collections(runs), *_throughput(runs)]


def _title(quantity: str, lines: Sequence[Line]) -> str:
    """The whole name of a score that is alone."""
    names = {line.score for line in lines}
    return names.pop() if len(names) == 1 else quantity


def _collections(runs: Sequence[RecordedRun]) -> Iterator[Panel]:
    """One each; of several runs, one a key."""
    for name in dict.fromkeys(name for run in runs for name in run.collections):
        keys = dict.fromkeys(key for run in runs for key in run.collections.get(name, {}))
        if len(keys) > _MOST_KEYS:
            continue
        lines = [
            Line(score=key, role="", run=number, curve=run.collections[name][key])
            for key in keys
            for number, run in enumerate(runs)
            if key in run.collections.get(name, {})
        ]
        if len(runs) == 1:
            yield Panel(quantity=name, lines=lines)
        else:
            for key in keys:
                of_key = [
                    replace(line, score=f"{name}: {key}") for line in lines if line.score == key
                ]
                yield Panel(quantity=f"{name}: {key}", lines=of_key)


def _throughput(runs: Sequence[RecordedRun]) -> Iterator[Panel]:
    lines = [
        Line(score=THROUGHPUT, role="", run=number, curve=curve)
        for number, run in enumerate(runs)
        if (curve := throughput(run)) is not None
    ]
    if lines:
        yield Panel(quantity=THROUGHPUT, lines=lines, note="updates, with all that is beside them")


def throughput(run: RecordedRun) -> Curve | None:
    """Updates per second of `train()` between each two moments at which scores were recorded; None
    where no two have a time.
    """
    curves = [*run.scores.values()]
    if not curves:
        return None
    steps, first = np.unique(np.concatenate([each.steps for each in curves]), return_index=True)
    seconds = np.concatenate([each.seconds for each in curves])[first]
    epochs = np.concatenate([each.epochs for each in curves])[first]
    is_first = int(steps[0]) > 0  # the run began at step 0, second 0
    spent = np.diff(seconds, prepend=0.0) if is_first else np.diff(seconds)
    made = np.diff(steps, prepend=0) if is_first else np.diff(steps)
    skipped = 0 if is_first else 1
    usable = np.isfinite(spent) & (spent > 0)
    if not usable.any():
        return None
    return Curve(
        epochs=epochs[skipped:][usable],
        steps=steps[skipped:][usable],
        seconds=seconds[skipped:][usable],
        values=made[usable] / spent[usable],
    )
