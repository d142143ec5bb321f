"""What every domain is made of, apart from its contract and its artifacts."""

from artifact_torch.domain_kit.asked import contract_for
from artifact_torch.domain_kit.core import CoreDomain
from artifact_torch.domain_kit.domain import Domain
from artifact_torch.domain_kit.labelled import LabelledSplit
from artifact_torch.domain_kit.own import OwnArtifacts, own_domain
from artifact_torch.domain_kit.plan import DomainPlan
from artifact_torch.domain_kit.splits import PlannedSplits, split_problems
from artifact_torch.domain_kit.unfit import unfit

__all__ = [
    "CoreDomain",
    "Domain",
    "DomainPlan",
    "LabelledSplit",
    "OwnArtifacts",
    "PlannedSplits",
    "contract_for",
    "own_domain",
    "split_problems",
    "unfit",
]
