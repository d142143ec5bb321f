"""Reads plans written as classes for artifact-experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, final

from artifact_torch.contracts import Every, ResultKind
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.plan import DomainPlan
from artifact_torch.domain_kit.unfit import described
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import refuse
from artifact_torch.internal.cadence import cadence_problems

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType

    from artifact_torch.domain_kit.domain import Member

ItemT = TypeVar("ItemT", bound="ArtifactType | str")


def plan_of_hooks(
    domain: Domain[Resources],
    plan_class: type[object],
    base: str,
    spec: object,
    *,
    every: Every | None,
    at_end: bool,
) -> DomainPlan[Resources]:
    """A plan of what the hooks of `plan_class` list, which derives from artifact-experiment's class
    `base`, such as "artifact_experiment.table_comparison.TableComparisonPlan". artifact-experiment
    builds it once, for the resources of `spec`, without a tracking client.

    Raises `ConfigurationError`: a forgotten hook, a name that artifact-core does not know, a cadence
    below 1, an override that would have no effect here, one that cannot be built.
    """
    _require_hooks_only(plan_class, base)
    hooks = _Hooks(plan_class, domain.enums())
    found = {kind: hooks.members(kind) for kind in ResultKind}
    problems = hooks.problems + cadence_problems("every", every, or_none=True)
    refuse([f"experiment_plan: {problem}" for problem in problems])
    plan = DomainPlan(
        domain,
        scores=found[ResultKind.SCORE],
        arrays=found[ResultKind.ARRAY],
        plots=found[ResultKind.PLOT],
        score_collections=found[ResultKind.SCORE_COLLECTION],
        array_collections=found[ResultKind.ARRAY_COLLECTION],
        plot_collections=found[ResultKind.PLOT_COLLECTION],
        scores_every=every,
        arrays_every=every,
        plots_every=every,
        score_collections_every=every,
        array_collections_every=every,
        plot_collections_every=every,
        at_end=at_end,
    )
    _require_buildable(plan_class, spec)
    return plan


def _require_buildable(plan_class: type[object], spec: object) -> None:
    name = "create"  # artifact-experiment's, on the class
    create: Callable[..., object] = getattr(plan_class, name)
    try:
        create(resource_spec=spec)
    except Exception as error:
        raise ConfigurationError(
            f"{plan_class.__qualname__} cannot be built: {type(error).__name__}: {error}"
        ) from error


@final
class _Hooks:
    """Reads the hooks of a plan class and collects what is wrong with them."""

    def __init__(
        self, plan_class: type[object], enums: Mapping[ResultKind, type[ArtifactType]]
    ) -> None:
        self._plan_class = plan_class
        self._enums = enums
        self.problems: list[str] = []

    def members(self, kind: ResultKind) -> list[Member]:
        """What the hook for `kind` lists, then what its hook for custom artifacts lists."""
        standard, custom = _hook_names(kind)
        return [*self._listed(standard, self._enums[kind]), *self._listed(custom, str)]

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


def _require_hooks_only(plan_class: object, base_name: str) -> None:
    """Refuse what is no plan class, and one that overrides what only its own `execute` heeds."""
    ancestors = plan_class.__mro__ if isinstance(plan_class, type) else ()
    base = next((cls for cls in ancestors if _is_base(cls, base_name)), None)
    if base is None or base is plan_class:
        raise ConfigurationError(
            f"plan_class must be a subclass of {base_name}, got {described(plan_class)}"
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


def _is_base(cls: type[object], name: str) -> bool:
    library, _, class_name = name.partition(".")
    return cls.__name__ == class_name.rpartition(".")[2] and cls.__module__.startswith(
        f"{library}."
    )
