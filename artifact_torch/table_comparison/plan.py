"""Which of artifact-core's comparisons of two tables to compute, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit import DomainPlan
from artifact_torch.table_comparison.comparison import TABLES
from artifact_torch.table_comparison.contracts import TableComparisonResources

if TYPE_CHECKING:
    from artifact_core.table_comparison import (
        TableComparisonArrayCollectionType,
        TableComparisonArrayType,
        TableComparisonPlotCollectionType,
        TableComparisonPlotType,
        TableComparisonScoreCollectionType,
        TableComparisonScoreType,
    )


@final
@dataclass(frozen=True, kw_only=True)
class TableComparisonPlan:
    """A choice of comparisons of two tables, each kind with a cadence of its own.

    Members of the enums of `artifact_core.table_comparison`, their names ("PDF"), or the names under
    which custom artifacts are registered with artifact-core. A plan of names leaves artifact-core,
    which takes a second to load, to the first comparison. By name, too, what artifact-core does not
    have: the plots "DISTRIBUTIONS" and "CORRELATION_DIFFERENCE", the collection of plots
    "DISTRIBUTIONS", and the collections of scores "CEILINGS" (what the scores are of real rows),
    "MISSING_DIFFERENCE" and "UNKNOWN_DIFFERENCE" (the share of such values in the generated table
    less that in the real one). Cadences are in epochs, `steps(n)` or
    `minutes(n)`; 1 means whenever its split is due, `None` only at the end, which is where plots
    are by default: a score takes some milliseconds, a plot some tenths of a second,
    `TSNE_JUXTAPOSITION` half a minute. With `at_end` (the default), whatever the last round left
    out is computed after it.

    Raises `ConfigurationError` with all problems: nothing chosen, a member of another kind, one
    listed twice, a custom name nobody registered, a cadence below 1, or one that is never due.
    """

    scores: Sequence[TableComparisonScoreType | str] = ()
    arrays: Sequence[TableComparisonArrayType | str] = ()
    plots: Sequence[TableComparisonPlotType | str] = ()
    score_collections: Sequence[TableComparisonScoreCollectionType | str] = ()
    array_collections: Sequence[TableComparisonArrayCollectionType | str] = ()
    plot_collections: Sequence[TableComparisonPlotCollectionType | str] = ()
    scores_every: Every | None = 1
    arrays_every: Every | None = 1
    plots_every: Every | None = None
    score_collections_every: Every | None = 1
    array_collections_every: Every | None = 1
    plot_collections_every: Every | None = None
    at_end: bool = True

    def __post_init__(self) -> None:
        _ = self._plan

    @cached_property
    def _plan(self) -> DomainPlan[TableComparisonResources]:
        """The same with fields that take the enums of any domain."""
        return DomainPlan(
            TABLES,
            scores=self.scores,
            arrays=self.arrays,
            plots=self.plots,
            score_collections=self.score_collections,
            array_collections=self.array_collections,
            plot_collections=self.plot_collections,
            scores_every=self.scores_every,
            arrays_every=self.arrays_every,
            plots_every=self.plots_every,
            score_collections_every=self.score_collections_every,
            array_collections_every=self.array_collections_every,
            plot_collections_every=self.plot_collections_every,
            at_end=self.at_end,
        )

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix, such as `MEAN_JS_DISTANCE`."""
        return self._plan.result_names

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its kinds."""
        return self._plan.cadences

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        return self._plan.stays

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """The kinds whose cadence it is; at the end of the run, with `at_end`, all."""
        return self._plan.due(moment)

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """Each of `names`. What raises is logged and a `Failure`."""
        return self._plan.execute(resources, names)
