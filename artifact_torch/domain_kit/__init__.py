"""What every domain is made of, apart from its contract and its artifacts."""

from artifact_torch.domain_kit.computing import drawing
from artifact_torch.domain_kit.domain import Domain
from artifact_torch.domain_kit.labelled import LabelledSplit
from artifact_torch.domain_kit.own import OwnArtifacts, own_domain
from artifact_torch.domain_kit.plan import DomainPlan
from artifact_torch.domain_kit.routine import DomainRoutine
from artifact_torch.domain_kit.splits import split_problems

__all__ = [
    "Domain",
    "DomainPlan",
    "DomainRoutine",
    "LabelledSplit",
    "OwnArtifacts",
    "drawing",
    "own_domain",
    "split_problems",
]
