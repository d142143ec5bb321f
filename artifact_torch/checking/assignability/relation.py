"""Whether an object of one type may be used where another type is asked for.

The question of static checkers, put to the annotations that exist at run time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, final, get_args

from artifact_torch.checking.annotations.forms import is_variable, plain
from artifact_torch.checking.annotations.generics import union_of, with_defaults
from artifact_torch.checking.annotations.spelling import show
from artifact_torch.errors import Severity

Verb: TypeAlias = Literal["gives", "accepts"]
"""A variable is at least what is given for it, and at most what is accepted for it."""


@final
@dataclass(frozen=True)
class Evidence:
    """A type that a variable was compared with, and the member of the part that did."""

    variable: object
    verb: Verb
    hint: object
    member: str = field(compare=False)
    part: str = field(compare=False)

    @property
    def where(self) -> str:
        """`forward of model=`."""
        return f"{self.member} of {self.part}" if self.part else self.member


@final
@dataclass
class Solution:
    """The type variables that are looked for, and what is known about them."""

    variables: frozenset[object] = field(default_factory=frozenset[object], compare=False)
    evidence: tuple[Evidence, ...] = ()

    def has(self, hint: object) -> bool:
        """Whether it is one of the variables that are looked for."""
        return is_variable(hint) and hint in self.variables

    def heard(self, variable: object, verb: Verb) -> list[Evidence]:
        """What was given for a variable, or what was accepted for it."""
        return [e for e in self.evidence if e.variable is variable and e.verb == verb]

    def add(self, *evidence: Evidence) -> None:
        """Each once: what a second member says again is no news."""
        self.evidence += tuple(each for each in evidence if each not in self.evidence)

    def repeat(self, evidence: Iterable[Evidence], part: str) -> None:
        """What was found out before, now by another part."""
        self.add(*(replace(each, part=part) for each in evidence))

    def trial(self, more: Iterable[object] = ()) -> "Solution":
        """A copy to try something with; `more` variables count in it."""
        return Solution(self.variables | frozenset(more), self.evidence)

    def adopt(self, trial: "Solution") -> None:
        """Take over what a trial found out about the variables known here."""
        self.evidence = tuple(e for e in trial.evidence if e.variable in self.variables)

    def found(self, fits: Callable[[object, object], bool]) -> Mapping[object, object]:
        """One type for each variable that some member has spoken about: all that is given, or the
        narrowest that is accepted.
        """
        answers: dict[object, object] = {}
        for variable in dict.fromkeys(each.variable for each in self.evidence):
            given, taken = ([e.hint for e in self.heard(variable, verb)] for verb in get_args(Verb))
            narrow = (hint for hint in taken if all(fits(hint, other) for other in taken))
            known = [hint for hint in given if not is_variable(hint)] or given
            answers[variable] = union_of(known) if known else next(narrow, taken[0])
        return answers


@final
@dataclass(frozen=True)
class Outcome:
    """Whether a type may be used where another is asked for; why not, or why nobody can know."""

    text: str
    severity: Severity = "error"
    fits: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether it certainly does not fit."""
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
        """The same, while `member` is looked at."""
        return Relation(self.rules, self.solution, member, self.part, self.assumed)

    def of(self, part: str) -> "Relation":
        """The same, while the object of that place is looked at."""
        return replace(self, part=part)

    def assuming(self, source: object, target: object) -> "Relation":
        """The same, where this pair is taken to fit: it is being compared further out."""
        return replace(self, assumed=(*self.assumed, (source, target)))

    def trial(self, more: Iterable[object] = ()) -> "Relation":
        """Comparisons that may turn out to be the wrong alternative; `solution.adopt` keeps them.
        `more` type variables are solved in it.
        """
        solution = self.solution.trial(more)
        return Relation(self.rules, solution, self.member, self.part, self.assumed)
