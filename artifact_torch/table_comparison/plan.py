"""Which of artifact-core's comparisons of two tables to compute, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from artifact_core.spi.orchestration import ArtifactType
from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonArrayType,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
)

from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import boolean
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.isolation import Isolated, artifact_name
from artifact_torch.table_comparison.selection import Selection


@final
@dataclass(frozen=True, kw_only=True)
class TableComparisonPlan:
    """A choice of artifact-core's table comparisons, each kind with a cadence of its own.

    Members of the enums of `artifact_core.table_comparison`, or the names under which custom
    artifacts are registered with artifact-core. Cadences are in epochs; `None` means only at the
    end, which is where plots are by default: a score takes some milliseconds, a plot some tenths
    of a second, `TSNE_JUXTAPOSITION` half a minute. With `at_end` (the default), whatever the last
    epoch's own round left out is computed after it.

    Raises `ConfigurationError` with all problems: nothing chosen, a member of another kind, one
    listed twice, a custom name nobody registered, a cadence below 1, or one that is never due.
    """

    scores: Sequence[TableComparisonScoreType | str] = ()
    arrays: Sequence[TableComparisonArrayType | str] = ()
    plots: Sequence[TableComparisonPlotType | str] = ()
    score_collections: Sequence[TableComparisonScoreCollectionType | str] = ()
    array_collections: Sequence[TableComparisonArrayCollectionType | str] = ()
    plot_collections: Sequence[TableComparisonPlotCollectionType | str] = ()
    scores_every: int | None = 1
    arrays_every: int | None = 1
    plots_every: int | None = None
    score_collections_every: int | None = 1
    array_collections_every: int | None = 1
    plot_collections_every: int | None = None
    at_end: bool = True

    def __post_init__(self) -> None:
        selections = self._selections()
        problems = [problem for chosen in selections for problem in chosen.problems()]
        problems += boolean("at_end", self.at_end)
        if not problems and not any(chosen.members for chosen in selections):
            problems.append("it is empty; list at least one artifact, for example a score")
        if problems:
            raise ConfigurationError(
                "\n".join(f"TableComparisonPlan: {problem}" for problem in problems)
            )

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix, such as `MEAN_JS_DISTANCE`."""
        return [
            (chosen.kind, artifact_name(member))
            for chosen in self._selections()
            for member in chosen.members
        ]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        """Whether any kind is; `final` asks for what the own round of `epoch` left out."""
        return bool(self._due(epoch, final=final))

    def execute(
        self, resources: TableComparisonResources, epoch: int, /, *, final: bool
    ) -> ArtifactResults:
        """The results of the kinds that are due. What raises is logged and in `failures`."""
        run = Isolated(epoch, due=self._due(epoch, final=final))
        compare = Comparison(resources)
        return ArtifactResults(
            scores=run.each(ResultKind.SCORE, self.scores, compare.score),
            arrays=run.each(ResultKind.ARRAY, self.arrays, compare.array),
            plots=run.each(ResultKind.PLOT, self.plots, compare.plot),
            score_collections=run.each(
                ResultKind.SCORE_COLLECTION, self.score_collections, compare.score_collection
            ),
            array_collections=run.each(
                ResultKind.ARRAY_COLLECTION, self.array_collections, compare.array_collection
            ),
            plot_collections=run.each(
                ResultKind.PLOT_COLLECTION, self.plot_collections, compare.plot_collection
            ),
            failures=run.failures,
        )

    def _due(self, epoch: int, *, final: bool) -> set[ResultKind]:
        return {chosen.kind for chosen in self._selections() if chosen.is_due(epoch, final=final)}

    def _selections(self) -> list[Selection]:
        chosen: list[tuple[ResultKind, Sequence[ArtifactType | str], int | None]] = [
            (ResultKind.SCORE, self.scores, self.scores_every),
            (ResultKind.ARRAY, self.arrays, self.arrays_every),
            (ResultKind.PLOT, self.plots, self.plots_every),
            (ResultKind.SCORE_COLLECTION, self.score_collections, self.score_collections_every),
            (ResultKind.ARRAY_COLLECTION, self.array_collections, self.array_collections_every),
            (ResultKind.PLOT_COLLECTION, self.plot_collections, self.plot_collections_every),
        ]
        return [
            Selection(kind=kind, members=members, every=every, at_end=self.at_end)
            for kind, members, every in chosen
        ]
