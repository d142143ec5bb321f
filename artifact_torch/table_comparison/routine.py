"""Validates a model by comparing the tables it makes with real ones."""

import logging
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, final

import pandas as pd
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts import ArtifactPlan, Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit.asked import contract_for
from artifact_torch.domain_kit.export import export_table
from artifact_torch.domain_kit.splits import PlannedSplits
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import refuse
from artifact_torch.routines.results import name_problems
from artifact_torch.table_comparison.contracts import (
    Kept,
    TableComparisonResources,
    TableGenerator,
    TableSpec,
)
from artifact_torch.table_comparison.seen import Seen, kept_seen
from artifact_torch.table_comparison.splits import Split, part_problems
from artifact_torch.table_comparison.tables import gap_notes, table_problems

Params = TypeVar("Params")

_logger = logging.getLogger(__name__)

_ONE_ROW = "has 1 row: a copy of it has the best scores that there are; give more rows"


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
        self._told = _Told()
        reals = _reals(spec, named)
        self._splits = PlannedSplits(plan, reals)
        self._may_miss: set[str] = set()
        for name, real in reals.items():
            found = kept_seen(real.kept, real.table, spec)
            self._may_miss |= found.missing.keys()
            whose = f"TableComparisonRoutine: {name}: df_real"
            if len(real.table) == 1:
                _logger.warning("%s %s", whose, _ONE_ROW)
            self._told.tell(whose, found, len(real.table), may_miss=spec.features)

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
        name = type(model).__qualname__
        generated = _usable(model.generate(self._params), self._spec, name)
        of_generated = Kept()
        found = kept_seen(of_generated, generated, self._spec)
        self._told.tell(f"{name}.generate", found, len(generated), may_miss=self._may_miss)
        if self._export_to is not None and not moment.is_rehearsal:
            export_table(generated, self._export_to, moment)

        def resources_of(split: _Real) -> TableComparisonResources:
            return TableComparisonResources(
                spec=self._spec,
                df_real=split.table,
                holdout=split.holdout,
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
    holdout: pd.DataFrame | None
    kept: Kept = field(default_factory=Kept)


def _reals(spec: TableSpec, splits: Mapping[str, Split | None]) -> dict[str, _Real]:
    """Those that are given. The first of the others holds the rows that each is held against."""
    columns = list(spec.features)
    tables = {name: split.df_real[columns] for name, split in splits.items() if split}
    return {
        name: _Real(
            table=table,
            every=split.every,
            holdout=next((other for of, other in tables.items() if of != name), None),
        )
        for name, table in tables.items()
        if (split := splits[name])
    }


def _usable(table: object, spec: TableSpec, model_name: str) -> pd.DataFrame:
    """The spec's columns of a generated table, in the spec's order."""
    problems = table_problems(table, spec)
    if problems or not isinstance(table, pd.DataFrame):
        raise ValidationError(
            "\n".join(f"{model_name}.generate: the table {problem}" for problem in problems)
        )
    return table[list(spec.features)]


@final
class _Told:
    """Says once of each table what of it is missing or unknown."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def tell(self, whose: str, found: Seen, n_rows: int, *, may_miss: Collection[str]) -> None:
        """`whose` names the table; those of the columns that `may_miss` values are no news."""
        for what, note in gap_notes(found, n_rows, may_miss=may_miss).items():
            if (whose, what) not in self._said:
                self._said.add((whose, what))
                _logger.warning("%s: %s", whose, note)
