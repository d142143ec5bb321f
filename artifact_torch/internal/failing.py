"""What becomes of a part that raises while the run goes on."""

import logging
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias, final

from artifact_torch.contracts import Monitor, ResultName
from artifact_torch.internal.arguments import shown

OnFailure: TypeAlias = Literal["raise", "disable"]
"""A part that raises ends the run, or is left out from then on."""

_logger = logging.getLogger("artifact_torch")


def on_failure_problems(value: object) -> list[str]:
    """What is wrong with the policy, in words."""
    if value in ("raise", "disable"):
        return []
    return [f'on_failure must be "raise" or "disable", got {shown(value)}']


@final
class Failing:
    """The parts of one run that were left out, and why.

    `deciding` are those that may look at a score of theirs: it is told where one looks in vain.
    """

    def __init__(self, policy: OnFailure = "raise", deciding: Iterable[object] = ()) -> None:
        self._disables = policy == "disable"
        self._deciding = tuple(deciding)
        self._parts: list[object] = []  # kept, so that no other gets the id of one
        self.names: set[ResultName] = set()
        """Results that are not produced any more."""
        self.reasons: dict[str, str] = {}
        """By the name of the part, what it raised and where."""

    def is_out(self, part: object) -> bool:
        """Whether it was left out."""
        return any(part is each for each in self._parts)

    def leaves_out(
        self,
        part: object,
        method: str,
        where: object,
        error: Exception,
        names: Collection[ResultName] = (),
        *,
        name: str | None = None,
    ) -> bool:
        """Whether the run goes on without `part`, whose `method` raised `error`; its results are
        `names`. Told in one warning, as `name` or that of its class.
        """
        if not self._disables:
            return False
        self._parts.append(part)
        return self.leaves_out_results(name or type(part).__name__, method, where, error, names)

    def leaves_out_results(
        self,
        name: str,
        method: str,
        where: object,
        error: Exception,
        names: Collection[ResultName],
    ) -> bool:
        """As `leaves_out`, for one that is known by its results alone."""
        if not self._disables:
            return False
        self.names.update(names)
        why = f"{type(error).__name__}: {error}".removesuffix(": ")
        called = ", ".join(f'"{result}"' for _, result in names)
        told = f"{name} ({called})" if called else name
        key, n = told, 2
        while key in self.reasons:
            key, n = f"{told} {n}", n + 1
        self.reasons[key] = f"{where}: {method} raised {why}"
        _logger.warning(
            '%s.%s raised at %s, and is left out from here on (on_failure="disable"): %s%s',
            *(told, method, where, why, self._in_vain({each for _, each in names})),
            exc_info=error,
        )
        return True

    def _in_vain(self, gone: Collection[str]) -> str:
        """Who looks at a score that is not produced any more: it decides nothing by it."""
        lines = [
            f'; {type(part).__name__} looks at "{name}", which nobody produces any more: it '
            "decides nothing by that, and other stoppers end the run"
            for part in self._deciding
            for name in (part.monitored if isinstance(part, Monitor) else ())
            if name in gone
        ]
        return "".join(lines)
