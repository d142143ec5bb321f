"""What is said while a file of the run cannot be written."""

import logging
from pathlib import Path
from typing import final

from artifact_torch.errors import RunFolderError
from artifact_torch.internal.disk import advice

_log = logging.getLogger("artifact_torch")


@final
class Unwritten:
    """Tells once that `path` cannot be written, and once that it can be again.

    With `strict` the first is a `RunFolderError` instead.
    """

    def __init__(self, path: Path, *, strict: bool) -> None:
        self._path = path
        self._strict = strict
        self.is_on: bool = False

    def began(self, error: OSError, meanwhile: str) -> None:
        """It could not be written; `meanwhile` says what happens instead."""
        was_on, self.is_on = self.is_on, True
        why = error.strerror or str(error)
        remedy = advice(error) or "see to it that it can be written"
        if self._strict:
            raise RunFolderError(
                f"{self._path}: cannot be written ({why}); {remedy}. With strict=False the run goes "
                "on, and it is written later"
            ) from error
        if not was_on:
            told = "%s: cannot be written (%s); training goes on, %s; %s"
            _log.warning(told, self._path, why, meanwhile, remedy)

    def ended(self, what: str = "nothing is missing in it") -> None:
        """It was written; nothing happens where it could be before."""
        if self.is_on:
            self.is_on = False
            _log.warning("%s: can be written again; %s", self._path, what)
