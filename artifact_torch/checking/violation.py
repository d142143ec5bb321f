"""Violations, sorted and put together in one text."""

from collections.abc import Iterable, Sequence

from artifact_torch.errors import Code, Violation


def errors(violations: Iterable[Violation]) -> list[Violation]:
    """Those that refuse the object."""
    return [violation for violation in violations if violation.severity == "error"]


def unverified(violations: Iterable[Violation]) -> list[Violation]:
    """Those that only say that nothing was compared."""
    return [violation for violation in violations if violation.severity == "unverified"]


def refusal(member: str, code: Code, message: str, fix: str | None = None) -> list[Violation]:
    """The one thing that is wrong with a member."""
    return [Violation(member=member, code=code, message=message, fix=fix)]


def doubt(member: str, code: Code, reason: str, fix: str | None = None) -> list[Violation]:
    """Why a member was not compared."""
    message = f"is not verified, {reason}"
    return [Violation(member=member, code=code, message=message, severity="unverified", fix=fix)]


def report(heading: str, violations: Sequence[Violation]) -> str:
    """`heading` and one line for each violation."""
    return "\n".join([f"{heading}:", *(f"  - {violation}" for violation in violations)])
