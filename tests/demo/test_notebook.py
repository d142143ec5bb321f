"""The notebook runs from top to bottom, in a process of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

from artifact_torch.run_folder import read_status

DEMO = Path(__file__).parents[2] / "demo"


def test_the_notebook_runs_and_keeps_its_run(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "demo")  # it writes beside the folder that it is in
    execute = Path(sys.executable).with_name("jupyter-execute")
    notebook = tmp_path / "demo" / "demo.ipynb"
    done = subprocess.run(  # noqa: S603  (our own notebook)
        [execute, "--kernel_name=python3", f"--output={tmp_path / 'done.ipynb'}", notebook],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said, kept = (tmp_path / "done.ipynb").read_text("utf-8"), notebook.read_text("utf-8")
    assert "copied rows" in said
    for shown in (said, kept):  # what is only read has the pictures, too
        assert shown.count('"image/png": "') == 3
        assert "All of it: " in shown  # the result shows itself
    assert str(DEMO.parent) not in kept
    [folder] = (tmp_path / "runs").iterdir()
    status = read_status(folder)
    assert status is not None
    assert status.status == "finished"
    assert status.epoch <= 1000
    assert [*folder.glob("plots/DISTRIBUTIONS_TRAIN/*.png")] != []
