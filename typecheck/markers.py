"""What a program says about itself, line by line, against what a checker says about it.

A comment at the end of a line says what every checker must report there; a line without one must
have no error.

    code  # OK                          no error; counted as one accepted program
    code  # E                           an error from every checker
    code  # E: regex                    ... with a message that matches
    code  # E[pyright=rule: regex, mypy=code: regex]    ... by checker: rule, message, or both
    code  # HOLE[mypy]: why             known: mypy misses this error, the others must report it
    code  # HOLE: why                   known: no checker sees this error
    code  # E[pyright=rule] # HOLE[mypy]: why           both at once
    code  # FALSE[mypy]: why            known: mypy rejects this right line, the others accept it

A known mistake of a checker that is gone is a difference too: write `E` or `OK` instead.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, final

CHECKERS = ("pyright", "mypy")

_MARKER = re.compile(
    r"#\s*(?P<kind>OK|E|HOLE|FALSE)"
    r"(?:\[(?P<inside>.*?)\](?=\s*(?:$|:|#)))?"
    r"\s*(?::\s*(?P<text>.*?))?\s*(?=$|#\s*(?:HOLE|FALSE)\b)"
)
_LOOKS_LIKE_ONE = re.compile(r"#\s*(?:OK|E|HOLE|FALSE)\b")
_NAMES = "|".join(CHECKERS)
_NEXT_CHECKER = re.compile(rf",\s*(?=(?:{_NAMES})\b)")
_EXPECTATION = re.compile(
    rf"(?P<checker>{_NAMES})(?:=(?P<rule>[\w-]*)(?:\s*:\s*(?P<pattern>.+))?)?"
)

Place: TypeAlias = tuple[str, int]
"""File name relative to the corpus, line from 1."""


class MarkerError(Exception):
    """A comment that starts like a marker and is none, or a marker that contradicts itself."""


@final
@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One error of one checker."""

    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.message.splitlines()[0] if self.message else ''}"


@final
@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a line is rejected: the checker's rule and a regex of its message; empty asks nothing."""

    rule: str = ""
    pattern: str = ""

    def explains(self, diagnostic: Diagnostic) -> bool:
        """Whether `diagnostic` is the one meant."""
        return self.rule in ("", diagnostic.rule) and bool(
            re.search(self.pattern, diagnostic.message)
        )

    def __str__(self) -> str:
        return f"{self.rule or 'any rule'}, message {self.pattern!r}"


@final
@dataclass(frozen=True, kw_only=True)
class Marker:
    """What one line says about itself."""

    wrong: bool
    """Whether the line is a wrong program."""
    reasons: Mapping[str, Reason] = field(default_factory=dict[str, Reason])
    mistaken: frozenset[str] = frozenset()
    """The checkers that are known to be wrong about the line."""


Diagnostics: TypeAlias = Mapping[Place, Sequence[Diagnostic]]
Markers: TypeAlias = Mapping[Place, Marker]


def marker_of(line: str) -> Marker | None:
    """What `line` says about itself. Raises `MarkerError`."""
    first = _LOOKS_LIKE_ONE.search(line)
    if first is None or not line[: first.start()].strip():
        return None
    found = list(_MARKER.finditer(line))
    if not found or found[0].start() != first.start() or found[-1].end() != len(line):
        raise MarkerError(f"cannot read the marker in {line.strip()!r}")
    kinds = [match["kind"] for match in found]
    if kinds not in (["OK"], ["E"], ["HOLE"], ["FALSE"], ["E", "HOLE"]):
        raise MarkerError(f"cannot combine {' and '.join(kinds)} in {line.strip()!r}")
    reasons: dict[str, Reason] = {}
    mistaken: frozenset[str] = frozenset()
    for match in found:
        if match["kind"] == "E":
            reasons = _reasons(match["inside"], match["text"] or "")
        elif match["kind"] in ("HOLE", "FALSE"):
            if not match["text"]:
                raise MarkerError(f"a known mistake needs its reason: {line.strip()!r}")
            mistaken = _checkers(match["inside"])
    if mistaken & set(reasons):
        raise MarkerError(f"one checker both rejects and misses {line.strip()!r}")
    return Marker(wrong=kinds[0] in ("E", "HOLE"), reasons=reasons, mistaken=mistaken)


def _reasons(inside: str | None, pattern: str) -> dict[str, Reason]:
    if not inside:
        return dict.fromkeys(CHECKERS, Reason(pattern=pattern)) if pattern else {}
    reasons: dict[str, Reason] = {}
    for part in _NEXT_CHECKER.split(inside):
        match = _EXPECTATION.fullmatch(part.strip())
        if match is None:
            raise MarkerError(f"cannot read {part!r}; write checker=rule: regex")
        reasons[match["checker"]] = Reason(
            rule=match["rule"] or "", pattern=match["pattern"] or pattern
        )
    return reasons


def _checkers(inside: str | None) -> frozenset[str]:
    named = frozenset(name.strip() for name in inside.split(",")) if inside else frozenset(CHECKERS)
    if unknown := named - set(CHECKERS):
        raise MarkerError(f"unknown checker {sorted(unknown)}; known are {list(CHECKERS)}")
    return named


def differences(checker: str, diagnostics: Diagnostics, markers: Markers) -> list[str]:
    """One line for each place where `checker` says something else than the program."""
    nothing = Marker(wrong=False)
    lines: list[str] = []
    for place in sorted({*markers, *diagnostics}):
        got = diagnostics.get(place, ())
        if difference := _difference(checker, got, markers.get(place, nothing)):
            lines.append(f"{place[0]}:{place[1]}: {checker} {difference}")
    return lines


def _difference(checker: str, got: Sequence[Diagnostic], marker: Marker) -> str | None:
    known = checker in marker.mistaken
    rejects = marker.wrong is not known
    if rejects and not got:
        return (
            "no longer shows this known mistake: write OK for FALSE"
            if known
            else "NO LONGER REJECTS this line"
        )
    if got and not rejects:
        what = (
            "now sees this known hole: write E for HOLE" if known else "reports an unmarked error"
        )
        return f"{what}: {got[0]}"
    reason = marker.reasons.get(checker)
    if reason is not None and not any(reason.explains(each) for each in got):
        return f"rejects for another reason: expected {reason}; got {'; '.join(map(str, got))}"
    return None
