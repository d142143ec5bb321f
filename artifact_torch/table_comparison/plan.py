"""Which of artifact-core's comparisons of two tables to compute, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.internal.arguments import boolean, refuse
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.selection import (
    Selection,
    announced,
    due,
    execute,
    selection_problems,
    stays,
)

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType
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
    """A choice of artifact-core's table comparisons, each kind with a cadence of its own.

    Members of the enums of `artifact_core.table_comparison`, their names ("PDF"), or the names under
    which custom artifacts are registered with artifact-core. A plan of names leaves artifact-core,
    which takes a second to load, to the first comparison. Cadences are in epochs, `steps(n)` or
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
        problems = selection_problems(self._selections()) + boolean("at_end", self.at_end)
        refuse([f"TableComparisonPlan: {problem}" for problem in problems])

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix, such as `MEAN_JS_DISTANCE`."""
        return announced(self._selections())

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its kinds."""
        return [chosen.every for chosen in self._selections() if chosen.every is not None]

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        return stays(self._selections())

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """The kinds whose cadence it is; at the end of the run, with `at_end`, all."""
        return due(self._selections(), moment)

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """Each of `names`. What raises is logged and a `Failure`."""
        return execute(self._selections(), resources, names)

    def _selections(self) -> list[Selection]:
        members: dict[ResultKind, Sequence[ArtifactType | str]] = {
            ResultKind.SCORE: self.scores,
            ResultKind.ARRAY: self.arrays,
            ResultKind.PLOT: self.plots,
            ResultKind.SCORE_COLLECTION: self.score_collections,
            ResultKind.ARRAY_COLLECTION: self.array_collections,
            ResultKind.PLOT_COLLECTION: self.plot_collections,
        }
        cadences: dict[ResultKind, Every | None] = {
            ResultKind.SCORE: self.scores_every,
            ResultKind.ARRAY: self.arrays_every,
            ResultKind.PLOT: self.plots_every,
            ResultKind.SCORE_COLLECTION: self.score_collections_every,
            ResultKind.ARRAY_COLLECTION: self.array_collections_every,
            ResultKind.PLOT_COLLECTION: self.plot_collections_every,
        }
        return [
            Selection(kind=kind, members=members[kind], every=cadences[kind], at_end=self.at_end)
            for kind in ResultKind
        ]
