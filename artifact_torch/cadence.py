"""When something that is computed every n epochs is due."""

from artifact_torch.errors import ConfigurationError


def require_cadence(every: object, what: str) -> int:
    """`every` if it can be a cadence. Raises `ConfigurationError` naming `what` otherwise."""
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise ConfigurationError(f"{what} must be a whole number of at least 1, got {every!r}")
    return every


def is_due(every: int, epoch: int, *, final: bool) -> bool:
    """Every `every` epochs; in the final round, what the last epoch's own round left out."""
    return (epoch % every == 0) is not final
