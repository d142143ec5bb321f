"""Everything that is measured can be: tiny sizes, and bounds that no noise breaks."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.report import Report
from benchmarks.sections import SECTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    out = tmp_path_factory.mktemp("bench") / "results.json"
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "benchmarks", "--tiny", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Report.read(out)


def test_every_section_has_rows(report: Report) -> None:
    assert [*report.sections] == [*SECTIONS]
    assert all(report.sections.values())


def test_a_row_without_a_figure_says_why(report: Report) -> None:
    rows = [row for rows in report.sections.values() for row in rows if row.value is None]
    assert all(
        row.note.startswith(("not installed: pip install", "not measured: ")) for row in rows
    )


def test_the_loops_do_the_same_work_at_a_like_cost(report: Report) -> None:
    ours = [row for row in report.sections["loop"] if ", ours" in row.what]
    assert len(ours) == 3
    assert [row.note for row in ours] == 3 * ["the same weights"]
    assert all(row.ratio is not None and row.ratio < 5 for row in ours)


def test_the_loops_of_all_others_have_a_row(report: Report) -> None:
    names = {row.what.partition(", ")[2] for row in report.sections["loop"]}
    others = {"ignite", "Fabric", "skorch", "Accelerate", "Lightning", "Keras on torch"}
    assert others | {"published artifact-torch"} < names


def test_two_frames_lie_between_train_and_the_model(report: Report) -> None:
    [row] = [row for row in report.sections["size"] if row.what.startswith("own frames")]
    assert row.value == 2
