"""What to do about a finding where the check itself does not say it."""

from typing import Final

from artifact_torch.cli.reports.findings import Finding, Outcome

_OF_RETURN: Final = (
    (
        "is not a typed dict",
        "declare a TypedDict with those keys, return it, and name it behind ->",
    ),
    ("has no key", "add the key to that typed dict, and to what is returned"),
    ("the key", "correct that key in the typed dict, and what is returned under it"),
)
"""By words of the message; the first that is in it counts."""

_BY_CODE: Final = {
    "build": "correct it where the trainer is built; --contract checks one part alone",
    "dynamic": "define it in the class: what __getattr__ answers cannot be checked",
    "missing": "declare it in the class body, or check an object: pkg.mod:make_it",
    "no-signature": "write it as a def: the parameters of this one cannot be read",
    "not-callable": "write it as a def",
    "parameter-type": "annotate it with a type that includes what it is called with",
    "return-type": "return what is asked for, and annotate it",
    "value-type": "assign a value of that type, and annotate it so",
}


def advice(finding: Finding, outcome: Outcome) -> str:
    """One thing to do, in a sentence; that of the finding where it has one."""
    if finding.fix:
        return finding.fix
    if finding.severity == "unverified" and finding.code in {"parameter-type", "return-type"}:
        return "annotate it with a type that can be compared, which Any and object cannot"
    if finding.code == "return-type":
        for words, fix in _OF_RETURN:
            if words in finding.message:
                return fix
    return _BY_CODE.get(finding.code) or _compare(outcome)


def _compare(outcome: Outcome) -> str:
    if outcome.is_explained:
        return f"compare with a class that fits: artifact-torch explain {outcome.contract}"
    return "compare with what the contract declares"
