"""Where tables and checkpoints go beside the results: the specification's folders."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Protocol, final, runtime_checkable

from artifact_torch import FolderCheckpointer, RunFolder


@runtime_checkable
class HasFolder(Protocol):
    """A tracking client that writes into a folder, as artifact-experiment's filesystem client."""

    @property
    def run_dir(self) -> str: ...


@final
@dataclass(frozen=True, kw_only=True)
class Places:
    """None of both where nothing is asked for."""

    tables: Path | None = None
    """A folder for each generated table."""
    checkpoints: FolderCheckpointer | None = None
    """For a run without a run folder, which has its own."""


def places_of(
    client: object, run_folder: str | PathLike[str] | RunFolder | None, checkpoint_period: int
) -> Places:
    """`tabular_data` among the files of the run folder, all of which its clients are given; without a
    run folder `tabular_data` and `torch_checkpoints` in the folder of a client that has one.
    """
    if client is None:
        return Places()
    if run_folder is not None:
        folder = run_folder.folder if isinstance(run_folder, RunFolder) else Path(run_folder)
        return Places(tables=folder / "files" / "tabular_data")
    if not isinstance(client, HasFolder):
        return Places()
    own = Path(client.run_dir)
    return Places(
        tables=own / "tabular_data",
        checkpoints=FolderCheckpointer(own / "torch_checkpoints", every=checkpoint_period),
    )
