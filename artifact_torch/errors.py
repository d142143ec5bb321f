"""The exceptions of the toolkit, one class per situation a caller can act on.

Every message says: the thing, what was got, what is expected, what to do.
"""

from collections.abc import Sequence
from typing import Protocol


class Problem(Protocol):
    """One thing that is wrong with a part: what a `Violation` of `artifact_torch.checking` tells."""

    @property
    def member(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def fix(self) -> str | None: ...


class ArtifactTorchError(Exception):
    """The base of all errors raised on purpose by this package."""


class ContractError(ArtifactTorchError, TypeError):
    """A part does not satisfy the contract of its place; the message lists every violation."""

    def __init__(self, message: str, violations: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.violations: Sequence[Problem] = tuple(violations)
        """Each names its part: `model= VAE: forward(x)`. Empty where the message says it all."""

    def __reduce__(self) -> tuple[type["ContractError"], tuple[str, Sequence[Problem]]]:
        return type(self), (str(self), self.violations)


class ConfigurationError(ArtifactTorchError, ValueError):
    """A value or a combination of parts is refused before training starts."""


class DataError(ArtifactTorchError, ValueError):
    """A loader is empty, or a batch is not what the model declares or cannot be moved."""


class LossError(ArtifactTorchError, ValueError):
    """The loss is missing, not a scalar, not finite, or not connected to the parameters."""


class ValidationError(ArtifactTorchError, ValueError):
    """A generated table lacks columns or has the wrong type, or a result was not announced."""


class CheckpointError(ArtifactTorchError, RuntimeError):
    """A checkpoint is missing, damaged, or belongs to another model."""


class MissingExtraError(ArtifactTorchError, ImportError):
    """A library is not installed; the message has the extra that brings it."""
