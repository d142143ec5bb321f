"""Paired medians, and what a row says of its goal."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.measuring import Effort, Row, compared, quartiles
from benchmarks.report import Report, figures, table


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    slow, fast = iter([9.0, 2.0, 3.0, 4.0]), iter([9.0, 1.0, 3.0, 16.0])
    # a round in which the machine is slow is slow for both: 1/2, 3/3, 16/4
    found = compared({"first": lambda: next(slow), "second": lambda: next(fast)}, 3)
    assert found.times == {"first": [2.0, 3.0, 4.0], "second": [1.0, 3.0, 16.0]}
    row = found.row("second", scale=1e3, unit="ms")
    assert (row.value, row.ratio, row.spread) == (3000.0, 1.0, (0.5, 4.0))


def test_no_way_always_follows_the_same_one() -> None:
    called: list[str] = []

    def way(name: str) -> float:
        called.append(name)
        return 1.0

    compared({"a": lambda: way("a"), "b": lambda: way("b")}, 2, n_warm=0)
    assert called == ["a", "b", "b", "a"]


def test_the_quartiles_of_few_are_the_least_and_the_most() -> None:
    assert quartiles([3.0, 1.0, 2.0]) == (1.0, 3.0)
    assert quartiles([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == (2.0, 6.0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row(what="no goal", value=1.0, ratio=1.0), None),
        (Row(what="not measured", goal=1.0), None),
        (Row(what="ratio", value=99.0, ratio=1.05, goal=1.05), True),
        (Row(what="ratio", value=0.1, ratio=1.06, goal=1.05), False),
        (Row(what="value", value=16.0, goal=15.0), False),
        (Row(what="share", ratio=0.9, goal=0.85, is_share=True), True),
        (Row(what="share", ratio=0.8, goal=0.85, is_share=True), False),
    ],
)
def test_a_goal_is_of_the_ratio_where_there_is_one(row: Row, expected: bool | None) -> None:
    assert row.meets is expected


def test_an_effort_knows_its_sizes() -> None:
    assert (Effort().of(100, 1), Effort(tiny=True).of(100, 1)) == (100, 1)


def numbers() -> Iterator[tuple[float, str]]:
    yield from [(0.0, "0"), (0.01234, "0.0123"), (1.234, "1.23"), (12.34, "12.3")]
    yield from [(123.4, "123"), (12345.6, "12,346"), (-1.5, "-1.50")]


@pytest.mark.parametrize(("value", "expected"), [*numbers()])
def test_three_figures_are_shown(value: float, expected: str) -> None:
    assert figures(value) == expected


def test_a_table_has_the_columns_that_some_row_fills() -> None:
    bare = table([Row(what="a", value=1.0, unit="s")])
    assert bare.splitlines()[2] == "| a | 1.00 s |"
    full = [Row(what="a", value=1.0, ratio=2.0, spread=(1.5, 2.5), goal=1.0, note="why")]
    assert (
        table(full).splitlines()[2] == "| a | 1.00 | 2.000 (1.50 to 2.50) | most 1, missed | why |"
    )


def test_a_report_reads_what_it_wrote_and_keeps_what_was_not_measured_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results.json"
    assert Report.read(path).sections == {}
    one, other = Row(what="a", value=1.0, spread=[1.0, 2.0]), Row(what="b", note="why")
    Report().with_section("loop", [one]).write(path)
    Report.read(path).with_section("data", [other]).write(path)
    assert Report.read(path).sections == {"loop": [one], "data": [other]}
    assert Report.read(path).versions["Python"] == platform.python_version()
