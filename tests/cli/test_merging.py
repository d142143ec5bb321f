"""One fault, one finding, with the nets that saw it."""

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Claim,
    Finding,
    Outcome,
    Place,
    Refusal,
    Verdict,
)
from artifact_torch.cli.reports.merging import is_doubtful, merged

AT = {"forward": Place(file="m.py", line=7), "generate": Place(file="m.py", line=9)}


def found(member: str, code: str = "return-type", *, doubt: bool = False) -> Finding:
    return Finding(
        member=member,
        code=code,
        message="x",
        fix="y",
        seen_by=(RUN_TIME,),
        severity="unverified" if doubt else "error",
        place=AT.get("forward"),
    )


def outcome(*findings: Finding) -> Outcome:
    claim = Claim(module="m", imports=(), expression="m.A", is_class=True, contract="C", members=())
    return Outcome(target="m:A", contract="C", findings=findings, places=AT, claim=claim)


def says(*refusals: Refusal) -> Verdict:
    return Verdict(refusals=refusals)


def seen(result: Outcome) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.member, f.severity, f.seen_by) for f in result.findings]


def test_the_same_fault_is_one_finding() -> None:
    parameter = found("forward(x)", "parameter-type")
    result = merged(
        outcome(parameter, found("forward -> return"), found("generate", "missing")),
        {
            "pyright": says(
                Refusal(member="forward", aspect="return", words="r"),
                Refusal(member="generate", words="not present"),
            ),
            "mypy": says(Refusal(member="forward", words="expected, got")),
        },
    )
    assert seen(result) == [
        ("forward(x)", "error", (RUN_TIME, "mypy")),
        ("forward -> return", "error", (RUN_TIME, "pyright", "mypy")),
        ("generate", "error", (RUN_TIME, "pyright")),
    ]
    assert result.refused_by == (RUN_TIME, "pyright", "mypy")
    assert result.findings[0].message == parameter.message


def test_what_only_a_checker_sees_keeps_its_words_and_gets_a_place() -> None:
    refusal = Refusal(member="generate", aspect="return", words='"int" is no "str"')
    result = merged(outcome(), {"pyright": says(refusal), "mypy": says(refusal)})
    assert result.findings == (
        Finding(
            member="generate -> return",
            code="static",
            message='"int" is no "str"',
            seen_by=("pyright", "mypy"),
            fix="compare with what the contract declares",
            place=AT["generate"],
        ),
    )


def test_a_refusal_without_details_adds_nothing_to_known_faults() -> None:
    result = merged(outcome(found("forward(x)")), {"mypy": says(Refusal(words="incompatible"))})
    assert seen(result) == [("forward(x)", "error", (RUN_TIME,))]
    assert result.refused_by == (RUN_TIME, "mypy")


def test_a_refusal_without_details_alone_is_a_finding() -> None:
    result = merged(outcome(), {"mypy": says(Refusal(words="incompatible"))})
    assert seen(result) == [("", "error", ("mypy",))]


def test_another_aspect_of_the_member_is_another_finding() -> None:
    refusal = Refusal(member="forward", aspect="parameter", words="p")
    result = merged(outcome(found("forward -> return")), {"pyright": says(refusal)})
    assert seen(result) == [
        ("forward -> return", "error", (RUN_TIME,)),
        ("forward", "error", ("pyright",)),
    ]


def test_a_doubt_that_a_checker_confirms_is_an_error_in_its_words() -> None:
    doubt = found("forward(x)", "parameter-type", doubt=True)
    refusal = Refusal(member="forward", words="w")
    (finding,) = merged(outcome(doubt), {"mypy": says(refusal)}).findings
    assert (finding.severity, finding.message, finding.seen_by) == ("error", "w", ("mypy",))


def test_attributes_that_init_sets_are_settled_by_a_checker() -> None:
    doubt = found("n_steps", "missing", doubt=True)
    assert merged(outcome(doubt), {"pyright": Verdict()}).findings == ()
    assert merged(outcome(doubt), {}).findings == (doubt,)
    assert doubt in merged(outcome(doubt), {"mypy": Verdict(sees_any=True)}).findings
    other = found("forward(x)", "parameter-type", doubt=True)
    assert merged(outcome(other), {"pyright": Verdict()}).findings == (other,)


def test_checkers_that_see_any_share_one_warning() -> None:
    blind = Verdict(sees_any=True)
    (finding,) = merged(outcome(), {"pyright": blind, "mypy": blind}).findings
    assert finding.message == (
        "its type is Any for pyright and mypy, so that nothing is refused there"
    )
    assert (finding.severity, finding.seen_by) == ("unverified", ("pyright", "mypy"))


def test_pyright_alone_is_asked_again() -> None:
    refusal = says(Refusal(words="w"))
    assert is_doubtful(outcome(), {"pyright": refusal, "mypy": Verdict()})
    assert is_doubtful(outcome(), {"pyright": refusal})
    assert not is_doubtful(outcome(), {"pyright": refusal, "mypy": refusal})
    assert not is_doubtful(outcome(found("forward(x)")), {"pyright": refusal})
    assert not is_doubtful(outcome(), {"pyright": Verdict(), "mypy": refusal})
