"""The run-time net on one object, and what the checkers are to be asked about it."""

import abc
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from torch import nn

from artifact_torch.checking.annotations.forms import subscripted
from artifact_torch.checking.annotations.spelling import show, variable_name
from artifact_torch.checking.contract import check_contract, solve_contract
from artifact_torch.checking.members.members import is_set_by_methods
from artifact_torch.cli.catalogue import Contract, named_object
from artifact_torch.cli.reports.findings import (
    CannotCheckError,
    Claim,
    Finding,
    Outcome,
    Place,
    unchecked,
)
from artifact_torch.cli.static.type_source import modules_in, source_of, widest
from artifact_torch.cli.targets.loading import failure_of
from artifact_torch.cli.targets.source_lines import place_of_class, places_of_members
from artifact_torch.errors import Violation

_ADVICE: Final[Mapping[str, str]] = {
    "dynamic": "define it in the class: what __getattr__ answers cannot be checked",
    "missing": "declare it in the class body, or check an object: pkg.mod:make_it",
    "no-signature": "write it as a def: the parameters of this one cannot be read",
    "not-callable": "write it as a def",
    "parameter-type": "annotate it with a type that includes what it is called with",
    "return-type": "return what is asked for, and annotate it",
    "value-type": "assign a value of that type, and annotate it so",
}
"""By code, where the violation itself says no remedy."""

_UNWRITTEN: Final = frozenset({"missing", "not-implemented"})
_DOUBT: Final = "annotate it with a type that can be compared, which Any and object cannot"


@final
@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is checked, and how messages and other files name it."""

    value: object
    label: str
    """`shop.models:VAE`."""
    module: str
    expression: str
    """`shop.models.VAE`, an object's name, or a call."""

    @property
    def form(self) -> type:
        return self.value if isinstance(self.value, type) else type(self.value)


def subject_in(module: str, name: str, value: object) -> Subject:
    """What is called so in the module."""
    label, expression = f"{module}:{name}", f"{module}.{name}"
    return Subject(value=value, label=label, module=module, expression=expression)


def examine(subject: Subject, contract: Contract, *, why: str, args: tuple[str, ...]) -> Outcome:
    """Every violation with its place in the user's file, and the claim for the checkers.

    Raises `CannotCheckError` when the type arguments cannot be used.
    """
    given = _arguments(contract, args)
    wanted = subscripted(contract.protocol, given) if given else contract.protocol
    try:
        violations = check_contract(subject.value, wanted)
        solved = solve_contract(subject.value, wanted)
    except Exception as error:  # classes that answer questions with exceptions of their own
        raise CannotCheckError(failure_of(error, f"looking at {subject.label} failed")) from error
    left_open = _left_to_subclasses(subject.value, violations)
    kept = [
        each
        for each in violations
        if each.code not in _UNWRITTEN
        or not (each.member in left_open or is_set_by_methods(subject.form, each.member))
    ]
    places = places_of_members(subject.value, contract.members)
    found = [_finding(each, places) for each in kept]
    doubts = any(violation.severity == "unverified" for violation in violations)
    known = dict(solved)
    if given:
        known |= zip(map(variable_name, contract.parameters), given, strict=True)
    types = [_type(each, known, doubts=doubts) for each in contract.parameters]
    aside = f"an abstract class: {', '.join(left_open)} left to its subclasses"
    return Outcome(
        target=subject.label,
        contract=contract.name,
        why="; ".join(filter(None, (why, aside if left_open else ""))),
        arguments={name: show(hint) for name, hint in solved.items()},
        findings=(*_nothing_seen(subject, contract, kept), *found),
        place=place_of_class(subject.form),
        claim=None if left_open else _claim(subject, contract, types),
    )


def _nothing_seen(
    subject: Subject, contract: Contract, violations: Sequence[Violation]
) -> Iterator[Finding]:
    """What says so where no member that is asked for has a single annotation."""
    doubtful = {each.member for each in violations if each.severity == "unverified"}
    taken = {member.partition("(")[0] for member in doubtful if "(" in member}
    is_module = nn.Module in subject.form.__mro__
    inherited = {*vars(nn.Module)} - {"forward"} if is_module else set[str]()
    own = [member for member in contract.required if member not in inherited]
    if {*own} <= {member for member in taken if f"{member} -> return" in doubtful}:
        reason = f"nothing of {', '.join(own)} is annotated: no mistake in it could be seen"
        yield unchecked(reason, place=place_of_class(subject.form))


def _left_to_subclasses(target: object, violations: Sequence[Violation]) -> Collection[str]:
    """The members that an abstract class, or one that has subclasses with them, does not write."""
    if not isinstance(target, type):
        return ()
    is_abstract = inspect.isabstract(target) or abc.ABC in target.__bases__
    return dict.fromkeys(
        violation.member
        for violation in violations
        if violation.code in _UNWRITTEN
        and violation.severity == "error"
        and (is_abstract or any(violation.member in vars(c) for c in _subclasses(target)))
    )


def _subclasses(form: type) -> list[type]:
    own: list[type] = type.__subclasses__(form)
    return [*own, *(each for subclass in own for each in _subclasses(subclass))]


def _finding(violation: Violation, places: Mapping[str, Place]) -> Finding:
    member = violation.member.partition("(")[0].partition(" ")[0]
    doubtful = violation.severity == "unverified" and violation.code.endswith("-type")
    return Finding(
        member=violation.member,
        code=violation.code,
        message=violation.message,
        severity=violation.severity,
        fix=violation.fix or (_DOUBT if doubtful else _ADVICE.get(violation.code)),
        place=places.get(member),
    )


def _arguments(contract: Contract, args: tuple[str, ...]) -> tuple[object, ...]:
    """The types that the user named, one for each parameter of the contract."""
    names = ", ".join(variable_name(parameter) for parameter in contract.parameters)
    if args and len(args) != len(contract.parameters):
        asked = f"{len(contract.parameters)} ({names})" if names else "none"
        raise CannotCheckError(f"--args has {len(args)} types, {contract.name} takes {asked}")
    try:
        return tuple(named_object(name) for name in args)
    except (ImportError, AttributeError) as error:
        raise CannotCheckError(f"--args: {error}") from error


def _claim(subject: Subject, contract: Contract, types: Sequence[str]) -> Claim | None:
    """None for a class that no other file can name."""
    protocol = source_of(contract.protocol)
    if protocol is None:
        return None
    source = f"{protocol}[{', '.join(types)}]" if types else protocol
    return Claim(
        module=subject.module,
        imports=tuple(sorted({subject.module, *modules_in(source)})),
        expression=subject.expression,
        is_class=isinstance(subject.value, type),
        contract=source,
    )


def _type(parameter: object, solved: Mapping[str, object], *, doubts: bool) -> str:
    """What a checker is told that it stands for."""
    name = variable_name(parameter)
    source = source_of(solved[name]) if name in solved else None
    return source or widest(parameter, nothing_known=doubts or name in solved)
