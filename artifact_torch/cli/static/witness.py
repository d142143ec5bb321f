"""The small file that makes a checker say whether targets fit their contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from artifact_torch.cli.reports.findings import Claim

FILE: Final = "artifact_torch_witness.py"

_LINES_EACH: Final = 3


@final
@dataclass(frozen=True, kw_only=True)
class Witness:
    """The source, and where the three lines of each claim begin."""

    source: str
    first_line: int
    claims: tuple[Claim, ...]
    essential: frozenset[str]
    """The imports without which a verdict would mean nothing."""

    def claim_at(self, line: int) -> int | None:
        """The number of the claim on that line, from 0; None for an import."""
        number, at = divmod(line - self.first_line, _LINES_EACH)
        return number if at >= 0 and 0 <= number < len(self.claims) else None

    def is_essential(self, line: int) -> bool:
        """Whether an error on that line leaves the checker without an answer."""
        if not 0 < line < self.first_line:
            return True
        return self.source.splitlines()[line - 1].removeprefix("import ") in self.essential


def witness_of(claims: Sequence[Claim]) -> Witness:
    """One function for each claim. It reveals the target's type: `Any` would fit everything."""
    imports = sorted({name for claim in claims for name in claim.imports})
    lines = [f"import {name}" for name in imports]
    for number, claim in enumerate(claims):
        parameter = f"target: {claim.expression}" if claim.is_class else ""
        value = "target" if claim.is_class else claim.expression
        lines += [
            f"def check_{number}({parameter}) -> {claim.contract}:",
            f"    reveal_type({value})",
            f"    return {value}",
        ]
    source = "\n".join([*lines, ""])
    own = {name for name in imports if name.partition(".")[0] == "artifact_torch"}
    return Witness(
        source=source,
        first_line=len(imports) + 1,
        claims=tuple(claims),
        essential=frozenset(own | {claim.module for claim in claims}),
    )
