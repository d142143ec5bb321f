"""Plans of two classes written as classes for artifact-experiment, as they are."""

from collections.abc import Sequence

from artifact_torch.binary_classification.artifacts import BINARY_CLASSIFICATION, spec_of
from artifact_torch.binary_classification.resources import BinaryClassificationResources
from artifact_torch.contracts import Every
from artifact_torch.domain_kit.hooks import plan_of_hooks
from artifact_torch.domain_kit.plan import DomainPlan
from artifact_torch.domain_kit.probabilities import class_name_problems
from artifact_torch.internal.arguments import refuse


def experiment_plan(
    plan_class: type[object],
    class_names: Sequence[str] = ("0", "1"),
    *,
    every: Every | None = 1,
    at_end: bool = True,
) -> DomainPlan[BinaryClassificationResources]:
    """A subclass of artifact-experiment's `BinaryClassificationPlan`, as a plan of this package.

    Its hooks are read once and become a plan of ours, which is what runs: what artifact-experiment
    takes from hard classes, such as `ROC_AUC`, is computed from the probabilities. `class_names` are
    the routine's, the positive one last. `every` holds for all kinds; `None` means only at the end.

    Raises `ConfigurationError`: another class (its module has no types for a checker), a forgotten
    hook, a name or hyperparameters that artifact-core does not know, a cadence below 1, an override
    that would have no effect here.
    """
    problems = class_name_problems(class_names, 2)
    refuse([f"experiment_plan: {problem}" for problem in problems])
    negative, positive = class_names
    return plan_of_hooks(
        BINARY_CLASSIFICATION,
        plan_class,
        "artifact_experiment.binary_classification.BinaryClassificationPlan",
        spec_of((negative, positive)),
        every=every,
        at_end=at_end,
    )
