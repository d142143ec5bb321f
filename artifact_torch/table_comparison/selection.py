"""What a plan chose of one kind, and what is wrong with the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.internal.arguments import listed
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.isolation import isolated
from artifact_torch.table_comparison.known import NAMES, is_registered, member_types

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType


@final
@dataclass(frozen=True, kw_only=True)
class Selection:
    """The artifacts of one kind and when they are due."""

    kind: ResultKind
    members: Sequence[ArtifactType | str]
    every: Every | None
    at_end: bool

    def is_due(self, moment: Moment) -> bool:
        """By its cadence, or at the end of the run, if the end counts."""
        if moment.ends_run and self.at_end:
            return True
        return self.every is not None and (self.every == 1 or moment.reaches(self.every))

    def problems(self) -> list[str]:
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
            if (problem := _member_problem(self.kind, member))
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


def artifact_name(member: ArtifactType | str) -> str:
    """The name of its result: an enum member's own name, as artifact-experiment has it."""
    return member if isinstance(member, str) else member.name


def selection_problems(selections: Sequence[Selection]) -> list[str]:
    """What is wrong with a whole choice, in words."""
    problems = [problem for chosen in selections for problem in chosen.problems()]
    if not problems and not any(chosen.members for chosen in selections):
        problems.append("it is empty; list at least one artifact, for example a score")
    return problems


def announced(selections: Sequence[Selection]) -> list[ResultName]:
    """All that was chosen."""
    return [(chosen.kind, artifact_name(m)) for chosen in selections for m in chosen.members]


def due(selections: Sequence[Selection], moment: Moment) -> list[ResultName]:
    """What of it is due."""
    return announced([chosen for chosen in selections if chosen.is_due(moment)])


def stays(selections: Sequence[Selection]) -> str:
    """Why it cannot be computed in another process, in words; empty where it can."""
    custom = [
        repr(member)
        for chosen in selections
        for member in chosen.members
        if isinstance(member, str) and member not in NAMES[chosen.kind]
    ]
    if not custom:
        return ""
    return f"{', '.join(custom)} are registered with artifact-core in this process alone"


def execute(
    selections: Sequence[Selection],
    resources: TableComparisonResources,
    names: Collection[ResultName],
) -> list[Result | Failure]:
    """What of it is in `names`, each apart."""
    comparison = Comparison(resources)
    return [
        isolated(chosen.kind, name, partial(comparison.compute, chosen.kind, member))
        for chosen in selections
        for member in chosen.members
        if (chosen.kind, name := artifact_name(member)) in names
    ]


def _is_member(member: object) -> bool:
    return isinstance(member, Enum | str)


def _member_problem(kind: ResultKind, member: ArtifactType | str) -> str | None:
    if isinstance(member, str):
        return None if is_registered(kind, member) else _unregistered(kind, member)
    types = member_types()
    expected = types[kind]
    if isinstance(member, expected):
        return None
    home = next((k for k, enum in types.items() if isinstance(member, enum)), None)
    advice = f"; it belongs in {home.value}s" if home else ""
    return f"got {member}, expected members of {expected.__name__}{advice}"


def _unregistered(kind: ResultKind, name: str) -> str:
    return (
        f"{name!r} is not a registered {kind.value.replace('_', ' ')}, expected members of "
        f"{member_types()[kind].__name__} or names of custom artifacts; register it with "
        "artifact-core before the plan is made"
    )
