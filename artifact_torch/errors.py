"""The exceptions of the toolkit, one class per situation a caller can act on; what they list.

Every message says: the thing, what was got, what is expected, what to do.
"""

from collections.abc import Callable, Sequence
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


class ArtifactTorchError(Exception):
    """The base of all errors raised on purpose by this package."""


class ContractError(ArtifactTorchError, TypeError):
    """A part does not satisfy the contract of its place; the message lists every violation."""

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.violations: Sequence[Violation] = tuple(violations)
        """Each names its part: `model= VAE: forward(x)`. Empty where the message says it all."""

    def __reduce__(self) -> tuple[type["ContractError"], tuple[str, Sequence[Violation]]]:
        return type(self), (str(self), self.violations)


class ConfigurationError(ArtifactTorchError, ValueError):
    """A value or a combination of parts is refused before training starts."""


class DataError(ArtifactTorchError, ValueError):
    """A loader is empty, or a batch is not what the model declares or cannot be moved."""


class LossError(ArtifactTorchError, ValueError):
    """The loss is missing, not a scalar, not finite, or not connected to the parameters."""

    loss: float | None = None
    """That of the batch, where it was known."""


class ValidationError(ArtifactTorchError, ValueError):
    """A generated table lacks columns or has the wrong type, or a result was not announced."""


class CheckpointError(ArtifactTorchError, RuntimeError):
    """A checkpoint is missing, damaged, or belongs to another model."""


class BrokenPromiseError(ArtifactTorchError, AssertionError):
    """A fault that a test caused changed a run, or ended it; see `artifact_torch.testing`."""

    def __init__(
        self, message: str, *, promise: str = "", where: str = "", field: str = ""
    ) -> None:
        super().__init__(message)
        self.promise: str = promise
        """Which one."""
        self.where: str = where
        """What was done to the run, and when."""
        self.field: str = field
        """The first tensor or field that is not what it is in the uninterrupted run, if one is."""

    def __reduce__(
        self,
    ) -> tuple[Callable[[str], "BrokenPromiseError"], tuple[str], dict[str, str]]:
        return type(self), (str(self),), vars(self)


class RunFolderError(ArtifactTorchError, RuntimeError):
    """A run folder is in use by another process, belongs to something else, or, where that was
    asked for (`strict=True`), could not be written to.
    """


@final
class RankError(ArtifactTorchError, RuntimeError):
    """Another process of the run raised, is gone, or has another model: this one ends with it. The
    message says which one and why, a note has its traceback.
    """

    def __init__(self, message: str, *, rank: int | None = None, traceback: str = "") -> None:
        super().__init__(message)
        self.rank: int | None = rank
        """Which one, None where that is not known."""
        self.traceback: str = traceback
        """Of what that one raised."""
        if traceback:
            self.add_note(f"On rank {rank}:\n{traceback}".rstrip())

    def __reduce__(self) -> tuple[Callable[[str], "RankError"], tuple[str], dict[str, object]]:
        return type(self), (str(self),), vars(self)


class CopyWarning(UserWarning):
    """Values of the training table would be copied word for word into generated ones."""


class MissingExtraError(ArtifactTorchError, ImportError):
    """A library is not installed; the message has the extra that brings it."""


def note_part(error: BaseException, part: object, method: str, where: object = "") -> None:
    """Add to `error` whose method raised it: "in Accuracy.on_batch, at step 12".

    For an `except` around a whole loop over parts, whose variable still names the one that raised:
    a `try` costs nothing while nothing is raised. An error that has the note keeps it once.
    """
    note = f"in {type(part).__name__}.{method}" + (f", at {where}" if f"{where}" else "")
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def blame(error: BaseException, result: object) -> None:
    """Say of which result the part is that raised `error`, for whoever goes on without it."""
    vars(error)["blamed_for"] = result


def blamed_for(error: BaseException) -> object:
    """What `blame` said."""
    return vars(error).get("blamed_for")
