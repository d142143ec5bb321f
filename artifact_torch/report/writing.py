"""A run as one HTML file that can be looked at anywhere."""

import os
from collections.abc import Sequence
from pathlib import Path

from artifact_torch.internal.arguments import listed, refuse
from artifact_torch.internal.disk import write_bytes
from artifact_torch.report.page import html
from artifact_torch.run_folder.recorded_run import RecordedRun, read_run

REPORT = "report.html"
"""The name of the file in a run folder."""


def report(
    runs: Sequence[str | os.PathLike[str] | RecordedRun], path: str | os.PathLike[str]
) -> Path:
    """The page of `runs`, folders or what was read of them, at `path`; its absolute path.

    One is shown in full, several are laid over each other. The file has all that it needs and asks no
    network. Raises `RunFolderError` for what is no run folder, `OSError` where it cannot be written,
    `ConfigurationError` for runs that are no list, and for none.
    """
    refuse(listed("report: runs", runs))
    refuse([] if runs else ["report: runs must be a list of at least 1 run folder, got []"])
    read = [each if isinstance(each, RecordedRun) else read_run(Path(each)) for each in runs]
    target = Path(path).expanduser().absolute()
    if target.is_dir():
        raise IsADirectoryError(f"{target}: is a folder; give a file, such as {target / REPORT}")
    write_bytes(target, html(read).encode("utf-8", "replace"))
    return target
