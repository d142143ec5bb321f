"""What is in results, for comparing."""

from collections.abc import Sequence
from functools import partial

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.domain_kit import Domain
from artifact_torch.domain_kit.domain import Member, Resources
from artifact_torch.domain_kit.isolation import isolated
from artifact_torch.domain_kit.selection import artifact_name
from artifact_torch.routines.results import Computed


def names(results: Computed) -> dict[str, list[str]]:
    """Kind to the names of its results; "failure" to those of what failed."""
    found: dict[str, list[str]] = {}
    for one in results:
        found.setdefault(one.kind.value if isinstance(one, Result) else "failure", []).append(
            one.name
        )
    return found


def values(results: Computed, kind: ResultKind = ResultKind.SCORE) -> dict[str, object]:
    """The results of one kind."""
    return {one.name: one.value for one in results if isinstance(one, Result) and one.kind is kind}


def reasons(results: Computed) -> dict[str, str]:
    """Why what failed did."""
    return {one.name: one.reason for one in results if isinstance(one, Failure)}


def computed(
    domain: Domain[Resources], kind: ResultKind, members: Sequence[Member], resources: Resources
) -> Computed:
    """What a plan of these computes."""
    compute = partial(domain.computing(resources), kind)
    return [isolated(kind, artifact_name(member), partial(compute, member)) for member in members]
