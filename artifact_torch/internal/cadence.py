"""When something that is computed every n epochs is due; `None`: only at the end of the run."""

from artifact_torch.contracts import Moment
from artifact_torch.errors import ConfigurationError


def in_round(every: int | None, epoch: int) -> bool:
    """Whether a cadence of `every` epochs falls on `epoch` (1, 2, 3, ...)."""
    return every is not None and epoch > 0 and epoch % every == 0


def is_due(every: int | None, moment: Moment) -> bool:
    """Every `every` epochs, and at the end of the run."""
    return moment.ends_run or in_round(every, moment.epoch)


def every_problems(every: object, what: str) -> list[str]:
    """What is wrong with a cadence, in words."""
    if isinstance(every, int) and not isinstance(every, bool) and every >= 1:
        return []
    return [f"{what} must be a whole number of at least 1, got {every!r}"]


def cadence_problems(every: object, what: str) -> list[str]:
    """What is wrong with a cadence that may be `None`, in words."""
    problems = [] if every is None else every_problems(every, what)
    return [f"{problem}; None means only at the end" for problem in problems]


def require_cadence(every: object, what: str) -> int:
    """`every` if it can be a cadence. Raises `ConfigurationError` naming `what` otherwise."""
    problems = every_problems(every, what)
    if problems or not isinstance(every, int):
        raise ConfigurationError(*problems)
    return every
