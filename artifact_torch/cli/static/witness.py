"""The small file that makes a checker say whether targets fit their contracts."""

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from artifact_torch.cli.reports.findings import Claim

FILE: Final = "artifact_torch_witness.py"


@final
@dataclass(frozen=True, kw_only=True)
class Witness:
    """The source, and where the lines of the claims begin."""

    source: str
    first_line: int
    claims: tuple[Claim, ...]
    essential: frozenset[str]
    """The imports without which a verdict would mean nothing."""

    def claim_at(self, line: int) -> int | None:
        """The number of the claim on that line, from 0; None for an import."""
        number = line - self.first_line
        return number if 0 <= number < len(self.claims) else None

    def is_essential(self, line: int) -> bool:
        """Whether an error on that line leaves the checker without an answer."""
        if not 0 < line < self.first_line:
            return True
        return self.source.splitlines()[line - 1].removeprefix("import ") in self.essential


def witness_of(claims: Sequence[Claim]) -> Witness:
    """One function for each claim."""
    imports = sorted({name for claim in claims for name in claim.imports})
    lines = [f"import {name}" for name in imports]
    for number, claim in enumerate(claims):
        parameter = f"target: {claim.expression}" if claim.is_class else ""
        value = "target" if claim.is_class else claim.expression
        lines.append(f"def check_{number}({parameter}) -> {claim.contract}: return {value}")
    source = "\n".join([*lines, ""])
    own = {name for name in imports if name.partition(".")[0] == "artifact_torch"}
    return Witness(
        source=source,
        first_line=len(imports) + 1,
        claims=tuple(claims),
        essential=frozenset(own | {claim.module for claim in claims}),
    )


def last_witness(cache: Path, question: Sequence[str]) -> Path:
    """The file with the witness of the last run for the same folder, targets and options; at most
    256 are kept. The checkers begin with it while torch is still loading: 0.7 of 2.9 seconds. It
    tells the target's classes and their types, which only the imported module knows, but which
    seldom change. One that turned out to be another is asked about anew, so that what is kept here,
    damaged or somebody else's, never changes a verdict.
    """
    key = hashlib.sha256("\0".join(question).encode(errors="surrogatepass")).hexdigest()
    return cache / "witness" / key[:2]


def kept_source(file: Path) -> str:
    """The source; empty where there is none."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="utf-8")
    return ""


def keep_source(file: Path, source: str) -> None:
    """Keeps the source, if the cache can be written."""
    with contextlib.suppress(OSError, UnicodeEncodeError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
