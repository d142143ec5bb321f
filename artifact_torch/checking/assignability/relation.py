"""Whether an object of one type may be used where another type is asked for.

The question of static checkers, put to the annotations that exist at run time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, final

from artifact_torch.checking.annotations.forms import plain
from artifact_torch.checking.assignability.solution import Solution
from artifact_torch.errors import Severity


@final
@dataclass(frozen=True)
class Mismatch:
    """Why a type may not be used where another is asked for, or why that cannot be known."""

    text: str
    severity: Severity = "error"


@final
@dataclass(frozen=True)
class Fits:
    """A type may be used where another is asked for."""


FITS: Final = Fits()

Outcome: TypeAlias = Fits | Mismatch
Rule: TypeAlias = "Callable[[object, object, Relation], Outcome | None]"
"""Source, target: an answer, or None to leave the answer to the next rule."""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The first error, else the first doubt, else that all fit."""
    doubt: Outcome = FITS
    for outcome in outcomes:
        if isinstance(outcome, Mismatch) and outcome.severity == "error":
            return outcome
        doubt = outcome if isinstance(doubt, Fits) else doubt
    return doubt


@final
@dataclass(frozen=True)
class Relation:
    """The rules in order, and the setting of one comparison."""

    rules: Sequence[Rule]
    solution: Solution
    member: str = ""
    """The member that is being looked at: evidence for messages."""
    part: str = ""
    """The place of the object that is being looked at, where several are compared together."""
    assumed: tuple[tuple[object, object], ...] = ()
    """Pairs further out: a recursive protocol or typed dict fits if nothing else is wrong."""

    def explain(self, source: object, target: object) -> Outcome:
        """The answer of the first rule that has one."""
        source, target = plain(source), plain(target)
        for rule in self.rules:
            outcome = rule(source, target, self)
            if outcome is not None:
                return outcome
        return Mismatch("no rule compares these types", "unverified")

    def fits(self, source: object, target: object) -> bool:
        """The answer without a reason, and without learning from it."""
        return isinstance(self.trial().explain(source, target), Fits)

    def explain_all(self, pairs: Sequence[tuple[object, object]]) -> Outcome:
        """The first error among several, else the first doubt, else that all fit."""
        return worst(self.explain(source, target) for source, target in pairs)

    def at(self, member: str) -> "Relation":
        return Relation(self.rules, self.solution, member, self.part, self.assumed)

    def of(self, part: str) -> "Relation":
        return replace(self, part=part)

    def assuming(self, source: object, target: object) -> "Relation":
        return replace(self, assumed=(*self.assumed, (source, target)))

    def trial(self, more: Iterable[object] = ()) -> "Relation":
        """Comparisons that may turn out to be the wrong alternative; `solution.adopt` keeps them.
        `more` type variables are solved in it.
        """
        solution = self.solution.trial(more)
        return Relation(self.rules, solution, self.member, self.part, self.assumed)
