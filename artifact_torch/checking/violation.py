"""Violations, sorted and put together in one text."""

from collections.abc import Iterable, Sequence

from artifact_torch.errors import Violation


def errors(violations: Iterable[Violation]) -> list[Violation]:
    """Those that refuse the object."""
    return [violation for violation in violations if violation.severity == "error"]


def unverified(violations: Iterable[Violation]) -> list[Violation]:
    """Those that only say that nothing was compared."""
    return [violation for violation in violations if violation.severity == "unverified"]


def report(heading: str, violations: Sequence[Violation]) -> str:
    """`heading` and one line for each violation."""
    return "\n".join([f"{heading}:", *(f"  - {violation}" for violation in violations)])
