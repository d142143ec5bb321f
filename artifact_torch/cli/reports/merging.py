"""One report out of what several nets say about one target."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from artifact_torch.cli.reports.advice import advice
from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Aspect,
    Finding,
    Outcome,
    Refusal,
    Verdict,
    member_name,
)


def merged(outcome: Outcome, verdicts: Mapping[str, Verdict]) -> Outcome:
    """The outcome with what the checkers say, by name of the checker: a fault that several see is
    one finding that lists them.
    """
    findings = [*outcome.findings]
    for checker, verdict in verdicts.items():
        for refusal in verdict.refusals:
            findings = _with_refusal(findings, refusal, checker, outcome)
        if verdict.sees_any:
            findings = _with_blindness(findings, checker, outcome)
    settled = [*filter(_is_settled_by(verdicts), findings)]
    findings = [finding for finding in findings if finding not in settled]
    refused_by = [checker for checker, verdict in verdicts.items() if verdict.refusals]
    if any(f.severity == "error" and RUN_TIME in f.seen_by for f in findings):
        refused_by.insert(0, RUN_TIME)
    advised = (replace(finding, fix=advice(finding, outcome)) for finding in findings)
    return replace(outcome, findings=tuple(advised), refused_by=tuple(refused_by))


def _is_settled_by(verdicts: Mapping[str, Verdict]) -> Callable[[Finding], bool]:
    """Attributes that `__init__` sets: the run-time check of a class cannot see them, a checker
    can; one that refuses them has made the doubt an error.
    """
    judged = any(not verdict.sees_any for verdict in verdicts.values())
    vague = any(not refusal.member for v in verdicts.values() for refusal in v.refusals)

    def is_settled(finding: Finding) -> bool:
        is_doubt = finding.severity == "unverified" and finding.code == "missing"
        return is_doubt and judged and not vague

    return is_settled


def _with_refusal(
    findings: list[Finding], refusal: Refusal, checker: str, outcome: Outcome
) -> list[Finding]:
    if not refusal.member and any(finding.severity == "error" for finding in findings):
        return findings  # it says no more than that it refuses, and others have said why
    same = [finding for finding in findings if _is_about(finding, refusal)]
    same = [finding for finding in same if finding.severity == "error"] or same
    if same:
        return [_seen(f, refusal, checker) if f in same else f for f in findings]
    suffix = {"parameter": "", "return": " -> return", "": ""}[refusal.aspect]
    new = Finding(
        member=refusal.member + suffix,
        code="static",
        message=refusal.words,
        seen_by=(checker,),
        place=outcome.places.get(refusal.member, outcome.place),
    )
    return [*findings, new]


def _is_about(finding: Finding, refusal: Refusal) -> bool:
    if member_name(finding.member) != refusal.member or finding.code == "any":
        return False
    aspects = {aspect_of(finding), refusal.aspect}
    return len(aspects) == 1 or "" in aspects


def aspect_of(finding: Finding) -> Aspect:
    """Which part of its member a finding is about."""
    if finding.member.endswith("-> return"):
        return "return"
    is_parameter = "(" in finding.member or finding.code.startswith("parameter-")
    return "parameter" if is_parameter else ""


def _seen(finding: Finding, refusal: Refusal, checker: str) -> Finding:
    """Seen by one more; a doubt of the run-time check that a checker confirms is an error."""
    seen_by = (*finding.seen_by, *([] if checker in finding.seen_by else [checker]))
    if finding.severity == "error":
        return replace(finding, seen_by=seen_by)
    return replace(
        finding,
        severity="error",
        code="static",
        message=refusal.words,
        seen_by=(checker,),
        fix=None,
    )


def _with_blindness(findings: list[Finding], checker: str, outcome: Outcome) -> list[Finding]:
    """A warning that the silence of the checker means nothing; one for all such checkers."""
    known = [finding for finding in findings if finding.code == "any"]
    blind = (*(name for finding in known for name in finding.seen_by), checker)
    new = Finding(
        member="",
        code="any",
        severity="unverified",
        message=f"its type is Any for {' and '.join(blind)}, so that nothing is refused there",
        fix=_how_to_open(outcome),
        seen_by=blind,
        place=outcome.place,
    )
    return [*(finding for finding in findings if finding not in known), new]


def _how_to_open(outcome: Outcome) -> str:
    expression = outcome.claim.expression if outcome.claim else ""
    if expression.endswith("()"):
        return f"annotate what {expression} returns"
    return "annotate it, or install its module with its types"


def is_doubtful(outcome: Outcome, verdicts: Mapping[str, Verdict]) -> bool:
    """Whether pyright alone refuses the target."""
    others = [verdict for checker, verdict in verdicts.items() if checker != "pyright"]
    alone = verdicts.get("pyright", Verdict()).refusals and not any(o.refusals for o in others)
    return bool(alone) and all(finding.severity != "error" for finding in outcome.findings)
