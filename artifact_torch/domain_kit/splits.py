"""A plan over the splits of a routine: what is due of it, and its results split by split."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, Protocol, final

from typing_extensions import TypeIs, TypeVar

from artifact_torch.contracts import (
    ArtifactPlan,
    Clocked,
    Every,
    Failure,
    Moment,
    Result,
    ResultName,
)
from artifact_torch.domain_kit.domain import Resources
from artifact_torch.domain_kit.unfit import described
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.routines.results import checked, names_due


class HasCadence(Protocol):
    """What every split has: how often it is due, None for the end alone."""

    @property
    def every(self) -> Every | None: ...


SplitT = TypeVar("SplitT", bound=HasCadence)
"""The real data of one split."""

SUFFIXES = {"train": "TRAIN", "validation": "VAL", "test": "TEST"}
"""`MEAN_JS_DISTANCE_VAL`: the form of artifact-experiment's `DataSplit`."""


@final
class PlannedSplits(Generic[SplitT, Resources]):
    """What a routine of any domain has: the names of its results, when they are due, and how they
    are computed. An artifact is computed when its split and its kind in `plan` are both due; at the
    end of the run every split takes part. A result's name is the plan's with `_TRAIN`, `_VAL` or
    `_TEST`, of the splits "train", "validation" and "test"; another one raises `ConfigurationError`.
    """

    def __init__(
        self, plan: ArtifactPlan[Resources], splits: Mapping[str, SplitT | None], /
    ) -> None:
        expected = f"expected one of {[*SUFFIXES]}, by which the results are named"
        refuse([f"split {name!r}: {expected}" for name in splits if name not in SUFFIXES])
        self.plan: ArtifactPlan[Resources] = plan
        self._splits = {
            SUFFIXES[name]: split for name, split in splits.items() if split is not None
        }

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return [name for suffix in self._splits for name in _of(suffix, self.plan.result_names)]

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of the splits and the plan."""
        of_plan = self.plan.cadences if isinstance(self.plan, Clocked) else ()
        return [*(s.every for s in self._splits.values() if s.every is not None), *of_plan]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        """What is due of the plan, for each split whose turn it is; at the end for every split."""
        splits = [
            suffix
            for suffix, split in self._splits.items()
            if moment.ends_run or (split.every is not None and moment.reaches(split.every))
        ]
        if not splits:
            return ()
        source = f"{type(self.plan).__name__}.due"
        names = names_due(self.plan.due(moment), source, self.plan.result_names)
        return [name for suffix in splits for name in _of(suffix, names)]

    def execute(
        self,
        names: Collection[ResultName],
        moment: Moment,
        resources_of: Callable[[SplitT], Resources],
    ) -> Sequence[Result | Failure]:
        """`names`, with resources made once for each split that has any. The look before the first
        step makes them and computes nothing. Raises `ValidationError` for unfit results of the plan.
        """
        source = f"{moment}: {type(self.plan).__name__}.execute"
        results: list[Result | Failure] = []
        for suffix, split in self._splits.items():
            asked = [(k, n) for k, n in self.plan.result_names if (k, f"{n}_{suffix}") in names]
            if not asked:
                continue
            resources = resources_of(split)
            if moment.is_rehearsal and not moment.ends_run:
                continue
            returned = self.plan.execute(resources, asked)
            of_plan = checked(returned, source, self.plan.result_names, asked)
            results += [replace(one, name=f"{one.name}_{suffix}") for one in of_plan]
        return results


def split_problems(
    splits: Mapping[str, object],
    is_split: Callable[[object], TypeIs[SplitT]],
    example: str,
    problems_of: Callable[[SplitT], Iterable[str]],
) -> list[str]:
    """What is wrong with the splits of a routine, in words: none at all, something else, a cadence,
    and what `problems_of` says of the data. `example` is how one is written.
    """
    problems: list[str] = []
    if all(split is None for split in splits.values()):
        problems.append(f"has no split; give at least one, for example validation={example}")
    for name, split in splits.items():
        if is_split(split):
            found = cadence_problems("every", split.every, or_none=True)
            problems += [f"{name}: {problem}" for problem in [*found, *problems_of(split)]]
        elif split is not None:
            problems.append(f"{name}: is {described(split)}, expected {example}")
    return problems


def _of(suffix: str, names: Iterable[ResultName]) -> list[ResultName]:
    return [(kind, f"{name}_{suffix}") for kind, name in names]
