"""Whether an object of one type may be used where another type is asked for.

The question of static checkers, put to the annotations that exist at run time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, final

from artifact_torch.checking.annotations.forms import is_variable, plain
from artifact_torch.checking.annotations.generics import union_of, with_defaults
from artifact_torch.checking.annotations.spelling import show
from artifact_torch.errors import Severity


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


@final
@dataclass(frozen=True)
class Outcome:
    """Whether a type may be used where another is asked for; why not, or why nobody can know."""

    text: str
    severity: Severity = "error"
    fits: bool = False

    @property
    def is_wrong(self) -> bool:
        return not self.fits and self.severity == "error"

    def said(self, text: str) -> "Outcome":
        """The same, told in other words where it does not fit."""
        return self if self.fits else Outcome(text, self.severity)


FITS: Final = Outcome("", fits=True)

Rule: TypeAlias = "Callable[[object, object, Relation], Outcome | None]"
"""Source, target: an answer, or None to leave the answer to the next rule."""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The first error, else the first doubt, else that all fit."""
    doubt: Outcome = FITS
    for outcome in outcomes:
        if outcome.is_wrong:
            return outcome
        doubt = outcome if doubt.fits else doubt
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
        source, target = with_defaults(plain(source)), with_defaults(plain(target))
        for rule in self.rules:
            outcome = rule(source, target, self)
            if outcome is not None:
                return outcome
        text = f"{show(source)} and {show(target)} cannot be compared at run time"
        return Outcome(text, "unverified")

    def fits(self, source: object, target: object) -> bool:
        """The answer without a reason, and without learning from it."""
        return self.trial().explain(source, target).fits

    def explain_all(self, pairs: Sequence[tuple[object, object]]) -> Outcome:
        """The first error among several, else the first doubt, else that all fit."""
        return worst(self.explain(source, target) for source, target in pairs)

    def explain_attribute(self, source: object, target: object, *, writable: bool) -> Outcome:
        """What is read has to fit; where it is also assigned, the other way round too."""
        back = [(target, source)] if writable else []
        return self.explain_all([(source, target), *back])

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
