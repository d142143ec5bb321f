"""What the type variables of a contract stand for, as far as its members have said so far."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import final

from artifact_torch.checking.annotations.forms import is_variable
from artifact_torch.checking.annotations.generics import union_of


@final
@dataclass(frozen=True)
class Evidence:
    """A type that a variable was compared with, and the member that did."""

    hint: object
    where: str


@final
@dataclass
class Solution:
    """For each variable: what is given for it (it must be at least that) and what is accepted for
    it (it must be at most that).
    """

    variables: frozenset[object]
    given: dict[object, tuple[Evidence, ...]] = field(
        default_factory=dict[object, tuple[Evidence, ...]]
    )
    accepted: dict[object, tuple[Evidence, ...]] = field(
        default_factory=dict[object, tuple[Evidence, ...]]
    )

    def has(self, hint: object) -> bool:
        return is_variable(hint) and hint in self.variables

    def give(self, variable: object, hint: object, where: str) -> None:
        self.given[variable] = _added(self.given.get(variable, ()), Evidence(hint, where))

    def accept(self, variable: object, hint: object, where: str) -> None:
        self.accepted[variable] = _added(self.accepted.get(variable, ()), Evidence(hint, where))

    def trial(self, more: Iterable[object] = ()) -> "Solution":
        """A copy to try something with; `more` variables count in it."""
        return Solution(self.variables | frozenset(more), dict(self.given), dict(self.accepted))

    def adopt(self, trial: "Solution") -> None:
        """Take over what a trial found out about the variables known here."""
        self.given = {v: e for v, e in trial.given.items() if v in self.variables}
        self.accepted = {v: e for v, e in trial.accepted.items() if v in self.variables}

    def found(self, fits: Callable[[object, object], bool]) -> Mapping[object, object]:
        """One type for each variable that some member has spoken about: all that is given, or the
        narrowest that is accepted.
        """
        answers: dict[object, object] = {}
        for variable, evidence in self.accepted.items():
            hints = [item.hint for item in evidence]
            narrow = (hint for hint in hints if all(fits(hint, other) for other in hints))
            answers[variable] = next(narrow, hints[0])
        for variable, evidence in self.given.items():
            hints = [item.hint for item in evidence]
            answers[variable] = union_of([h for h in hints if not is_variable(h)] or hints)
        return answers


def _added(known: tuple[Evidence, ...], new: Evidence) -> tuple[Evidence, ...]:
    return known if any(item.hint == new.hint for item in known) else (*known, new)
