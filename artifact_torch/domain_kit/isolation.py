"""Computing artifacts one by one, so that one that raises costs nothing else."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.errors import ValidationError
from artifact_torch.routines.results import value_problems

_logger = logging.getLogger(__name__)


def isolated(kind: ResultKind, name: str, compute: Callable[[], object]) -> Result | Failure:
    """The result, or why there is none: what raised costs nothing else."""
    try:
        result = Result(kind, name, compute())
        if problems := value_problems(result):  # of a custom artifact
            raise ValidationError("; ".join(problems))  # noqa: TRY301  (one way out for all)
    except Exception as error:
        _logger.debug("%s could not be computed", name, exc_info=error)
        return Failure(kind, name, f"{type(error).__name__}: {error}")
    return result


@contextmanager
def figures_closed() -> Generator[None]:
    """No figure that pyplot opens inside stays open: one of a plot that raises half-way would for
    ever. Its own thread must be the one that uses pyplot: pyplot does not say whose a figure is.
    """
    import matplotlib.pyplot as plt  # artifact-core has loaded it

    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)
