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
from typing import final


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
        """Keeps the source, if the cache can be written."""
        if source == self.read():
            return
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self.file.parent)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(source)
            Path(name).replace(self.file)  # two runs at once: each reads a whole file


def last_witness(cache: Path, question: Sequence[str]) -> LastWitness:
    """That of the same folder, targets and options."""
    key = hashlib.sha256("\0".join(question).encode()).hexdigest()[:16]
    return LastWitness(cache / "witness" / key)
