"""Whether something may be called as a `Callable`, or a protocol with `__call__`, says."""

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from inspect import isfunction
from typing import Final, final, get_args, get_origin, get_overloads

from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    class_of,
    is_callable_form,
    is_never,
    is_subclass,
)
from artifact_torch.checking.annotations.functions import read_signature
from artifact_torch.checking.annotations.generics import arguments_as, parameter_tables
from artifact_torch.checking.annotations.signatures import Signature, called_with
from artifact_torch.checking.annotations.spelling import show
from artifact_torch.checking.assignability.relation import (
    FITS,
    Outcome,
    Relation,
    Solution,
    worst,
)
from artifact_torch.checking.assignability.rules_forms import mismatch
from artifact_torch.checking.members.callables import member_signatures
from artifact_torch.checking.members.members import Subject
from artifact_torch.checking.members.parameters import pair_parameters
from artifact_torch.checking.members.standard import PROTOCOLS, standard_signatures
from artifact_torch.errors import Violation


def compare_callables(source: object, target: object, relation: Relation) -> Outcome | None:
    """Parameters the other way round, the result straight."""
    if not is_callable_form(target):
        return None
    if not get_args(target):
        known = is_callable_form(source) or signatures_of(source)
        return FITS if known else mismatch(source, target)
    if is_callable_form(source) and not get_args(source):
        return Outcome(f"{show(source)} was not compared", "unverified")
    given = signatures_of(source)
    if given is None:
        return mismatch(source, target)
    return explain_calls(show(source), given, signatures_of(target) or [], relation)


def signatures_of(hint: object) -> list[Signature] | None:
    """How an object of that type is called; none where that is not known, None where it is not."""
    if is_callable_form(hint):
        args = get_args(hint)
        return [called_with(*args)] if args else [called_with(Ellipsis)]
    form = class_of(hint)
    if form is None:
        return None
    if get_origin(hint) is type:
        return _constructors(get_args(hint)[0])
    return member_signatures(Subject(form, hint), "__call__")


def _constructors(made: object) -> list[Signature]:
    """How a class is called. What makes something else than its objects decides alone: a `__call__`
    of the metaclass, or `__new__`.
    """
    cls = class_of(made)
    read = None if cls is None else read_signature(cls, cls, bound=False)
    if read is None or cls is None:
        unknown = called_with(Ellipsis)
        hints: dict[str, object] = dict.fromkeys(unknown.hints, NO_ANNOTATION)
        return [Signature(unknown.parameters, {**hints, "return": made})]
    for owner, name in ((type(cls), "__call__"), (cls, "__new__")):
        function: object = getattr(owner, name)
        own = read_signature(function, owner, bound=True) if isfunction(function) else None
        result = NO_ANNOTATION if own is None else own.hints["return"]
        other = class_of(result) or is_never(result)
        if own and other and other not in cls.__mro__:
            return [own.with_known(parameter_tables(made)[cls])]
    init: object = vars(cls).get("__init__")
    declared = [*get_overloads(init)] if isfunction(init) else list[Callable[..., object]]()
    found = [each for f in declared if (each := read_signature(f, cls, bound=True))] or [read]
    known = parameter_tables(made)[cls]
    return [Signature(s.parameters, {**s.hints, "return": made}).with_known(known) for s in found]


def compare_standard(source: object, target: object, relation: Relation) -> Outcome | None:
    """A class that is not derived from one of Python's own protocols against its members."""
    form, asked = class_of(source), class_of(target)
    if form is None or asked is None or asked not in PROTOCOLS or asked in form.__mro__:
        return None
    known = not get_args(target) or arguments_as(source, asked) is not None
    if form.__module__ in _OWN and is_subclass(form, asked) and known:
        return None  # its bases are not named, but registered
    outcomes: list[Outcome] = []
    # by what it names as bases: every class of Python's is Hashable by its members
    for name in [n for cls, each in PROTOCOLS.items() if cls in asked.__mro__ for n in each]:
        given = member_signatures(Subject(form, source), name)
        calls = standard_signatures(target, name)
        said = f"{show(source)}.{name}"
        missing = Outcome(f"{show(source)} has no {name}")
        outcomes.append(missing if given is None else explain_calls(said, given, calls, relation))
    outcome = worst(outcomes)
    return outcome.said(f"{show(source)} is not {show(target)}: {outcome.text}")


