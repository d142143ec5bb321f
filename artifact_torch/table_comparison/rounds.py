"""Cadences that may also be `None`: only at the end of the run."""

from artifact_torch.cadence import is_due, require_cadence
from artifact_torch.errors import ConfigurationError


def in_round(every: int | None, epoch: int) -> bool:
    """Whether a cadence of `every` epochs falls into the own round of `epoch` (1, 2, 3, ...)."""
    return every is not None and epoch > 0 and is_due(every, epoch, final=False)


def cadence_problems(every: object, what: str) -> list[str]:
    """What is wrong with a cadence that may be `None`, in words."""
    if every is None:
        return []
    try:
        require_cadence(every, what)
    except ConfigurationError as error:
        return [f"{error}; None means only at the end"]
    return []
