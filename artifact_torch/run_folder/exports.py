"""Files of one's own in a run folder, which go to the tracking clients."""

from pathlib import Path

EXPORTS = "files"
"""The folder in a run folder: whatever lies in it is given to each client at an end of the run."""


def exported(run_folder: Path) -> list[str]:
    """The files in it, sorted, as paths from the run folder on: `files/tabular_data/one.csv`.

    Hidden ones are being written.
    """
    return sorted(
        path.relative_to(run_folder).as_posix()
        for path in (run_folder / EXPORTS).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )
