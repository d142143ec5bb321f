"""The membership score as an artifact, so that a run can be stopped by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import final

import pandas as pd

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.domain_kit.isolation import isolated
from artifact_torch.domain_kit.unfit import described
from artifact_torch.internal.arguments import boolean, integer, refuse
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.table_comparison.contracts import TableComparisonResources
from artifact_torch.table_comparison.membership import membership

_NAMES: tuple[ResultName, ...] = (
    (ResultKind.SCORE, "MEMBERSHIP_AUC"),
    (ResultKind.SCORE, "MEMBERSHIP_AUC_LOW"),
    (ResultKind.SCORE_COLLECTION, "MEMBERSHIP_ATTACKS"),
)


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class MembershipPlan:
    """How well the rows of `train` can be told from those of the split, which the model must not
    have seen, by the generated table alone.

    Scores `MEMBERSHIP_AUC`, the largest AUC of several attacks, and `MEMBERSHIP_AUC_LOW`, the lower
    end of its interval: with 200 training and 100 held-out rows it is above 0.5 by chance in one
    look of ten, above 0.55 in none of 60; score collection `MEMBERSHIP_ATTACKS`, the AUC of each. What they are and cost: `membership`. For a
    `TableComparisonRoutine` with a `validation` or `test` split of held-out rows and `params` that
    ask for as many rows as will be published: the more there are, the more they tell. A
    `ScoreBoundStopper("MEMBERSHIP_AUC_LOW_VAL", most=0.55)` stops the run.

    Raises `ConfigurationError` with all problems: `train` is no table of at least two rows, an
    `n_rows` below 2, a cadence below 1, or one that is never due.
    """

    train: pd.DataFrame
    every: Every | None = 1
    at_end: bool = True
    n_rows: int = 1000

    def __post_init__(self) -> None:
        problems = (
            _table_problems(self.train)
            + cadence_problems("every", self.every, or_none=True)
            + boolean("at_end", self.at_end)
            + integer("n_rows", self.n_rows, least=2)
        )
        if self.every is None and self.at_end is False:
            problems.append(
                "would never be computed: every=None means only at the end, and at_end is False; "
                "set one of them"
            )
        refuse([f"MembershipPlan: {problem}" for problem in problems])

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The names without a split's suffix."""
        return _NAMES

    @property
    def cadences(self) -> Sequence[Every]:
        """That of all three."""
        return [] if self.every is None else [self.every]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """All or nothing: they are computed together."""
        at_end = moment.ends_run and self.at_end
        by_cadence = self.every is not None and (self.every == 1 or moment.reaches(self.every))
        return _NAMES if at_end or by_cadence else ()

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """Each of `names`, of one look at the tables."""

        @cache
        def computed() -> Mapping[str, object]:
            return self._computed(resources)

        def value(name: str) -> object:
            return computed()[name]

        asked = [(kind, name) for kind, name in _NAMES if (kind, name) in names]
        return [isolated(kind, name, partial(value, name)) for kind, name in asked]

    def _computed(self, resources: TableComparisonResources) -> Mapping[str, object]:
        found = membership(
            train=self.train,
            held_out=resources.df_real,
            generated=resources.generated,
            spec=resources.spec,
            n_rows=self.n_rows,
        )
        values = (found.auc, found.interval[0], found.attacks)
        return dict(zip((name for _, name in _NAMES), values, strict=True))


def _table_problems(train: object) -> list[str]:
    if not isinstance(train, pd.DataFrame):
        return [f"train is {described(train)}, expected the pandas.DataFrame of training"]
    return [] if len(train) >= 2 else [f"train has {len(train)} rows, expected at least 2"]
