"""Names: safe everywhere, different for different names, the same in every run."""

import re
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.internal.safe_names import MAX_LENGTH, SafeNames, safe_form

SAFE = re.compile(r"[A-Za-z0-9_.-]{1,100}")
NAMES = st.lists(st.text(max_size=130) | st.text(alphabet="aA_.%/-", max_size=4), max_size=12)


def test_a_safe_name_keeps_itself() -> None:
    names = ["LOSS_TRAIN", "loss.val", "a-b", "_", "x" * MAX_LENGTH]
    assert SafeNames().of(names) == {name: name for name in names}


def test_other_characters_become_underscores() -> None:
    names = {"income %": "income__", "a/b\\c": "a_b_c", "größe": "gr__e", "tab\there": "tab_here"}
    assert SafeNames().of(names) == names


def test_names_that_are_no_file_names() -> None:
    assert {name: safe_form(name) for name in ("", ".", "..", ".x", "x.", "a..b")} == {
        "": "_",
        ".": "_",
        "..": "__",
        ".x": "_x",
        "x.": "x_",
        "a..b": "a..b",
    }
    assert [safe_form(name) for name in ("NUL", "com1.txt", "Lpt9", "COM", "CONSOLE")] == [
        "_NUL",
        "_com1.txt",
        "_Lpt9",
        "COM",
        "CONSOLE",
    ]


def test_dots_go_where_a_backend_reads_an_extension() -> None:
    assert safe_form("rate.1", dots=False) == "rate_1"


def test_equal_forms_get_a_suffix_and_the_safe_name_keeps_itself() -> None:
    for order in permutations(["a%b", "a/b", "a_b"]):
        safe = SafeNames().of(order)
        assert list(safe) == list(order)
        assert safe["a_b"] == "a_b"
        assert re.fullmatch(r"a_b-[0-9a-f]{8}", safe["a%b"])
        assert re.fullmatch(r"a_b-[0-9a-f]{8}", safe["a/b"])
        assert safe == SafeNames().of(["a/b", "a_b", "a%b"])  # the same in every run


def test_case_alone_is_no_difference() -> None:
    safe = SafeNames().of(["Loss", "LOSS"])
    assert safe["LOSS"] == "LOSS"
    assert re.fullmatch(r"Loss-[0-9a-f]{8}", safe["Loss"])


def test_a_reserved_name_is_given_to_nobody() -> None:
    safe = SafeNames(reserved=["EPOCH"]).of(["epoch", "EPOCHS"])
    assert safe["EPOCHS"] == "EPOCHS"
    assert re.fullmatch(r"epoch-[0-9a-f]{8}", safe["epoch"])


def test_a_name_like_the_suffix_of_another() -> None:
    suffixed = SafeNames().of(["a_b", "a%b"])["a%b"]
    safe = SafeNames().of(["a_b", "a%b", suffixed])
    assert safe[suffixed] == suffixed
    assert len(set(safe.values())) == 3


@settings(deadline=None)
@given(NAMES, NAMES)
def test_always_safe_always_different(first: list[str], second: list[str]) -> None:
    names = SafeNames()
    before = names.of(first)
    safe = {**names.of(second), **names.of(first)}
    assert {name: safe[name] for name in first} == before  # a name once given stays
    folded = [name.casefold() for name in safe.values()]
    assert len(set(folded)) == len(set(first + second))
    assert all(SAFE.fullmatch(name) for name in safe.values())
    assert all(safe_form(name) == name for name in safe.values())


@settings(deadline=None)
@given(st.text(max_size=130), st.booleans())
def test_safe_form_of_a_safe_form_is_itself(name: str, dots: bool) -> None:
    form = safe_form(name, dots=dots)
    assert safe_form(form, dots=dots) == form
    assert dots or "." not in form


def test_another_name_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="artifact_torch")
    for _ in range(3):  # a column is a key of several collections
        SafeNames().of(["told once %", "right"])
    assert caplog.messages == ["'told once %' is named 'told_once__' in files and tracking"]
