"""What a checker says, as it says it, and what of it is about which claim."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias, final

from artifact_torch.cli.reports.findings import Finding
from artifact_torch.cli.static.witness import FILE, Witness


@final
@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One message of a checker."""

    file: str
    line: int
    is_error: bool
    rule: str
    text: str


Said: TypeAlias = "dict[int, list[Finding]]"
"""By number of the claim; nothing where the checker agrees."""


def understood(
    diagnostics: Iterable[Diagnostic], witness: Witness, net: str, *, refusing: Collection[str]
) -> tuple[Said, list[str]]:
    """The findings of each claim, and why the checker could not judge. Only the rules in `refusing`
    speak against a claim: any other error leaves nothing to judge.
    """
    said: Said = {number: [] for number in range(len(witness.claims))}
    troubles: list[str] = []
    for each in diagnostics:
        own = each.file.endswith(FILE)
        number = witness.claim_at(each.line) if own else None
        if number is not None and each.is_error and each.rule in refusing:
            said[number].append(Finding(net=net, code=each.rule, message=each.text))
        elif each.is_error and (not own or witness.is_essential(each.line)):
            where = "" if own else f"{each.file}:{each.line}: "
            troubles.append(f"{where}{each.text.splitlines()[0]}")
    return said, [*dict.fromkeys(troubles)]
