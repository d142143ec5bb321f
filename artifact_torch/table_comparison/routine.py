"""Validates a model by comparing the tables it makes with real ones."""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from enum import Enum
from typing import Generic, final

import pandas as pd
from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    ArtifactPlan,
    Clocked,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
)
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.routines.results import checked, name_problems, names_due
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


@final
class TableComparisonRoutine(Generic[Params]):
    """Compares one generated table with the real tables of the splits that are due.

    A comparison is computed when its split and its kind in `plan` are both due; at the end of the
    run every split takes part, with what the last moment left out of it. The model
    makes one table per round with `params`, and none when nothing is due. A result's name is the
    plan's with `_TRAIN`, `_VAL` or `_TEST`.

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
    ) -> None:
        named = {"train": train, "validation": validation, "test": test}
        problems = part_problems(spec, plan, named) or name_problems(
            plan.result_names, f"{type(plan).__name__}.result_names"
        )
        if problems:
            raise ConfigurationError(
                "\n".join(f"TableComparisonRoutine: {problem}" for problem in problems)
            )
        self._spec = spec
        self._plan = plan
        self._params = params
        suffixes = zip(("TRAIN", "VAL", "TEST"), named.values(), strict=True)
        self._splits = {
            suffix: Split(split.df_real[list(spec.features)], every=split.every)
            for suffix, split in suffixes
            if split is not None
        }
        self._of_real = {suffix: Kept() for suffix in self._splits}
        self._told = _Told()
        self._may_miss: set[str] = set()
        for suffix, split in self._splits.items():
            found = kept_seen(self._of_real[suffix], split.df_real, spec)
            self._may_miss |= found.missing.keys()
            whose = f"TableComparisonRoutine: the real table of {suffix}"
            self._told.tell(whose, found, len(split.df_real), may_miss=spec.features)

    def contract_of(self, model: object, /) -> object:
        """`TableGenerator` of its parameters; where their class does not tell their type, their
        value decides.

        A 3 may be meant for a `NewType` or a `Literal`, a dict for a typed dict, and `tuple` says
        nothing about what is in it.
        """
        from artifact_torch.checking.annotations.forms import subscripted
        from artifact_torch.checking.contract import solve_contract
        from artifact_torch.checking.values.values import fits

        made_of = type(self._params)
        tells = made_of.__module__ != "builtins" and not issubclass(made_of, Enum)
        asked = solve_contract(model, TableGenerator).get("Params")
        by_value = not tells and (asked is None or fits(self._params, asked))
        return TableGenerator if by_value else subscripted(TableGenerator, made_of)

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its plan."""
        return [("plan", self._plan, ArtifactPlan[TableComparisonResources])]

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return [name for suffix in self._splits for name in _of(suffix, self._plan.result_names)]

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its splits and its plan."""
        of_plan = self._plan.cadences if isinstance(self._plan, Clocked) else ()
        return [*(s.every for s in self._splits.values() if s.every is not None), *of_plan]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """What is due of the plan, for each split whose turn it is; at the end for every split."""
        splits = [
            suffix
            for suffix, split in self._splits.items()
            if moment.ends_run or (split.every is not None and moment.reaches(split.every))
        ]
        if not splits:
            return ()
        source = f"{type(self._plan).__name__}.due"
        names = names_due(self._plan.due(moment), source, self._plan.result_names)
        return [name for suffix in splits for name in _of(suffix, names)]

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
        if moment.is_rehearsal and not moment.ends_run:  # the look before the first step
            return ()
        source = f"{moment}: {type(self._plan).__name__}.execute"
        results: list[Result | Failure] = []
        for suffix, split in self._splits.items():
            asked = [(k, n) for k, n in self._plan.result_names if (k, f"{n}_{suffix}") in names]
            if asked:
                resources = TableComparisonResources(
                    spec=self._spec,
                    df_real=split.df_real,
                    generated=generated,
                    of_real=self._of_real[suffix],
                    of_generated=of_generated,
                )
                returned = self._plan.execute(resources, asked)
                of_plan = checked(returned, source, self._plan.result_names, asked)
                results += [replace(one, name=f"{one.name}_{suffix}") for one in of_plan]
        return results


def _of(suffix: str, names: Iterable[ResultName]) -> list[ResultName]:
    """`MEAN_JS_DISTANCE_VAL`: the form of artifact-experiment's `DataSplit`."""
    return [(kind, f"{name}_{suffix}") for kind, name in names]


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
