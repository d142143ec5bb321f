"""The folder in which parcels lie for the processes that compute."""

from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import final
from weakref import finalize


@final
class ParcelFolder:
    """A temporary folder, made with the first file; it goes with this object at the latest."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._number = count()

    def __str__(self) -> str:
        """Its path; empty while there is none."""
        return "" if self._folder is None else str(self._folder)

    def new_file(self, what: str) -> Path:
        """The path of a file that is not there yet. Raises OSError where there is no room."""
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="artifact-torch-beside-"))
            finalize(self, rmtree, self._folder, ignore_errors=True)
        return self._folder / f"{what}_{next(self._number)}.pt"

    def close(self) -> None:
        """Takes it away. The next file makes another one."""
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)
            self._folder = None
