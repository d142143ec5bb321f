"""What a plan chose of one kind, and what is wrong with the choice."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol, final

from artifact_core.spi.orchestration import ArtifactType
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonArrayType,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import (
    TableComparisonArrayCollectionRegistry,
    TableComparisonArrayRegistry,
    TableComparisonPlotCollectionRegistry,
    TableComparisonPlotRegistry,
    TableComparisonScoreCollectionRegistry,
    TableComparisonScoreRegistry,
    TabularDataSpecProtocol,
)

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.internal.arguments import listed
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.isolation import isolated


class _Registry(Protocol):
    def get(self, artifact_type: str, resource_spec: TabularDataSpecProtocol) -> object: ...


MEMBER_TYPES: Mapping[ResultKind, type[ArtifactType]] = MappingProxyType(
    {
        ResultKind.SCORE: TableComparisonScoreType,
        ResultKind.ARRAY: TableComparisonArrayType,
        ResultKind.PLOT: TableComparisonPlotType,
        ResultKind.SCORE_COLLECTION: TableComparisonScoreCollectionType,
        ResultKind.ARRAY_COLLECTION: TableComparisonArrayCollectionType,
        ResultKind.PLOT_COLLECTION: TableComparisonPlotCollectionType,
    }
)
_REGISTRIES: Mapping[ResultKind, _Registry] = MappingProxyType(
    {
        ResultKind.SCORE: TableComparisonScoreRegistry,
        ResultKind.ARRAY: TableComparisonArrayRegistry,
        ResultKind.PLOT: TableComparisonPlotRegistry,
        ResultKind.SCORE_COLLECTION: TableComparisonScoreCollectionRegistry,
        ResultKind.ARRAY_COLLECTION: TableComparisonArrayCollectionRegistry,
        ResultKind.PLOT_COLLECTION: TableComparisonPlotCollectionRegistry,
    }
)


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
    return isinstance(member, ArtifactType | str)


def _member_problem(kind: ResultKind, member: ArtifactType | str) -> str | None:
    expected = MEMBER_TYPES[kind]
    if isinstance(member, expected):
        return None
    if isinstance(member, str):
        return None if _is_registered(kind, member) else _unregistered(kind, member)
    home = next((k for k, enum in MEMBER_TYPES.items() if isinstance(member, enum)), None)
    advice = f"; it belongs in {home.value}s" if home else ""
    return f"got {member}, expected members of {expected.__name__}{advice}"


def _is_registered(kind: ResultKind, name: str) -> bool:
    # A registry does not list its names: it only hands out artifacts, or refuses by this message.
    try:
        _REGISTRIES[kind].get(artifact_type=name, resource_spec=TabularDataSpec.build())
    except ValueError as error:
        return "not registered" not in str(error)
    except Exception:  # noqa: BLE001  (a custom artifact that cannot do without the real spec)
        return True
    return True


def _unregistered(kind: ResultKind, name: str) -> str:
    return (
        f"{name!r} is not a registered {kind.value.replace('_', ' ')}, expected members of "
        f"{MEMBER_TYPES[kind].__name__} or names of custom artifacts; register it with "
        "artifact-core before the plan is made"
    )
