"""The last witness of each question: with it the checkers begin while torch is still loading.

The witness names the target's classes, their contracts and type arguments, which only the imported
module tells; but they seldom change between two runs. A witness that turned out to be another is
asked about anew, so what is kept here never changes a verdict.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

_N_KEPT: Final = 100


@final
@dataclass(frozen=True)
class LastWitness:
    """The source of a witness, in a file of the cache."""

    file: Path

    def read(self) -> str:
        """The source; empty where there is none."""
        try:
            return self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, source: str) -> None:
        """Keeps the source, if the cache can be written, and the newest of the others."""
        with contextlib.suppress(OSError, UnicodeEncodeError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if source == self.read():
                self.file.touch()
            else:
                self._replace(source)
            _remove_oldest(self.file.parent)

    def _replace(self, source: str) -> None:
        """Two runs at once: each reads a whole file."""
        number, name = tempfile.mkstemp(dir=self.file.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(source)
            Path(name).replace(self.file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _remove_oldest(folder: Path) -> None:
    """All but `_N_KEPT`; what a run that was killed left behind grows old and goes the same way."""
    by_age = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in by_age[_N_KEPT:]:
        file.unlink(missing_ok=True)


def last_witness(cache: Path, question: Sequence[str]) -> LastWitness:
    """That of the same folder, targets and options."""
    key = hashlib.sha256("\0".join(question).encode()).hexdigest()[:16]
    return LastWitness(cache / "witness" / key)
