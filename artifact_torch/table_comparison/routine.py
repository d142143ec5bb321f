"""Validates a model by comparing the tables it makes with real ones."""

import logging
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, final

import pandas as pd
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts import ArtifactPlan, Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit import PlannedSplits
from artifact_torch.domain_kit.asked import contract_for
from artifact_torch.domain_kit.export import export_table
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse
from artifact_torch.routines.results import name_problems
from artifact_torch.table_comparison.contracts import (
    Kept,
    TableComparisonResources,
    TableGenerator,
    TableSpec,
)
from artifact_torch.table_comparison.splits import Split, part_problems
from artifact_torch.table_comparison.tables import (
    empty_columns,
    listed,
    table_problems,
    unknown_categories,
)

Params = TypeVar("Params")

_logger = logging.getLogger(__name__)


@final
class TableComparisonRoutine(Generic[Params]):
    """Compares one generated table with the real tables of the splits that are due.

    A comparison is computed when its split and its kind in `plan` are both due; at the end of the
    run every split takes part, with what the last moment left out of it. The model
    makes one table per round with `params`, and none when nothing is due. A result's name is the
    plan's with `_TRAIN`, `_VAL` or `_TEST`.

    With `export_to`, a folder, each table is kept there as a CSV file; what lies under `files/` in
    the run folder goes to the tracking clients too: `export_to="runs/vae/files/tabular_data"`.

    Only the spec's columns count. Evaluation mode, gradients and random state are the trainer's
    concern: it calls this with all three taken care of.

    Raises `ConfigurationError` with all problems: no split, a cadence below 1, a real table that
    lacks columns, has no rows, no value in a continuous column, or a wrong dtype; or else, a plan
    whose `result_names` are none.
    """

    def __init__(
        self,
        *,
        spec: TableSpec,
        plan: ArtifactPlan[TableComparisonResources],
        params: Params,
        train: Split | None = None,
        validation: Split | None = None,
        test: Split | None = None,
        export_to: str | os.PathLike[str] | None = None,
    ) -> None:
        named = {"train": train, "validation": validation, "test": test}
        problems = part_problems(spec, plan, named) or name_problems(
            plan.result_names, f"{type(plan).__name__}.result_names"
        )
        refuse([f"TableComparisonRoutine: {problem}" for problem in problems])
        self._spec = spec
        self._params = params
        self._export_to = None if export_to is None else Path(export_to)
        columns = list(spec.features)
        self._splits = PlannedSplits(
            plan,
            {
                name: split and _Real(table=split.df_real[columns], every=split.every)
                for name, split in named.items()
            },
        )

    def contract_of(self, model: object, /) -> object:
        """`TableGenerator` of its parameters."""
        return contract_for(model, TableGenerator, "Params", self._params)

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its plan."""
        return [("plan", self._splits.plan, ArtifactPlan[TableComparisonResources])]

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return self._splits.result_names

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its splits and its plan."""
        return self._splits.cadences

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """What is due of the plan, for each split whose turn it is; at the end for every split."""
        return self._splits.due(moment)

    def validate(
        self, model: TableGenerator[Params], names: Collection[ResultName], moment: Moment, /
    ) -> Sequence[Result | Failure]:
        """One generated table for all of `names`. Raises `ValidationError` if the table or the
        plan's results are unfit.
        """
        generated = _usable(model.generate(self._params), self._spec, type(model).__qualname__)
        of_generated = Kept()
        if self._export_to is not None and not moment.is_rehearsal:
            export_table(generated, self._export_to, moment)

        def resources_of(split: _Real) -> TableComparisonResources:
            return TableComparisonResources(
                spec=self._spec,
                df_real=split.table,
                generated=generated,
                of_real=split.kept,
                of_generated=of_generated,
            )

        return self._splits.execute(names, moment, resources_of)


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class _Real:
    """The columns of a real table that count, with what is made of it alone."""

    table: pd.DataFrame
    every: Every | None
    kept: Kept = field(default_factory=Kept)


def _usable(table: object, spec: TableSpec, model_name: str) -> pd.DataFrame:
    """The spec's columns of a generated table, in the spec's order."""
    problems = table_problems(table, spec)
    if problems or not isinstance(table, pd.DataFrame):
        raise ValidationError(
            "\n".join(f"{model_name}.generate: the table {problem}" for problem in problems)
        )
    for unknown in unknown_categories(table, spec):
        _logger.warning(
            "%s.generate: unknown categories, which artifact-core leaves out, in %s",
            model_name,
            unknown,
        )
    if empty := empty_columns(table, spec):
        _logger.warning(
            "%s.generate: not one value, only NaN, in the continuous columns %s; what is computed "
            "of them says nothing",
            model_name,
            listed(empty),
        )
    return table[list(spec.features)]
