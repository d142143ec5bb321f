"""One way in which an object or a value is not what is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

Severity: TypeAlias = Literal["error", "unverified"]
"""`unverified`: nothing was found wrong, but nothing could be compared either."""

Code: TypeAlias = Literal[
    "missing",
    "unknown-member",
    "not-implemented",
    "not-callable",
    "not-a-value",
    "async",
    "generator",
    "binding",
    "no-signature",
    "parameter-missing",
    "parameter-name",
    "parameter-required",
    "parameter-extra",
    "parameter-type",
    "return-type",
    "value-type",
    "read-only",
    "class-variable",
    "dynamic",
    "wrapper",
    "not-a-mapping",
    "key-missing",
    "shape",
    "dtype",
]


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """What was found, what is needed, and what to do, about one member or key."""

    member: str
    """Where: `forward`, `forward(x)`, `forward -> return`, `batch["codes"]`."""
    code: Code
    message: str
    severity: Severity = "error"
    fix: str | None = None

    def __str__(self) -> str:
        advice = "" if self.fix is None else f"; {self.fix}"
        return f"{self.member}: {self.message}{advice} [{self.code}]"


def errors(violations: Iterable[Violation]) -> list[Violation]:
    """Those that refuse the object."""
    return [violation for violation in violations if violation.severity == "error"]


def unverified(violations: Iterable[Violation]) -> list[Violation]:
    """Those that only say that nothing was compared."""
    return [violation for violation in violations if violation.severity == "unverified"]


def report(heading: str, violations: Sequence[Violation]) -> str:
    """`heading` and one line for each violation."""
    return "\n".join([f"{heading}:", *(f"  - {violation}" for violation in violations)])
