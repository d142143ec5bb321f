"""What the type variables of a contract stand for, as far as its members have said so far."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import final

from artifact_torch.checking.annotations.forms import is_variable
from artifact_torch.checking.annotations.generics import union_of


@final
@dataclass(frozen=True)
class Evidence:
    """A type that a variable was compared with, and the member of the part that did."""

    hint: object
    member: str = field(compare=False)
    part: str = field(compare=False)

    @property
    def where(self) -> str:
        return f"{self.member} of {self.part}" if self.part else self.member


@final
@dataclass
class Solution:
    """For each variable: what is given for it (it must be at least that) and what is accepted for
    it (it must be at most that).
    """

    variables: frozenset[object] = field(default_factory=frozenset[object], compare=False)
    given: dict[object, tuple[Evidence, ...]] = field(
        default_factory=dict[object, tuple[Evidence, ...]]
    )
    accepted: dict[object, tuple[Evidence, ...]] = field(
        default_factory=dict[object, tuple[Evidence, ...]]
    )

    def has(self, hint: object) -> bool:
        return is_variable(hint) and hint in self.variables

    def give(self, variable: object, evidence: Evidence) -> None:
        _add(self.given, variable, evidence)

    def accept(self, variable: object, evidence: Evidence) -> None:
        _add(self.accepted, variable, evidence)

    def sources(self) -> list[str]:
        """The members that have spoken."""
        tables = (self.given, self.accepted)
        return [e.where for table in tables for found in table.values() for e in found]

    def learn(self, before: "Solution", after: "Solution", part: str) -> None:
        """What was found out between the two, now by another part."""
        for old, new, mine in (
            (before.given, after.given, self.given),
            (before.accepted, after.accepted, self.accepted),
        ):
            for variable, evidence in new.items():
                for each in evidence[len(old.get(variable, ())) :]:
                    _add(mine, variable, replace(each, part=part))

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


def _add(known: dict[object, tuple[Evidence, ...]], variable: object, evidence: Evidence) -> None:
    there = known.get(variable, ())
    known[variable] = there if evidence in there else (*there, evidence)
