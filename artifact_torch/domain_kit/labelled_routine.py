"""The routine of a domain of labelled rows: what classification and regression share."""

from collections.abc import Callable, Mapping

from artifact_torch.contracts import ArtifactPlan
from artifact_torch.domain_kit.asked import contract_for
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.labelled import Data, LabelledSplit, is_labelled, label_problems
from artifact_torch.domain_kit.routine import DomainRoutine, ModelT
from artifact_torch.domain_kit.splits import split_problems
from artifact_torch.domain_kit.unfit import unfit_plan
from artifact_torch.internal.arguments import refuse
from artifact_torch.routines.results import name_problems


def labelled_routine(
    name: str,
    domain: Domain[Resources],
    plan: ArtifactPlan[Resources],
    splits: Mapping[str, LabelledSplit[Data] | None],
    resources_of: Callable[[ModelT, LabelledSplit[Data]], Resources],
    *,
    contract: object,
    n_classes: int | None = None,
) -> DomainRoutine[ModelT]:
    """The routine that is called `name` in messages. `contract` is the model's, with a type variable
    `Data`; `n_classes` is None where labels are no classes.

    Raises `ConfigurationError` with all problems: no split, a cadence below 1, labels or weights that
    are unfit, a plan that is none, or one of another domain.
    """

    def unfit_split(split: LabelledSplit[object]) -> list[str]:
        return label_problems(split, n_classes)

    problems = unfit_plan(plan, domain)
    problems += split_problems(
        splits, is_labelled, "LabelledSplit(data, labels, every=5)", unfit_split
    )
    problems = problems or name_problems(plan.result_names, f"{type(plan).__name__}.result_names")
    refuse([f"{name}: {problem}" for problem in problems])
    data = next(split.data for split in splits.values() if split is not None)
    return DomainRoutine(
        domain,
        plan,
        splits,
        resources_of,
        contract_of=lambda model: contract_for(model, contract, "Data", data),
    )
