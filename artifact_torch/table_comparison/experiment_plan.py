"""Plans written as classes for artifact-experiment, as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar, final

from artifact_torch.contracts import Every, Failure, Moment, Result, ResultKind, ResultName
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import boolean, refuse
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.table_comparison.contracts import TableComparisonResources, TableSpec
from artifact_torch.table_comparison.known import member_types
from artifact_torch.table_comparison.selection import (
    Selection,
    announced,
    due,
    execute,
    selection_problems,
    stays,
)
from artifact_torch.table_comparison.tables import described

if TYPE_CHECKING:  # loads every tracking backend: about 3 seconds
    from artifact_core.spi.orchestration import ArtifactType
    from artifact_experiment.table_comparison import TableComparisonPlan as PlanOfExperiment

ItemT = TypeVar("ItemT", bound="ArtifactType | str")

_BASE_NAME = "artifact_experiment.table_comparison.TableComparisonPlan"


@final
class ExperimentPlan:
    """A subclass of artifact-experiment's `TableComparisonPlan`, as a plan of this package.

    Its hooks are read once and become a plan of ours, which is what runs: artifact-experiment's
    own `execute` stops at the first artifact that raises (`ArtifactPlan.execute` of 0.1.11), ours
    reports it and computes the rest. Results go to the trainer's tracking client like all others;
    the generated table itself is not exported. `every` holds for all kinds;
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
        _require_hooks_only(plan_class)
        hooks = _Hooks(plan_class)
        self._selections = [
            Selection(kind=kind, members=hooks.members(kind), every=every, at_end=at_end)
            for kind in ResultKind
        ]
        problems = (
            hooks.problems
            + cadence_problems("every", every, or_none=True)
            + boolean("at_end", at_end)
        )
        problems = problems or selection_problems(self._selections)
        refuse([f"ExperimentPlan: {problem}" for problem in problems])
        _require_buildable(plan_class, spec)

    @property
    def result_names(self) -> Sequence[ResultName]:
        """What the hooks list."""
        return announced(self._selections)

    @property
    def cadences(self) -> Sequence[Every]:
        """That of all its kinds."""
        return [each.every for each in self._selections if each.every is not None]

    @property
    def stays(self) -> str:
        """Custom artifacts are computed in the training, not beside it."""
        return stays(self._selections)

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """As `TableComparisonPlan`."""
        return due(self._selections, moment)

    def execute(
        self, resources: TableComparisonResources, names: Collection[ResultName], /
    ) -> Sequence[Result | Failure]:
        """As `TableComparisonPlan`."""
        return execute(self._selections, resources, names)


@final
class _Hooks:
    """Reads the hooks of a plan class and collects what is wrong with them."""

    def __init__(self, plan_class: type[object]) -> None:
        self._plan_class = plan_class
        self.problems: list[str] = []

    def members(self, kind: ResultKind) -> list[ArtifactType | str]:
        """What the hook for `kind` lists, then what its hook for custom artifacts lists."""
        standard, custom = _hook_names(kind)
        return [*self._listed(standard, member_types()[kind]), *self._listed(custom, str)]

    def _listed(self, hook: str, expected: type[ItemT]) -> list[ItemT]:
        found: list[ItemT] = []
        for member in self._read(hook):
            if isinstance(member, expected):
                found.append(member)
            else:
                self._report(hook, f"lists {member!r}, expected {expected.__name__}")
        return found

    def _read(self, hook: str) -> Iterable[object]:
        # The hooks are artifact-experiment's protected names, called by it on the class.
        read: Callable[[], Iterable[object] | None] = getattr(self._plan_class, hook)
        try:
            listed = read()
        except Exception as error:  # noqa: BLE001  (told together with the other hooks' problems)
            self._report(hook, f"raised {type(error).__name__}: {error}")
            return ()
        if listed is None:
            self._report(hook, "is missing or returns None; write it, returning a list")
        return listed or ()

    def _report(self, hook: str, problem: str) -> None:
        self.problems.append(f"{self._plan_class.__qualname__}.{hook} {problem}")


def _hook_names(kind: ResultKind) -> tuple[str, str]:
    return f"_get_{kind.value}_types", f"_get_custom_{kind.value}_types"


def _require_hooks_only(plan_class: object) -> None:
    """Refuse what is no plan class, and one that overrides what only its own `execute` heeds."""
    ancestors = plan_class.__mro__ if isinstance(plan_class, type) else ()
    base = next((cls for cls in ancestors if _is_base(cls)), None)
    if base is None or base is plan_class:
        raise ConfigurationError(
            f"plan_class must be a subclass of {_BASE_NAME}, got {described(plan_class)}"
        )
    own = {name for cls in ancestors[: ancestors.index(base)] for name in vars(cls)}
    hooks = {hook for kind in ResultKind for hook in _hook_names(kind)}
    ignored = sorted(
        name for name in own & set(dir(base)) - hooks if not name.startswith(("__", "_abc_"))
    )
    if ignored:
        raise ConfigurationError(
            f"{described(plan_class)} overrides {', '.join(ignored)}, which has no effect here: "
            "only its hooks `_get_*_types` are read; remove it, or write an ArtifactPlan of your "
            "own"
        )


def _is_base(cls: type[object]) -> bool:
    return cls.__name__ == "TableComparisonPlan" and cls.__module__.startswith(
        "artifact_experiment."
    )


def _require_buildable(plan_class: type[PlanOfExperiment], spec: TableSpec) -> None:
    """Let artifact-experiment build the plan once, without a tracking client."""
    try:
        plan_class.create(resource_spec=spec)
    except Exception as error:
        raise ConfigurationError(
            f"{plan_class.__qualname__} cannot be built: {type(error).__name__}: {error}"
        ) from error
