"""The programs of the gallery, on few steps: each leaves a run with its report."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from artifact_torch.run_folder import read_run

FOLDER = Path(__file__).parents[1] / "docs" / "examples" / "gallery"


@pytest.mark.parametrize(
    ("name", "n", "score", "picture"),
    [
        ("circle", 40, "distance", "points"),
        ("breast_cancer", 4, "ROC_AUC_VAL", "CONFUSION_MATRIX_PLOT_VAL"),
    ],
)
def test_it_leaves_a_run_with_its_report(
    tmp_path: Path, name: str, n: int, score: str, picture: str
) -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-W", "error", str(FOLDER / f"{name}.py"), "run", str(n)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    run = read_run(tmp_path / "run")
    assert run.status == "finished"
    assert run.best is not None
    assert score in run.scores
    assert picture in run.pictures
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert f'alt="{picture} after epoch {run.epoch}' in page


@pytest.mark.parametrize("name", ["circle", "breast_cancer"])
def test_without_a_folder_it_says_how_it_is_called(name: str) -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, str(FOLDER / f"{name}.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"`python {name}.py FOLDER" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_program_is_in_the_gallery_and_has_a_test() -> None:
    page = (FOLDER.parents[1] / "gallery.md").read_text(encoding="utf-8")
    names = {path.stem for path in FOLDER.glob("*.py")}
    assert names == {"circle", "breast_cancer"}
    assert all(f"(examples/gallery/{name}.py)" in page for name in names)
