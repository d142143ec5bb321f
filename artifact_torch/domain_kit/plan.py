"""Which artifacts of a domain to compute, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, final

from artifact_torch.checking.annotations.forms import subscripted
from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.isolation import isolated
from artifact_torch.domain_kit.selection import Selection, artifact_name, selection_problems
from artifact_torch.internal.arguments import boolean, refuse

if TYPE_CHECKING:
    from artifact_torch.domain_kit.domain import Member


@final
@dataclass(frozen=True)
class DomainPlan(Generic[Resources]):
    """A choice of the artifacts of `domain`, each kind with a cadence of its own.

    Names ("MSE"), members of artifact-core's enums where it has the domain, or the names under which
    custom artifacts are registered with artifact-core. Cadences are in epochs, `steps(n)` or
    `minutes(n)`; 1 means whenever its split is due, `None` only at the end, which is where plots are
    by default. With `at_end` (the default), whatever the last round left out is computed after it.

    Raises `ConfigurationError` with all problems: nothing chosen, a name that the domain does not
    have, one listed twice, a cadence below 1, or one that is never due.
    """

    domain: Domain[Resources]
    _: KW_ONLY
    scores: Sequence[Member] = ()
    arrays: Sequence[Member] = ()
    plots: Sequence[Member] = ()
    score_collections: Sequence[Member] = ()
    array_collections: Sequence[Member] = ()
    plot_collections: Sequence[Member] = ()
    scores_every: Every | None = 1
    arrays_every: Every | None = 1
    plots_every: Every | None = None
    score_collections_every: Every | None = 1
    array_collections_every: Every | None = 1
    plot_collections_every: Every | None = None
    at_end: bool = True

    def __post_init__(self) -> None:
        problems = selection_problems(self.domain, self._chosen) + boolean("at_end", self.at_end)
        refuse([f"plan: {problem}" for problem in problems])
        # as `DomainPlan[Resources](...)` would have it: by this the check tells domains apart
        object.__setattr__(self, "__orig_class__", subscripted(DomainPlan, self.domain.resources))

    @property
    def _chosen(self) -> Sequence[Selection]:
        """The fields by kind."""
        chosen: dict[ResultKind, tuple[Sequence[Member], Every | None]] = {
            ResultKind.SCORE: (self.scores, self.scores_every),
            ResultKind.ARRAY: (self.arrays, self.arrays_every),
            ResultKind.PLOT: (self.plots, self.plots_every),
            ResultKind.SCORE_COLLECTION: (self.score_collections, self.score_collections_every),
            ResultKind.ARRAY_COLLECTION: (self.array_collections, self.array_collections_every),
            ResultKind.PLOT_COLLECTION: (self.plot_collections, self.plot_collections_every),
        }
        return [
            Selection(kind=kind, members=members, every=every, at_end=self.at_end)
            for kind, (members, every) in chosen.items()
        ]

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix, such as `MSE`."""
        return [name for chosen in self._chosen for name in chosen.result_names]

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its kinds."""
        return [chosen.every for chosen in self._chosen if chosen.every is not None]

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        custom = [
            repr(member)
            for chosen in self._chosen
            for member in chosen.members
            if isinstance(member, str) and member not in self.domain.names[chosen.kind]
        ]
        if not custom:
            return ""
        return f"{', '.join(custom)} are registered with artifact-core in this process alone"

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """The kinds whose cadence it is; at the end of the run, with `at_end`, all."""
        due = [chosen for chosen in self._chosen if chosen.is_due(moment)]
        return [name for chosen in due for name in chosen.result_names]

    def execute(
        self, resources: Resources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """Each of `names`. What raises is logged and a `Failure`."""
        compute = self.domain.computing(resources)
        return [
            isolated(chosen.kind, name, partial(compute, chosen.kind, member))
            for chosen in self._chosen
            for member in chosen.members
            if (chosen.kind, name := artifact_name(member)) in names
        ]
