"""Computing artifacts one by one, so that one that raises costs nothing else."""

import logging
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar, final

import matplotlib.pyplot as plt
from artifact_core.spi.orchestration import ArtifactType

from artifact_torch.contracts import ResultKind
from artifact_torch.errors import ValidationError
from artifact_torch.routines.results import value_problems

MemberT = TypeVar("MemberT", bound=ArtifactType | str)
ResultT = TypeVar("ResultT")

_logger = logging.getLogger(__name__)


def artifact_name(member: ArtifactType | str) -> str:
    """The name of its result: an enum member's own name, as artifact-experiment has it."""
    return member if isinstance(member, str) else member.name


def add_failure(failures: dict[str, str], name: str, reason: str) -> None:
    """Keep `reason`; a name is unique within its kind only, so that two kinds may share one."""
    failures[name] = f"{failures[name]}; {reason}" if name in failures else reason


@final
class Isolated:
    """Computes artifacts of the kinds that are due; `failures` has what raised, and why."""

    def __init__(self, epoch: int, *, due: Collection[ResultKind]) -> None:
        self._epoch = epoch
        self._due = due
        self.failures: dict[str, str] = {}

    def each(
        self, kind: ResultKind, members: Iterable[MemberT], compute: Callable[[MemberT], ResultT]
    ) -> dict[str, ResultT]:
        """The results by name, without those that raised; none at all when `kind` is not due."""
        results: dict[str, ResultT] = {}
        if kind not in self._due:
            return results
        for member in members:
            name = artifact_name(member)
            try:
                with _figures_closed():
                    results[name] = _of_kind(kind, name, compute(member))
            except Exception as error:  # noqa: BLE001  (whatever it is, the others still count)
                self._report(name, error)
        return results

    def _report(self, name: str, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        add_failure(self.failures, name, reason)
        _logger.error(
            "%s could not be computed at epoch %d: %s",
            name,
            self._epoch,
            reason,
            exc_info=error if _logger.isEnabledFor(logging.DEBUG) else None,
        )


def _of_kind(kind: ResultKind, name: str, result: ResultT) -> ResultT:
    """Raises `ValidationError` for what a custom artifact should not have returned."""
    if problems := list(value_problems(kind, name, result)):
        raise ValidationError("; ".join(problems))
    return result


@contextmanager
def _figures_closed() -> Generator[None]:
    # A plot that raises half-way leaves its figure with pyplot, which keeps it for ever.
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)
