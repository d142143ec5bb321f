"""The comparisons of two given tables: artifact-core's, and our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, final

import pandas as pd

from artifact_torch.contracts import ResultKind
from artifact_torch.domain_kit import Domain
from artifact_torch.domain_kit.domain import Compute
from artifact_torch.domain_kit.isolation import figures_closed
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.table_comparison.compared import Compared, compared
from artifact_torch.table_comparison.contracts import Kept, TableComparisonResources
from artifact_torch.table_comparison.known import CORE, NAMES, OWN_NAMES, adapted, find
from artifact_torch.table_comparison.labels import (
    escaped,
    escaped_gaps,
    escaped_seen,
    escaped_spec,
    need_escapes,
)
from artifact_torch.table_comparison.narrow import PROJECTIONS, narrowed
from artifact_torch.table_comparison.seen import gaps, kept_seen, spec_of

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType

_PICTURES = frozenset({ResultKind.PLOT, ResultKind.PLOT_COLLECTION})


@final
class Comparison:
    """Computes one artifact at a time; raises whatever the artifact raises. What several of
    artifact-core's own need is made once, and none of their figures is ever pyplot's.
    """

    def __init__(self, resources: TableComparisonResources) -> None:
        with from_extra("tables", "a table comparison"):  # with the first, not with the package
            from artifact_core.table_comparison import TableComparisonEngine

        self._engine_of = TableComparisonEngine.build
        spec = resources.spec
        real = kept_seen(resources.of_real, resources.df_real, spec)
        generated = kept_seen(resources.of_generated, resources.generated, spec)
        self._compared = compared(
            resources, spec_of(spec, real, generated), real, generated, gaps(spec, real, generated)
        )

    def compute(self, kind: ResultKind, member: ArtifactType | str) -> object:
        """The value of one artifact, of the type that its kind has."""
        if isinstance(member, str) and member in OWN_NAMES[kind]:
            from artifact_torch.table_comparison.own import made  # with matplotlib

            return made(kind, member, self._compared, self._score)
        given = self._compared
        if kind not in _PICTURES or not need_escapes(given.spec):
            return self._produced(kind, member, self._fit_for(member, given))
        value = self._produced(kind, member, self._fit_for(member, self._drawn))
        if not is_mapping(value):
            return value
        names = {escaped(name): name for name in given.spec.features}
        return {names.get(str(key), key): each for key, each in value.items()}

    @cached_property
    def _drawn(self) -> Compared:
        """With names that no picture takes for formulas."""
        of, kept = self._compared, self._compared.resources
        real = escaped_seen(kept.of_real, of.real, of.spec)
        generated = escaped_seen(kept.of_generated, of.generated, of.spec)
        spec = escaped_spec(of.spec)
        return compared(of.resources, spec, real, generated, escaped_gaps(of.gaps))

    @staticmethod
    def _fit_for(member: ArtifactType | str, of: Compared) -> Compared:
        """With fewer categories, where the artifact is a projection and needs it."""
        if (member if isinstance(member, str) else member.name) not in PROJECTIONS:
            return of
        spec, real, generated = narrowed(of.spec, of.real, of.generated)
        if spec is of.spec:
            return of
        alone = replace(of.resources, of_real=Kept(), of_generated=Kept())  # no other needs them
        return compared(alone, spec, real, generated, of.gaps)

    def _produced(self, kind: ResultKind, member: ArtifactType | str, of: Compared) -> object:
        """By artifact-core."""
        from artifact_torch.table_comparison.core_parts import computing  # with matplotlib

        # a custom artifact may change the tables that it is given, and use pyplot
        is_custom = isinstance(member, str) and member not in NAMES[kind]
        # the engine has one method a kind: produce_dataset_comparison_score(score_type=...), ...
        engine = self._engine_of(resource_spec=of.spec)
        produce: Callable[..., object] = getattr(engine, f"produce_dataset_comparison_{kind.value}")
        tables = {
            "dataset_real": of.real.table,
            "dataset_synthetic": of.generated.table,
        }
        with figures_closed() if is_custom else computing(of.shared):
            return produce(**{f"{kind.value}_type": member}, **tables)

    def _score(self, rows: pd.DataFrame, name: str) -> float:
        """artifact-core's score of that name, of the real table and `rows` of real tables."""
        resources = replace(self._compared.resources, generated=rows, of_generated=Kept())
        value = Comparison(resources).compute(ResultKind.SCORE, name)
        if not isinstance(value, float):
            raise TypeError(f"{name} is {type(value).__name__}, expected a float")
        return value


def _computing(resources: TableComparisonResources) -> Compute:
    return Comparison(resources).compute


TABLES = Domain(
    resources=TableComparisonResources,
    names=dict(NAMES),
    computing=_computing,
    find=find,
    registry=CORE.registry,
    adapted=adapted,
    enums=CORE.enums,
)
"""The comparisons of two tables that a plan may list."""
