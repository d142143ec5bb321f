"""What a plan chose of one kind, when it is due, and what is wrong with the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import Every, Moment, ResultKind, ResultName
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.internal.arguments import listed
from artifact_torch.internal.cadence import cadence_problems

if TYPE_CHECKING:
    from artifact_torch.domain_kit.domain import Member


@final
@dataclass(frozen=True, kw_only=True)
class Selection:
    """The artifacts of one kind and when they are due."""

    kind: ResultKind
    members: Sequence[Member]
    every: Every | None
    at_end: bool

    @property
    def result_names(self) -> list[ResultName]:
        """What results of it are called."""
        return [(self.kind, artifact_name(member)) for member in self.members]

    def is_due(self, moment: Moment) -> bool:
        """By its cadence, or at the end of the run, if the end counts."""
        return is_due(self.every, moment, at_end=self.at_end)

    def problems(self, domain: Domain[Resources]) -> list[str]:
        """What is wrong with the choice, in words."""
        field = f"{self.kind.value}s"
        if isinstance(self.members, str):
            return [
                f"{field}: got the string {self.members!r}, expected a list: [{self.members!r}]"
            ]
        if problems := listed(field, self.members):
            return problems
        found = [
            f"{field}: {problem}"
            for member in self.members
            if (problem := _member_problem(domain, self.kind, member))
        ]
        counts = Counter(artifact_name(member) for member in self.members if _is_member(member))
        found += [
            f"{field}: {name} is listed {count} times, list it once"
            for name, count in counts.items()
            if count > 1
        ]
        found += cadence_problems(f"{field}_every", self.every, or_none=True)
        if self.members and self.every is None and not self.at_end:
            found.append(
                f"{field} would never be computed: {field}_every=None means only at the end, and "
                f"at_end is False; set one of them"
            )
        return found


def is_due(every: Every | None, moment: Moment, *, at_end: bool) -> bool:
    """By its cadence, or at the end of the run, if the end counts; 1 is whenever one asks."""
    if moment.ends_run and at_end:
        return True
    return every is not None and (every == 1 or moment.reaches(every))


def artifact_name(member: Member) -> str:
    """The name of its result: an enum member's own name, as artifact-experiment has it."""
    return member if isinstance(member, str) else member.name


def selection_problems(domain: Domain[Resources], selections: Sequence[Selection]) -> list[str]:
    """What is wrong with a whole choice, in words."""
    problems = [problem for chosen in selections for problem in chosen.problems(domain)]
    if not problems and not any(chosen.members for chosen in selections):
        problems.append("it is empty; list at least one artifact, for example a score")
    return problems


def _is_member(member: object) -> bool:
    return isinstance(member, Enum | str)


def _member_problem(domain: Domain[Resources], kind: ResultKind, member: Member) -> str | None:
    if isinstance(member, str):
        known = domain.is_registered(kind, member)
        return None if known else _unregistered(domain, kind, member)
    types = domain.enums()
    expected = types.get(kind)
    if expected is None:
        return (
            f"got {member}, expected a name such as {min(domain.names[kind], default='MY_OWN')!r}"
        )
    if isinstance(member, expected):
        return None
    home = next((k for k, enum in types.items() if isinstance(member, enum)), None)
    advice = f"; it belongs in {home.value}s" if home else ""
    return f"got {member}, expected members of {expected.__name__}{advice}"


def _unregistered(domain: Domain[Resources], kind: ResultKind, name: str) -> str:
    unknown = f"{name!r} is not a registered {kind.value.replace('_', ' ')}"
    if homes := [f"{other.value}s" for other in ResultKind if name in domain.names[other]]:
        return f"{unknown}; it belongs in {' or '.join(homes)}"
    enum, unknown = domain.enums().get(kind), f"{unknown}, expected"
    near = get_close_matches(name, [*(each.name for each in enum or ()), *domain.names[kind]], n=1)
    meant = f"did you mean {near[0]}? else " if near else ""
    if enum:
        own = f"members of {enum.__name__} or names of custom artifacts"
        return f"{unknown} {own}; {meant}register it with artifact-core before the plan is made"
    own = " or ".join(sorted(domain.names[kind])) or "none, the domain has none"
    register = f"domain.register(ResultKind.{kind.name}, {name!r}, function)"
    return f"{unknown} {own}; {meant}to add it, {register} before the plan is made"
