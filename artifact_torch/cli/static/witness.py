"""The small file that makes a checker say whether targets fit their contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

from artifact_torch.cli.reports.findings import Claim, Finding
from artifact_torch.cli.static.checkers import FILE, Checker

Said: TypeAlias = "dict[int, list[Finding]]"
"""By number of the claim; nothing where the checker agrees."""


@final
@dataclass(frozen=True, kw_only=True)
class Witness:
    """The imports, then one function for each claim, on a line of its own."""

    imports: Sequence[str]
    claims: Sequence[Claim]

    @property
    def source(self) -> str:
        lines = [f"import {name}" for name in self.imports]
        for number, claim in enumerate(self.claims):
            parameter = f"target: {claim.expression}" if claim.is_class else ""
            value = "target" if claim.is_class else claim.expression
            lines.append(f"def check_{number}({parameter}) -> {claim.contract}: return {value}")
        return "\n".join([*lines, ""])

    def claim_at(self, line: int) -> int | None:
        """The number of the claim on that line, from 0; None for an import."""
        number = line - 1 - len(self.imports)
        return number if 0 <= number < len(self.claims) else None

    def is_essential(self, line: int) -> bool:
        """Whether an error on that line leaves the checker without an answer."""
        if not 0 < line <= len(self.imports):
            return True
        name = self.imports[line - 1]
        own = name.partition(".")[0] == "artifact_torch"
        return own or name in {claim.module for claim in self.claims}

    def understood(self, output: str, name: str, checker: Checker) -> tuple[Said, list[str]]:
        """The findings of each claim, and why the checker could not judge. Raises ValueError for
        what is no answer.
        """
        said: Said = {number: [] for number in range(len(self.claims))}
        troubles: dict[str, None] = {}
        for each in checker.diagnostics(output):
            own = each.file.endswith(FILE)
            number = self.claim_at(each.line) if own else None
            if number is not None and each.is_error and each.rule in checker.refusing:
                said[number].append(Finding(net=name, code=each.rule, message=each.text))
            elif each.is_error and (not own or self.is_essential(each.line)):
                where = "" if own else f"{each.file}:{each.line}: "
                troubles[f"{where}{each.text.splitlines()[0]}"] = None
        return said, [*troubles]


def witness_of(claims: Sequence[Claim]) -> Witness:
    """The file for these claims."""
    return Witness(imports=sorted({n for claim in claims for n in claim.imports}), claims=claims)
