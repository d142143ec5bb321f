"""The notebook runs from top to bottom, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "demo" / "demo.ipynb"


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    execute = Path(sys.executable).with_name("jupyter-execute")
    done = subprocess.run(  # noqa: S603  (our own notebook)
        [execute, "--kernel_name=python3", f"--output={tmp_path / 'done.ipynb'}", NOTEBOOK],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "copied rows" in (tmp_path / "done.ipynb").read_text(encoding="utf-8")
