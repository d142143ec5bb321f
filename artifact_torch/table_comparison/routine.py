"""Validates a model by comparing the tables it makes with real ones."""

import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Generic, final

import pandas as pd
from typing_extensions import TypeVar

from artifact_torch.contracts import ArtifactPlan, ArtifactResults, ResultName
from artifact_torch.errors import ConfigurationError, ValidationError
from artifact_torch.internal.arguments import answer
from artifact_torch.internal.cadence import in_round
from artifact_torch.routines.results import checked, merged, name_problems
from artifact_torch.table_comparison.contracts import (
    TableComparisonResources,
    TableGenerator,
    TableSpec,
)
from artifact_torch.table_comparison.splits import Split, part_problems
from artifact_torch.table_comparison.tables import table_problems, unknown_categories

Params = TypeVar("Params")
ValueT = TypeVar("ValueT")

_logger = logging.getLogger(__name__)


@final
class TableComparisonRoutine(Generic[Params]):
    """Compares one generated table with the real tables of the splits that are due.

    In the own round of an epoch, a comparison is computed when its split and its kind in `plan`
    are both due. In the final round every split takes part, whatever its cadence, with what the
    last epoch's own round did not compute of it: the kinds that are due at that epoch, and those
    that the plan keeps for the end. The model makes one table per round with `params`, and none
    when nothing is due. A result's name is the plan's with `_TRAIN`, `_VAL` or `_TEST`.

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

    @property
    def model_contract(self) -> object:
        """`TableGenerator` of its parameters; any, where their class does not tell their type.

        A 3 may be meant for a `NewType` or a `Literal`, a dict for a typed dict, and `tuple` says
        nothing about what is in it.
        """
        from artifact_torch.checking.contract import of_types

        made_of = type(self._params)
        tells = made_of.__module__ != "builtins" and not issubclass(made_of, Enum)
        return of_types(TableGenerator, made_of) if tells else TableGenerator

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return [
            (kind, suffixed(name, suffix))
            for suffix in self._splits
            for kind, name in self._plan.result_names
        ]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        """Whether any comparison is."""
        return any(self._rounds(split, epoch, final=final) for split in self._splits.values())

    def validate(
        self, model: TableGenerator[Params], epoch: int, /, *, final: bool
    ) -> ArtifactResults:
        """What is due. Raises `ValidationError` if the table or the plan's results are unfit."""
        due = {
            suffix: rounds
            for suffix, split in self._splits.items()
            if (rounds := self._rounds(split, epoch, final=final))
        }
        if not due:
            return ArtifactResults()
        generated = _usable(model.generate(self._params), self._spec, type(model).__qualname__)
        parts: list[ArtifactResults] = []
        source = f"epoch {epoch}: {type(self._plan).__name__}.execute"
        for suffix, rounds in due.items():
            resources = TableComparisonResources(
                spec=self._spec, df_real=self._splits[suffix].df_real, generated=generated
            )
            for of_final in rounds:
                results = self._plan.execute(resources, epoch, final=of_final)
                results = checked(results, source, self._plan.result_names)
                parts.append(with_suffix(results, suffix))
        return merged(parts)

    def _rounds(self, split: Split, epoch: int, *, final: bool) -> list[bool]:
        """The values of `final` with which to execute the plan for `split`: none, one or both.

        A split that missed the own round of the last epoch makes up for it in the final one.
        """
        took_part = in_round(split.every, epoch)
        if not final:
            return [False] if took_part and self._plan_is_due(epoch, final=False) else []
        asked = [True] if took_part else [False, True]
        return [of_final for of_final in asked if self._plan_is_due(epoch, final=of_final)]

    def _plan_is_due(self, epoch: int, *, final: bool) -> bool:
        what = f"{type(self._plan).__name__}.is_due"
        return answer(self._plan.is_due(epoch, final=final), what)


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
    return table[list(spec.features)]


def suffixed(name: str, suffix: str) -> str:
    """`MEAN_JS_DISTANCE_VAL`: the form of artifact-experiment's `DataSplit`."""
    return f"{name}_{suffix}"


def with_suffix(results: ArtifactResults, suffix: str) -> ArtifactResults:
    """All of `results`, failures included, each name with `suffix`."""

    def renamed(named: Mapping[str, ValueT]) -> dict[str, ValueT]:
        return {suffixed(name, suffix): value for name, value in named.items()}

    return ArtifactResults(
        scores=renamed(results.scores),
        arrays=renamed(results.arrays),
        plots=renamed(results.plots),
        score_collections=renamed(results.score_collections),
        array_collections=renamed(results.array_collections),
        plot_collections=renamed(results.plot_collections),
        failures=renamed(results.failures),
    )