_OWN: Final = ("builtins", "collections", "collections.abc", "typing")


def explain_calls(
    name: str, given: Sequence[Signature], asked: Sequence[Signature], relation: Relation
) -> Outcome:
    """Every way in which it is called has to fit one in which it can be called."""
    if not given:
        return Outcome(f"{name} does not tell its parameters", "unverified")
    return worst(_explain_call(name, given, each, relation) for each in asked)


def _explain_call(
    name: str, overloads: Sequence[Signature], asked: Signature, relation: Relation
) -> Outcome:
    found = compare_call("", asked, overloads, relation)
    if not found.violations:
        return worst(each.outcome for each in found.differences)
    kinds = {p.kind for p in (*found.given.parameters, *asked.parameters)}
    if kinds <= {inspect.Parameter.POSITIONAL_ONLY}:
        number = len(asked.parameters)
        arguments = "1 argument" if number == 1 else f"{number} arguments"
        return Outcome(f"{name} does not take {arguments}")
    return Outcome(f"{name} {found.violations[0].message}")


@final
@dataclass(frozen=True)
class Difference:
    """A parameter, or the result, whose type does not fit."""

    where: str
    is_result: bool
    mine: object
    """The type that the function says, `theirs` what the contract says."""
    theirs: object
    outcome: Outcome


@final
@dataclass(frozen=True)
class Comparison:
    """What keeps a function from being called as asked: its parameters as such, and their types."""

    given: Signature
    violations: list[Violation]
    differences: list[Difference]

    @property
    def distance(self) -> tuple[int, int]:
        """How far the function is from what is asked: what is wrong, then with it what is doubtful."""
        wrong = [each for each in self.differences if each.outcome.severity == "error"]
        n_violations = len(self.violations)
        return n_violations + len(wrong), n_violations + len(self.differences)


def compare_call(
    name: str,
    asked: Signature,
    overloads: Sequence[Signature],
    relation: Relation,
    of_class: Collection[object] = (),
) -> Comparison:
    """The overload that comes closest; its own type variables, but for those of its class, are
    solved. Without a name, evidence is said to come from where the relation is.
    """
    found: list[tuple[Comparison, Solution]] = []
    for given in overloads:
        trial = relation.trial(given.variables - {*of_class} - relation.solution.variables)
        found.append((_compare(name, asked, given, trial), trial.solution))
        if found[-1][0].distance == (0, 0):
            break
    best, solution = min(found, key=lambda each: each[0].distance)
    own = asked.variables - relation.solution.variables
    if (
        own and best.distance[0] == 0 and best.differences
    ):  # whatever they stand for, it may not fit
        trial = relation.trial((best.given.variables | own) - {*of_class})
        refused = _compare(name, asked, best.given, trial)
        best = refused if refused.distance[0] else best
    relation.solution.adopt(solution)
    return best


def _compare(name: str, asked: Signature, given: Signature, relation: Relation) -> Comparison:
    pairing = pair_parameters(name, asked.parameters, given.parameters, is_open=asked.is_open)
    found = Comparison(given, pairing.violations, [])
    for passed, taken in [*pairing.pairs, ("return", "return")]:
        mine, theirs, is_result = given.hints[taken], asked.hints[passed], taken == "return"
        if theirs is NO_ANNOTATION:
            continue
        where = f"{name} -> return" if is_result else f"{name}({taken})"
        place = relation.at(where) if name else relation
        outcome = place.explain(mine, theirs) if is_result else place.explain(theirs, mine)
        if not outcome.fits:
            found.differences.append(Difference(where, is_result, mine, theirs, outcome))
    return found
