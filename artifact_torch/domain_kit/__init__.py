"""What every domain is made of, apart from its contract and its artifacts."""

from artifact_torch.domain_kit.domain import Domain
from artifact_torch.domain_kit.plan import DomainPlan
from artifact_torch.domain_kit.splits import PlannedSplits, split_problems
from artifact_torch.domain_kit.unfit import unfit

__all__ = ["Domain", "DomainPlan", "PlannedSplits", "split_problems", "unfit"]
