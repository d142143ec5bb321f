"""artifact-core's comparisons of two given tables, one method for each kind of result."""

from collections.abc import Mapping
from typing import final

from artifact_core.table_comparison import (
    TableComparisonArrayCollectionType,
    TableComparisonArrayType,
    TableComparisonEngine,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
)
from artifact_core.typing import Array, ArrayCollection, Plot, PlotCollection

from artifact_torch.table_comparison.contracts import TableComparisonResources


@final
class Comparison:
    """Computes one artifact at a time; raises whatever the artifact raises."""

    def __init__(self, resources: TableComparisonResources) -> None:
        self._engine = TableComparisonEngine.build(resource_spec=resources.spec)
        self._real = resources.df_real
        self._generated = resources.generated

    def score(self, member: TableComparisonScoreType | str) -> float:
        # float: some scores are numpy's, which a tracker may not take.
        return float(
            self._engine.produce_dataset_comparison_score(
                score_type=member, dataset_real=self._real, dataset_synthetic=self._generated
            )
        )

    def array(self, member: TableComparisonArrayType | str) -> Array:
        return self._engine.produce_dataset_comparison_array(
            array_type=member, dataset_real=self._real, dataset_synthetic=self._generated
        )

    def plot(self, member: TableComparisonPlotType | str) -> Plot:
        return self._engine.produce_dataset_comparison_plot(
            plot_type=member, dataset_real=self._real, dataset_synthetic=self._generated
        )

    def score_collection(
        self, member: TableComparisonScoreCollectionType | str
    ) -> Mapping[str, float]:
        scores = self._engine.produce_dataset_comparison_score_collection(
            score_collection_type=member,
            dataset_real=self._real,
            dataset_synthetic=self._generated,
        )
        return {name: float(score) for name, score in scores.items()}

    def array_collection(self, member: TableComparisonArrayCollectionType | str) -> ArrayCollection:
        return self._engine.produce_dataset_comparison_array_collection(
            array_collection_type=member,
            dataset_real=self._real,
            dataset_synthetic=self._generated,
        )

    def plot_collection(self, member: TableComparisonPlotCollectionType | str) -> PlotCollection:
        return self._engine.produce_dataset_comparison_plot_collection(
            plot_collection_type=member,
            dataset_real=self._real,
            dataset_synthetic=self._generated,
        )
