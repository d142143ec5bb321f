"""What a plan chose of each kind, when it is due, and what is wrong with the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Protocol, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.isolation import isolated
from artifact_torch.internal.arguments import boolean, listed
from artifact_torch.internal.cadence import cadence_problems

if TYPE_CHECKING:
    from artifact_torch.domain_kit.domain import Member


class Chosen(Protocol):
    """The fields of a plan: the artifacts of each kind, and how often each kind is due."""

    @property
    def scores(self) -> Sequence[Member]: ...
    @property
    def arrays(self) -> Sequence[Member]: ...
    @property
    def plots(self) -> Sequence[Member]: ...
    @property
    def score_collections(self) -> Sequence[Member]: ...
    @property
    def array_collections(self) -> Sequence[Member]: ...
    @property
    def plot_collections(self) -> Sequence[Member]: ...
    @property
    def scores_every(self) -> Every | None: ...
    @property
    def arrays_every(self) -> Every | None: ...
    @property
    def plots_every(self) -> Every | None: ...
    @property
    def score_collections_every(self) -> Every | None: ...
    @property
    def array_collections_every(self) -> Every | None: ...
    @property
    def plot_collections_every(self) -> Every | None: ...
    @property
    def at_end(self) -> bool: ...


@final
@dataclass(frozen=True, kw_only=True)
class Selection:
    """The artifacts of one kind and when they are due."""

    kind: ResultKind
    members: Sequence[Member]
    every: Every | None
    at_end: bool

    def is_due(self, moment: Moment) -> bool:
        """By its cadence, or at the end of the run, if the end counts."""
        if moment.ends_run and self.at_end:
            return True
        return self.every is not None and (self.every == 1 or moment.reaches(self.every))

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


def selections(plan: Chosen) -> list[Selection]:
    """The fields of a plan by kind."""
    chosen: dict[ResultKind, tuple[Sequence[Member], Every | None]] = {
        ResultKind.SCORE: (plan.scores, plan.scores_every),
        ResultKind.ARRAY: (plan.arrays, plan.arrays_every),
        ResultKind.PLOT: (plan.plots, plan.plots_every),
        ResultKind.SCORE_COLLECTION: (plan.score_collections, plan.score_collections_every),
        ResultKind.ARRAY_COLLECTION: (plan.array_collections, plan.array_collections_every),
        ResultKind.PLOT_COLLECTION: (plan.plot_collections, plan.plot_collections_every),
    }
    return [
        Selection(kind=kind, members=members, every=every, at_end=plan.at_end)
        for kind, (members, every) in chosen.items()
    ]


def artifact_name(member: Member) -> str:
    """The name of its result: an enum member's own name, as artifact-experiment has it."""
    return member if isinstance(member, str) else member.name


def plan_problems(domain: Domain[Resources], plan: Chosen) -> list[str]:
    """What is wrong with the fields of a plan, in words."""
    return selection_problems(domain, selections(plan)) + boolean("at_end", plan.at_end)


def selection_problems(domain: Domain[Resources], selections: Sequence[Selection]) -> list[str]:
    """What is wrong with a whole choice, in words."""
    problems = [problem for chosen in selections for problem in chosen.problems(domain)]
    if not problems and not any(chosen.members for chosen in selections):
        problems.append("it is empty; list at least one artifact, for example a score")
    return problems


def announced(selections: Sequence[Selection]) -> list[ResultName]:
    """All that was chosen."""
    return [(chosen.kind, artifact_name(m)) for chosen in selections for m in chosen.members]


def cadences(selections: Sequence[Selection]) -> list[Every]:
    """Those of its kinds."""
    return [chosen.every for chosen in selections if chosen.every is not None]


def due(selections: Sequence[Selection], moment: Moment) -> list[ResultName]:
    """What of it is due."""
    return announced([chosen for chosen in selections if chosen.is_due(moment)])


def stays(domain: Domain[Resources], selections: Sequence[Selection]) -> str:
    """Why it cannot be computed in another process, in words; empty where it can."""
    custom = [
        repr(member)
        for chosen in selections
        for member in chosen.members
        if isinstance(member, str) and member not in domain.names[chosen.kind]
    ]
    if not custom:
        return ""
    return f"{', '.join(custom)} are registered with artifact-core in this process alone"


def execute(
    domain: Domain[Resources],
    selections: Sequence[Selection],
    resources: Resources,
    names: Collection[ResultName],
) -> list[Result | Failure]:
    """What of it is in `names`, each apart."""
    compute = domain.computing(resources)
    return [
        isolated(chosen.kind, name, partial(compute, chosen.kind, member))
        for chosen in selections
        for member in chosen.members
        if (chosen.kind, name := artifact_name(member)) in names
    ]


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
    enum = domain.enums().get(kind)
    unknown = f"{name!r} is not a registered {kind.value.replace('_', ' ')}, expected"
    near = get_close_matches(name, [*(each.name for each in enum or ()), *domain.names[kind]], n=1)
    meant = f"did you mean {near[0]}? else " if near else ""
    if enum:
        own = f"members of {enum.__name__} or names of custom artifacts"
        return f"{unknown} {own}; {meant}register it with artifact-core before the plan is made"
    own = " or ".join(sorted(domain.names[kind])) or "none, the domain has none"
    register = f"domain.register(ResultKind.{kind.name}, {name!r}, function)"
    return f"{unknown} {own}; {meant}to add it, {register} before the plan is made"
