"""Which artifacts of a domain to compute, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Generic, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.selection import (
    announced,
    cadences,
    due,
    execute,
    plan_problems,
    selections,
    stays,
)
from artifact_torch.internal.arguments import refuse

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
        problems = plan_problems(self.domain, self)
        refuse([f"DomainPlan: {problem}" for problem in problems])

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix, such as `MSE`."""
        return announced(selections(self))

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its kinds."""
        return cadences(selections(self))

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        return stays(self.domain, selections(self))

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """The kinds whose cadence it is; at the end of the run, with `at_end`, all."""
        return due(selections(self), moment)

    def execute(
        self, resources: Resources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """Each of `names`. What raises is logged and a `Failure`."""
        return execute(self.domain, selections(self), resources, names)
