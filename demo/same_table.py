"""Whether a run folder holds the run of another table, whose codes mean something else."""

import hashlib
import json
from contextlib import suppress
from os import PathLike
from pathlib import Path

import pandas as pd

from artifact_torch import ConfigurationError, RunFolder
from artifact_torch.tables import ColumnSpecs


def fingerprint(table: pd.DataFrame, columns: ColumnSpecs) -> str:
    """A text that another table, or other kinds of its columns, do not have."""
    found = hashlib.sha256(repr([(each.name, each.kind) for each in columns]).encode())
    found.update(repr([str(dtype) for dtype in table.dtypes]).encode())
    found.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return found.hexdigest()


def require_same_table(run_folder: str | PathLike[str] | RunFolder | None, expected: str) -> None:
    """Raises `ConfigurationError` if a run is in the folder that began with another table.

    Its weights fit where both have as many codes; the rows that they then make are of neither.
    """
    if run_folder is None:
        return
    folder = run_folder.folder if isinstance(run_folder, RunFolder) else Path(run_folder)
    began_with: object = expected
    with suppress(OSError, ValueError, KeyError, TypeError):  # no run, or none of this command
        began_with = json.loads((folder / "settings.json").read_text())["settings"]["table"]
    if began_with != expected:
        raise ConfigurationError(
            f"{folder} holds the run of another table, or of other kinds of its columns; name "
            "another folder, or give the table that the run began with"
        )
