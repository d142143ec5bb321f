"""A plan over splits of labelled rows: what routines of classification and regression share."""

from typing import Generic, final

from artifact_torch.checking.places import Place
from artifact_torch.contracts import ArtifactPlan
from artifact_torch.domain_kit.asked import contract_for
from artifact_torch.domain_kit.domain import Resources
from artifact_torch.domain_kit.labelled import Data, LabelledSplit, is_labelled, label_problems
from artifact_torch.domain_kit.splits import PlannedSplits, split_problems
from artifact_torch.domain_kit.unfit import unfit
from artifact_torch.internal.arguments import refuse
from artifact_torch.routines.results import name_problems


@final
class LabelledSplits(Generic[Data, Resources]):
    """The splits of the routine that is named, checked at build. `contract` is the plan's, `n_classes`
    None where labels are no classes.

    Raises `ConfigurationError` with all problems.
    """

    def __init__(
        self,
        routine: str,
        plan: ArtifactPlan[Resources],
        contract: object,
        *,
        train: LabelledSplit[Data] | None,
        validation: LabelledSplit[Data] | None,
        test: LabelledSplit[Data] | None,
        n_classes: int | None = None,
    ) -> None:
        named = {"train": train, "validation": validation, "test": test}

        def unfit_split(split: LabelledSplit[object]) -> list[str]:
            return label_problems(split, n_classes)

        problems = unfit("plan", plan, contract, "a plan such as DomainPlan(DOMAIN, scores=[...])")
        problems += split_problems(
            named, is_labelled, "LabelledSplit(data, labels, every=5)", unfit_split
        )
        problems = problems or name_problems(
            plan.result_names, f"{type(plan).__name__}.result_names"
        )
        refuse([f"{routine}: {problem}" for problem in problems])
        self.planned: PlannedSplits[LabelledSplit[Data], Resources] = PlannedSplits(plan, named)
        self._contract = contract
        self._data = next(split.data for split in named.values() if split is not None)

    def contract_for(self, model: object, contract: object) -> object:
        """`contract`, which has the type variable `Data`, of the data of the splits."""
        return contract_for(model, contract, "Data", self._data)

    @property
    def contract_places(self) -> list[Place]:
        """The plan."""
        return [("plan", self.planned.plan, self._contract)]
