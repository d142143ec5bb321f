"""The runner of `typecheck/`: what it reads from programs, and what it makes of diagnostics."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typecheck import run
from typecheck.markers import (
    CHECKERS,
    Diagnostic,
    Marker,
    MarkerError,
    Place,
    Reason,
    differences,
    marker_of,
)

HERE: Place = ("reject/a.py", 3)
ARGUMENT = Diagnostic(rule="arg-type", message='got "str"\nexpected "int"')


def compared(line: str, *got: Diagnostic, checker: str = "mypy") -> list[str]:
    marker = marker_of(line)
    markers = {} if marker is None else {HERE: marker}
    return differences(checker, {HERE: got} if got else {}, markers)


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("f()", None),
        ("f()  # an ordinary comment", None),
        ("# E: a line without code says nothing about itself", None),
        ("f()  # Example: no marker, its first word is longer", None),
        ("f()  # OK", Marker(wrong=False)),
        ("f()  # E", Marker(wrong=True)),
        ("f()  # HOLE: why", Marker(wrong=True, mistaken=frozenset(CHECKERS))),
        ("f()  # HOLE[mypy]: why", Marker(wrong=True, mistaken=frozenset({"mypy"}))),
        ("f()  # FALSE[mypy]: why", Marker(wrong=False, mistaken=frozenset({"mypy"}))),
        (
            "f()  # E: no [a-z]+ here",
            Marker(wrong=True, reasons=dict.fromkeys(CHECKERS, Reason(pattern="no [a-z]+ here"))),
        ),
        (
            r'f()  # E[pyright=reportX: "A\[B\]", mypy=arg-type: a, b]',
            Marker(
                wrong=True,
                reasons={
                    "pyright": Reason(rule="reportX", pattern=r'"A\[B\]"'),
                    "mypy": Reason(rule="arg-type", pattern="a, b"),
                },
            ),
        ),
        (
            "f()  # E[mypy=arg-type]",
            Marker(wrong=True, reasons={"mypy": Reason(rule="arg-type")}),
        ),
        (
            "f()  # E[pyright=reportX: a] # HOLE[mypy]: why",
            Marker(
                wrong=True,
                reasons={"pyright": Reason(rule="reportX", pattern="a")},
                mistaken=frozenset({"mypy"}),
            ),
        ),
    ],
)
def test_a_line_says_what_is_expected_of_it(line: str, marker: Marker | None) -> None:
    assert marker_of(line) == marker


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("f()  # HOLE[mypy]", "a known mistake needs its reason"),
        ("f()  # FALSE", "a known mistake needs its reason"),
        ("f()  # E[ty=x]", "write checker=rule: regex"),
        ("f()  # HOLE[ty]: why", "unknown checker"),
        ("f()  # E[mypy=x] # HOLE[mypy]: why", "both rejects and misses"),
        ("f()  # OK # HOLE[mypy]: why", "cannot combine OK and HOLE"),
        ("f()  # E then words", "cannot read the marker"),
        ("f()  # HOLE [mypy] why", "cannot read the marker"),
        ("f()  # E[mypy=x] and more", "cannot read the marker"),
        ("f()  # OK # E then words", "cannot read the marker"),
    ],
)
def test_a_marker_that_cannot_be_meant_is_an_error(line: str, problem: str) -> None:
    with pytest.raises(MarkerError, match=problem):
        marker_of(line)


@given(st.text(st.characters(exclude_characters="#\n\r")))
def test_a_line_without_a_comment_has_no_marker(line: str) -> None:
    assert marker_of(line) is None


@given(
    rule=st.from_regex(r"[a-zA-Z-]+", fullmatch=True),
    words=st.from_regex(r'[a-z"()|.]+( [a-z"()|.]+)*', fullmatch=True),
)
def test_rule_and_regex_come_back_as_written(rule: str, words: str) -> None:
    marker = marker_of(f"f()  # E[pyright={rule}: {words}, mypy=x]")
    assert marker is not None
    assert marker.reasons["pyright"] == Reason(rule=rule, pattern=words)


def test_a_rejected_line_that_is_accepted_is_a_difference() -> None:
    assert compared("f()  # E") == ["reject/a.py:3: mypy NO LONGER REJECTS this line"]
    assert compared("f()  # E", ARGUMENT) == []


def test_an_error_without_a_marker_is_a_difference() -> None:
    expected = ['reject/a.py:3: mypy reports an unmarked error: arg-type: got "str"']
    assert compared("f()", ARGUMENT) == expected
    assert compared("f()  # OK", ARGUMENT) == expected
    assert compared("f()  # OK") == []


def test_the_reason_has_to_be_right() -> None:
    assert compared('f()  # E: expected "int"', ARGUMENT) == []
    assert compared('f()  # E[mypy=arg-type: expected "int"]', ARGUMENT) == []
    assert compared("f()  # E[pyright=reportX: other]", ARGUMENT) == []
    other = "reject/a.py:3: mypy rejects for another reason: expected "
    got = 'got arg-type: got "str"'
    assert compared("f()  # E[mypy=call-arg]", ARGUMENT) == [f"{other}call-arg, message ''; {got}"]
    assert compared("f()  # E: bytes", ARGUMENT) == [f"{other}any rule, message 'bytes'; {got}"]


def test_rule_and_message_must_come_from_one_diagnostic() -> None:
    other = Diagnostic(rule="call-arg", message="too many")
    assert compared('f()  # E[mypy=call-arg: "int"]', ARGUMENT, other) != []
    assert compared('f()  # E[mypy=arg-type: "int"]', other, ARGUMENT) == []


def test_a_known_hole_fails_as_soon_as_it_is_seen() -> None:
    hole = "f()  # HOLE[mypy]: why"
    assert compared(hole) == []
    assert compared(hole, ARGUMENT) == [
        'reject/a.py:3: mypy now sees this known hole: write E for HOLE: arg-type: got "str"'
    ]
    assert compared(hole, checker="pyright") == [
        "reject/a.py:3: pyright NO LONGER REJECTS this line"
    ]
    assert compared("f()  # HOLE: why", checker="pyright") == []


def test_a_known_false_error_fails_as_soon_as_it_is_gone() -> None:
    false = "f()  # FALSE[mypy]: why"
    assert compared(false, ARGUMENT) == []
    assert compared(false, checker="pyright") == []
    assert compared(false) == [
        "reject/a.py:3: mypy no longer shows this known mistake: write OK for FALSE"
    ]
    assert len(compared(false, ARGUMENT, checker="pyright")) == 1


def test_the_corpus_can_be_read_and_has_its_programs_in_their_places() -> None:
    files = [*run.CORPUS.glob("pass/*.py"), *run.CORPUS.glob("reject/*.py")]
    markers = run.markers_of(files, run.CORPUS)
    wrong = {place for place, marker in markers.items() if marker.wrong}
    assert all(file.startswith("reject/") for file, _ in wrong)
    assert len(wrong) >= 500
    assert sum(file.startswith("pass/") for file, _ in markers) >= 300


def test_a_bad_marker_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(tmp_path / "pass" / "a.py", "x = 1\ny = 2  # FALSE\n")
    assert run.main(["--corpus", str(tmp_path)]) == 2
    assert f"{tmp_path / 'pass' / 'a.py'}:2: a known mistake" in capsys.readouterr().out


def test_both_checkers_on_a_corpus_of_two_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "typecheck"
    _write(tmp_path / "pyproject.toml", "[tool.mypy]\nstrict = true\n")
    _write(corpus / "pyrightconfig.json", '{"typeCheckingMode": "strict"}')
    _write(corpus / "pass" / "right.py", "abs(-1)  # OK\nabs('')\n")
    _write(corpus / "reject" / "wrong.py", "abs('')  # E[mypy=arg-type]\nabs(1)  # E\n")
    assert run.main(["--corpus", str(corpus)]) == 1
    report = capsys.readouterr().out
    assert "1 files with 1 accepted programs, 1 files with 2 rejected lines" in report
    assert "4 differences" in report
    for checker in CHECKERS:
        assert f"pass/right.py:2: {checker} reports an unmarked error" in report
        assert f"reject/wrong.py:2: {checker} NO LONGER REJECTS" in report


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
