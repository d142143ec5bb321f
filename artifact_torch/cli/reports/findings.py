"""What a check says about its targets, in the words that every format shares.

All of it can be sent between processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, final

from artifact_torch.errors import Severity

RUN_TIME: Final = "run time"
"""The name of the run-time net; the others are called as their programs are."""

Status: TypeAlias = Literal["fits", "does not fit", "could not check"]


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A line in a file of the user."""

    file: str
    line: int


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a net found wrong, or could not verify."""

    net: str = RUN_TIME
    code: str
    """That of `Violation`, a checker's own rule, or `build` for a trainer's parts."""
    message: str
    """A checker's own text."""
    member: str = ""
    """`forward`, `forward(x)`, `forward -> return`; empty for the class as a whole."""
    severity: Severity = "error"
    """`unverified`: nothing was found wrong, but nothing could be compared either."""
    fix: str | None = None
    place: Place | None = None


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a target could not be checked."""

    reason: str
    details: tuple[str, ...] = ()
    """Lines of the user's own traceback."""
    place: Place | None = None


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
    """Why this contract, where it was inferred."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the type parameters of the contract stand for."""
    findings: tuple[Finding, ...] = ()
    place: Place | None = None
    claim: Claim | None = None
    failure: Failure | None = None

    def status(self, *, strict: bool) -> Status:
        """A failure beside an error does not hide the error."""
        if any(strict or finding.severity == "error" for finding in self.findings):
            return "does not fit"
        return "could not check" if self.failure else "fits"


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Something in a module that does not look as if it were meant for a contract."""

    name: str
    reason: str


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """All that one target led to."""

    outcomes: tuple[Outcome, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Net:
    """One of the nets, as it took part."""

    name: str
    version: str = ""
    seconds: float = 0.0
    trouble: str = ""
    """Why it could say nothing."""


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything about one call of `artifact-torch check`."""

    outcomes: tuple[Outcome, ...]
    skipped: tuple[Skipped, ...] = ()
    nets: tuple[Net, ...] = ()
    notes: tuple[str, ...] = ()
    strict: bool = False

    @property
    def exit_status(self) -> int:
        """0: everything fits; 1: something does not; 2: something could not be checked."""
        found = {outcome.status(strict=self.strict) for outcome in self.outcomes}
        if "does not fit" in found:
            return 1
        unchecked = "could not check" in found or any(net.trouble for net in self.nets)
        return 2 if unchecked else 0
