"""The page says what the JSON says."""

from pathlib import Path

import pytest

from benchmarks import page, picture
from benchmarks.measuring import Row
from benchmarks.report import Report

TEXT = "# Page\n\n<!-- versions -->\n<!-- end of versions -->\n\n<!-- data -->\nold\n<!-- end of data -->\n\nEnd.\n"


def test_the_tables_of_the_page_are_those_of_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert page.main(["--check"]) == 0, capsys.readouterr().out


def test_the_picture_has_the_ratios_of_the_results() -> None:
    drawn = page.PICTURE.read_text(encoding="utf-8")
    ratios = [row.ratio for row in Report.read(page.RESULTS).sections["loop"] if row.ratio]
    assert len(ratios) > 6
    assert all(f">{ratio:.2f}<" in drawn for ratio in ratios if ratio != 1.0)


def test_a_table_stands_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    path, results = tmp_path / "page.md", tmp_path / "results.json"
    path.write_text(TEXT, encoding="utf-8")
    Report().with_section("data", [Row(what="a pass", value=2.0, unit="ms")]).write(results)
    arguments = ["--page", str(path), "--results", str(results)]
    assert page.main([*arguments, "--check"]) == 1
    assert page.main(arguments) == 0
    text = path.read_text(encoding="utf-8")
    assert "| a pass | 2.00 ms |" in text
    assert "old" not in text
    assert text.startswith("# Page\n")
    assert text.endswith("<!-- end of data -->\n\nEnd.\n")
    assert page.main([*arguments, "--check"]) == 0


def test_a_section_without_a_place_on_the_page_is_refused() -> None:
    report = Report().with_section("loop", [Row(what="a", value=1.0)])
    with pytest.raises(ValueError, match="no marks for loop"):
        page.written(TEXT, report)


def test_the_same_rows_make_the_same_picture() -> None:
    rows = [
        Row(what="tiny step, by hand", value=1.0, ratio=1.0),
        Row(what="tiny step, ours", value=1.0, ratio=1.25),
        Row(what="tiny step, absent", note="not installed"),
    ]
    drawn = picture.loops(rows)
    assert drawn == picture.loops(rows)
    assert ">1.25<" in drawn
    assert "absent" not in drawn
    assert ">by hand<" not in drawn
