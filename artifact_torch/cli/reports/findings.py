"""What a check says about its targets: the records that every format writes.

All of them can be sent between processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, final

RUN_TIME: Final = "run time"
"""The name of the run-time net; the others are called as their programs are."""

UNCHECKED: Final = "unchecked"

Status: TypeAlias = Literal["fits", "does not fit", "could not check", "left out"]


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line in a file of the user."""

    file: str
    line: int

    def file_in(self, base: Path) -> str:
        """Relative to `base` where it lies below it, with forward slashes."""
        path = Path(self.file)
        return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a net found wrong, could not verify, or could not look at."""

    net: str = RUN_TIME
    code: str = UNCHECKED
    """That of `Violation`, a checker's own rule, or `build` for what a factory refuses."""
    message: str
    """A checker's own text."""
    member: str = ""
    """`forward`, `forward(x)`, `forward -> return`; empty for the class as a whole."""
    severity: Literal["error", "unverified", "unchecked"] = "error"
    """`unverified`: nothing was found wrong, but nothing could be compared either."""
    fix: str | None = None
    details: tuple[str, ...] = ()
    """Lines of the user's own traceback."""
    place: Place | None = None


def unchecked(reason: str, *details: str, place: Place | None = None) -> Finding:
    """Why a target could not be checked."""
    return Finding(severity=UNCHECKED, message=reason, details=details, place=place)


@final
class CannotCheckError(Exception):
    """The target, its contract or a type named for it cannot be found, imported or called."""

    def __init__(self, finding: Finding | str) -> None:
        super().__init__(finding)
        self.finding: Finding = unchecked(finding) if isinstance(finding, str) else finding


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a checker is asked to prove: that `expression` is a `contract`."""

    module: str
    """The target's own."""
    imports: tuple[str, ...]
    """All modules that the rest names."""
    expression: str
    """`shop.models.VAE`, an object's name, or a call."""
    is_class: bool
    contract: str


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One target against one contract."""

    target: str
    contract: str = ""
    why: str = ""
    """Why this contract, where it was inferred; why it is left out."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the type parameters of the contract stand for."""
    findings: tuple[Finding, ...] = ()
    place: Place | None = None
    claim: Claim | None = None
    is_meant: bool = True
    """False for what does not look as if it were meant for a contract."""

    @property
    def status(self) -> Status:
        """What could not be looked at does not hide an error."""
        found = {finding.severity for finding in self.findings}
        if "error" in found:
            return "does not fit"
        if UNCHECKED in found:
            return "could not check"
        return "fits" if self.is_meant else "left out"


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Net:
    """One of the nets, as it took part."""

    name: str
    seconds: float = 0.0
    trouble: str = ""
    """Why it could say nothing."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything about one call of `artifact-torch check`."""

    outcomes: tuple[Outcome, ...]
    nets: tuple[Net, ...] = ()

    @property
    def exit_status(self) -> int:
        """0: everything fits; 1: something does not; 2: something could not be checked."""
        found = {outcome.status for outcome in self.outcomes}
        if "does not fit" in found:
            return 1
        return 2 if "could not check" in found or any(net.trouble for net in self.nets) else 0


def version_of(distribution: str) -> str:
    """The installed one; empty where there is none: this package used from a checkout."""
    import importlib.metadata  # 0.02 s, and seldom asked for

    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
