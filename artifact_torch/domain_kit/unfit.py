"""What is wrong with the parts that a routine is built of, in words."""

from typing_extensions import get_protocol_members

from artifact_torch.checking.annotations.forms import class_of, subscripted
from artifact_torch.checking.contract import check_contract
from artifact_torch.checking.violation import errors
from artifact_torch.contracts import ArtifactPlan, ResultKind
from artifact_torch.domain_kit.domain import Domain, Resources


def described(value: object) -> str:
    """What `value` is, for a message."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    return f"an instance of {type(value).__qualname__}"


def unfit(name: str, part: object, contract: object, wanted: str) -> list[str]:
    """What is wrong member by member, unless it has none of them: then it is something else."""
    violations = [] if isinstance(part, type) else errors(check_contract(part, contract))
    if not violations and not isinstance(part, type):
        return []
    missing = {violation.member for violation in violations if violation.code == "missing"}
    is_other = missing >= get_protocol_members(class_of(contract) or object)
    reasons = "" if is_other else "".join(f"\n  - {violation}" for violation in violations)
    return [f"{name} is {described(part)}, expected {wanted}{reasons}"]


def unfit_plan(plan: object, domain: Domain[Resources]) -> list[str]:
    """What is wrong with a plan for a routine of `domain`: it is none, or one of another domain."""
    example = f"scores={[*domain.names[ResultKind.SCORE]][:1]}"
    wanted = f"a plan of {domain.resources.__name__}, such as DomainPlan(DOMAIN, {example})"
    return unfit("plan", plan, subscripted(ArtifactPlan, domain.resources), wanted)
