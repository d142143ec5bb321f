"""Plans written as classes for artifact-experiment, as they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit.experiment_plan import hooks_read, require_buildable
from artifact_torch.domain_kit.selection import announced, cadences, due, execute, stays
from artifact_torch.table_comparison.comparison import TABLES
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec

if TYPE_CHECKING:  # loads every tracking backend: about 3 seconds
    from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment


@final
class ExperimentPlan:
    """A subclass of artifact-experiment's `TableComparisonPlan`, as a plan of this package.

    Its hooks are read once and become a plan of ours, which is what runs: artifact-experiment's
    own `execute` stops at the first artifact that raises (`ArtifactPlan.execute` of 0.1.11), ours
    reports it and computes the rest. Results go to the trainer's tracking client like all others;
    the generated table is exported by the routine (`export_to=`). `every` holds for all kinds;
    `None` means only at the end.

    Raises `ConfigurationError`: a forgotten hook, a name or hyperparameters that artifact-core
    does not know, a cadence below 1, an override that would have no effect here.
    """

    def __init__(
        self,
        plan_class: type[PlanOfExperiment],
        spec: TableSpec,
        *,
        every: Every | None = 1,
        at_end: bool = True,
    ) -> None:
        base = "artifact_experiment.table_comparison.TableComparisonPlan"
        self._selections = hooks_read(TABLES, plan_class, base, every=every, at_end=at_end)
        require_buildable(plan_class, lambda: plan_class.create(resource_spec=spec))

    @property
    def result_names(self) -> Sequence[ResultName]:
        """What the hooks list."""
        return announced(self._selections)

    @property
    def cadences(self) -> Sequence[Every]:
        """That of all its kinds."""
        return cadences(self._selections)

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        return stays(TABLES, self._selections)

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """As `TableComparisonPlan`."""
        return due(self._selections, moment)

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """As `TableComparisonPlan`."""
        return execute(TABLES, self._selections, resources, names)
