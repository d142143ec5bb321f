"""Every way of calling against every way of being called, and Python as the judge."""

import inspect
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifact_torch.checking.members.parameters import pair_parameters

P = inspect.Parameter
POSITIONAL = (P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD)

SHORT = "accepts only 2 arguments by position, is also given"


def parameters(text: str) -> list[inspect.Parameter]:
    """Those of `def f({text})`."""
    found: list[inspect.Parameter] = []
    keyword_only = False
    for word in filter(None, text.split(",")):
        name, _, default = word.strip().partition("=")
        value = default or P.empty
        if name == "/":
            found = [p.replace(kind=P.POSITIONAL_ONLY) for p in found]
        elif name == "*":
            keyword_only = True
        elif name.startswith("**"):
            found.append(P(name[2:], P.VAR_KEYWORD))
        elif name.startswith("*"):
            found.append(P(name[1:], P.VAR_POSITIONAL))
            keyword_only = True
        else:
            kind = P.KEYWORD_ONLY if keyword_only else P.POSITIONAL_OR_KEYWORD
            found.append(P(name, kind, default=value))
    return found


@pytest.mark.parametrize(
    ("asked", "given_", "expected"),
    [
        ("a, /", "x", []),
        ("a, /", "x, y", ["requires y, which no caller passes; give it a default, or make it part of what is passed"]),
        ("a, /", "*, a", ["takes a by keyword only, is given it by position; move a before the *"]),
        ("a, b, /", "a", ["accepts only 1 argument by position, is also given b; add the parameter b"]),
        (
            "step, batch, output, /",
            "batch, output",
            [f"{SHORT} step; add the parameter step before batch"],
        ),
        (
            "step, batch, output, /",
            "batch, out",
            [f"{SHORT} step; add the parameter step before batch"],
        ),
        (
            "step, batch, output, /",
            "step, output",
            [f"{SHORT} batch; add the parameter batch before output"],
        ),
        (
            "step, batch, /",
            "batch, *, step",
            ["takes step by keyword only, is given it by position; move step before the *"],
        ),
        ("a", "b", ["names argument 1 b, callers may write a=; rename b to a"]),
        ("a", "a, /", ["takes a by position only, callers may write a=; remove the / behind it"]),
        ("a", "*args", ["does not take a=, which callers may write; add **kwargs, or name the parameter"]),
        ("a", "*args, **kwargs", []),
        ("a=1", "a", ["requires a, which callers may leave out; give it a default"]),
        ("*, final", "**kwargs", []),
        ("*, final", "", ["does not take the keyword final=; add final as a parameter"]),
        ("epoch, /, *, final", "epoch, final", []),
        (
            "epoch, /, *, final",
            "final, epoch=0",
            ["takes another argument as final by position, is also given final=; move final behind a *"],
        ),
        ("*args", "a", [
            "does not take any number of arguments (*args); add *args",
            "requires a, which no caller passes; give it a default, or make it part of what is passed",
        ]),
    ],
)  # fmt: skip
def test_messages(asked: str, given_: str, expected: list[str]) -> None:
    pairing = pair_parameters("f", parameters(asked), parameters(given_))
    said = [f"{v.message}; {v.fix}" for v in pairing.violations]
    assert said == expected


NAMES = ("a", "b", "c")


@st.composite
def signatures(draw: st.DrawFn) -> inspect.Signature:
    """A valid signature of up to three named parameters, in the order that Python demands."""
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, 3))]
    kinds = sorted(
        draw(st.sampled_from((*POSITIONAL, P.KEYWORD_ONLY))) for _ in names
    )  # fmt: skip
    found: list[inspect.Parameter] = []
    optional = False
    for name, kind in zip(names, kinds, strict=True):
        optional = draw(st.booleans()) or (optional and kind in POSITIONAL)
        found.append(P(name, kind, default=0 if optional else P.empty))
    keywords = [p for p in found if p.kind is P.KEYWORD_ONLY]
    places = [p for p in found if p.kind in POSITIONAL]
    stars = [P("args", P.VAR_POSITIONAL)] if draw(st.booleans()) else []
    double = [P("kwargs", P.VAR_KEYWORD)] if draw(st.booleans()) else []
    return inspect.Signature([*places, *stars, *keywords, *double])


def calls(asked: inspect.Signature) -> Iterator[tuple[list[int], dict[str, int]]]:
    """Every call that a caller who knows only `asked` may write."""
    plain = [p for p in asked.parameters.values() if p.kind in (*POSITIONAL, P.KEYWORD_ONLY)]
    for n_positional in range(len(plain) + 1):
        for chosen in range(2 ** len(plain)):
            picked = [p for i, p in enumerate(plain) if chosen >> i & 1]
            named = [p.name for p in picked if p.kind is not P.POSITIONAL_ONLY]
            args, kwargs = [0] * n_positional, dict.fromkeys(named, 0)
            if accepts(asked, args, kwargs):
                yield args, kwargs


def accepts(signature: inspect.Signature, args: list[int], kwargs: dict[str, int]) -> bool:
    """Positional-only names are nobody's business; `bind` of some versions thinks otherwise."""
    renamed = [
        p.replace(name=f"only_{p.name}") if p.kind is P.POSITIONAL_ONLY else p
        for p in signature.parameters.values()
    ]
    try:
        inspect.Signature(renamed).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


@given(asked=signatures(), offered=signatures())
def test_nothing_that_fails_at_run_time_is_accepted(
    asked: inspect.Signature, offered: inspect.Signature
) -> None:
    pairing = pair_parameters("f", [*asked.parameters.values()], [*offered.parameters.values()])
    if not pairing.violations:
        for args, kwargs in calls(asked):
            assert accepts(offered, args, kwargs), f"{asked} -> {offered}: {args} {kwargs}"


@given(offered=signatures())
def test_a_function_fits_its_own_signature(offered: inspect.Signature) -> None:
    own = [*offered.parameters.values()]
    assert pair_parameters("f", own, own).violations == []
