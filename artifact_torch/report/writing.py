"""A run as one HTML file that can be looked at anywhere."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from artifact_torch.internal.arguments import listed, refuse, shown
from artifact_torch.internal.disk import absolute, write_bytes
from artifact_torch.report.page import html
from artifact_torch.run_folder.recorded_run import RecordedRun, read_run

REPORT = "report.html"
"""The name of the file in a run folder."""


def report(
    runs: Sequence[str | os.PathLike[str] | RecordedRun], path: str | os.PathLike[str]
) -> Path:
    """The page of `runs`, folders or what was read of them, at `path`; its absolute path.

    One is shown in full, several are laid over each other, each once, under names that tell them
    apart. The file has all that it needs and asks no network. Raises `ConfigurationError` for no
    runs and for a path that is a folder, `RunFolderError` for what is no run folder, `OSError` where
    it cannot be written.
    """
    target = absolute(path)
    problems = listed("runs", runs) or ([] if runs else ["runs must have at least one, got none"])
    if target is None:
        problems.append(f"path must be that of a file, got {shown(os.fspath(path))}")
    elif target.is_dir():
        problems.append(f"path must be that of a file, {target} is a folder; add the name of one")
    refuse([f"report: {problem}" for problem in problems])
    read = [each if isinstance(each, RecordedRun) else read_run(each) for each in runs]
    written = Path() if target is None else target
    write_bytes(written, html(_told_apart(_once(read))).encode("utf-8", "replace"))
    return written


def _once(runs: Sequence[RecordedRun]) -> list[RecordedRun]:
    """Without those of a folder that was there."""
    seen: set[Path] = set()
    found: list[RecordedRun] = []
    for run in runs:
        place = None if run.folder is None else run.folder.resolve()
        if place is None or place not in seen:
            found.append(run)
        if place is not None:
            seen.add(place)
    return found


def _told_apart(runs: Sequence[RecordedRun]) -> list[RecordedRun]:
    """By as much of the ends of their paths as it takes; without a folder, by a number."""
    places = [() if run.folder is None else run.folder.parts for run in runs]
    names = [run.name for run in runs]
    for n_parts in range(2, max(map(len, places)) + 1):
        there = Counter(names)
        names = [
            "/".join(place[-n_parts:]) if place and there[name] > 1 else name
            for name, place in zip(names, places, strict=True)
        ]
    there = Counter(names)
    return [
        replace(run, name=f"{name} ({number})" if there[name] > 1 else name)
        for number, (run, name) in enumerate(zip(runs, names, strict=True), start=1)
    ]
