"""The run-time net on one object, and what the checkers are to be asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from artifact_torch.checking.annotations.forms import subscripted
from artifact_torch.checking.annotations.spelling import show, variable_name
from artifact_torch.checking.contract import check_contract, solve_contract
from artifact_torch.checking.violation import Violation
from artifact_torch.cli.catalogue import Contract, named_object
from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Claim,
    Failure,
    Finding,
    Outcome,
    Place,
    member_name,
)
from artifact_torch.cli.static.type_source import Source, source_of, widest
from artifact_torch.cli.targets.loading import LoadError, failure_of
from artifact_torch.cli.targets.source_lines import place_of_class, places_of_members


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


def examine(subject: Subject, contract: Contract, *, why: str, args: tuple[str, ...]) -> Outcome:
    """Every violation with its place in the user's file, and the claim for the checkers.

    Raises `LoadError` when the type arguments cannot be used.
    """
    wanted = (
        subscripted(contract.protocol, _arguments(contract, args)) if args else contract.protocol
    )
    try:
        violations = check_contract(subject.value, wanted)
        solved = solve_contract(subject.value, wanted)
    except Exception as error:  # classes that answer questions with exceptions of their own
        raise LoadError(failure_of(error, f"looking at {subject.label} failed")) from error
    places = places_of_members(subject.value, contract.members)
    of_class = place_of_class(subject.form)
    doubts = any(violation.severity == "unverified" for violation in violations)
    return Outcome(
        target=subject.label,
        contract=contract.name,
        why=why,
        arguments={name: show(hint) for name, hint in solved.items()},
        findings=tuple(_finding(violation, places, of_class) for violation in violations),
        place=of_class,
        places=places,
        claim=_claim(subject, contract, args, solved, doubts=doubts),
    )


def _finding(violation: Violation, places: Mapping[str, Place], of_class: Place | None) -> Finding:
    member = member_name(violation.member)
    return Finding(
        member=violation.member,
        code=violation.code,
        message=violation.message,
        severity=violation.severity,
        fix=violation.fix,
        place=places.get(member, of_class),
        seen_by=(RUN_TIME,),
    )


def _arguments(contract: Contract, args: tuple[str, ...]) -> tuple[object, ...]:
    """The types that the user named, one for each parameter of the contract."""
    names = ", ".join(variable_name(parameter) for parameter in contract.parameters)
    if len(args) != len(contract.parameters):
        asked = f"{len(contract.parameters)} ({names})" if names else "none"
        reason = f"--args has {len(args)} types, {contract.name} takes {asked}"
        raise LoadError(Failure(reason=reason))
    try:
        return tuple(named_object(name) for name in args)
    except (ImportError, AttributeError) as error:
        raise LoadError(Failure(reason=f"--args: {error}")) from error


def _claim(
    subject: Subject,
    contract: Contract,
    args: tuple[str, ...],
    solved: Mapping[str, object],
    *,
    doubts: bool,
) -> Claim | None:
    """None for a class that no other file can name."""
    protocol = source_of(contract.protocol)
    if protocol is None:
        return None
    parts = [_named(name) for name in args]
    if not args:
        parts = [_argument(parameter, solved, doubts=doubts) for parameter in contract.parameters]
    listed = ", ".join(part.text for part in parts)
    imports = {
        subject.module,
        *protocol.imports,
        *(name for part in parts for name in part.imports),
    }
    return Claim(
        module=subject.module,
        imports=tuple(sorted(imports)),
        expression=subject.expression,
        is_class=isinstance(subject.value, type),
        members=contract.members,
        contract=f"{protocol.text}[{listed}]" if listed else protocol.text,
    )


def _argument(parameter: object, solved: Mapping[str, object], *, doubts: bool) -> Source:
    name = variable_name(parameter)
    source = source_of(solved[name]) if name in solved else None
    return source or widest(parameter, nothing_known=doubts or name in solved)


def _named(name: str) -> Source:
    module, colon, path = name.rpartition(":")
    return Source(f"{module}.{path}", (module,)) if colon else Source(name)
