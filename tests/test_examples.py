"""The examples: complete programs, short, that print what their page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "examples"
MAX_LINES = {"digits": 45, "forecasts": 150, "gan": 55, "language_model": 55, "tabular_vae": 60}
PAGE = "".join(
    page.read_text(encoding="utf-8")
    for page in (FOLDER / "index.md", FOLDER.parent / "extending.md")
)
SHOWN = dict(re.findall(r"^\[(\w+)\.py\].*?```python\n(.*?)```$", PAGE, re.DOTALL | re.MULTILINE))
PRINTED = dict(re.findall(r"^\[(\w+)\.py\].*?```text\n(.*?)```$", PAGE, re.DOTALL | re.MULTILINE))


def test_every_example_has_a_limit_and_keeps_it() -> None:
    n_lines = {
        path.stem: len(path.read_text(encoding="utf-8").splitlines())
        for path in FOLDER.glob("*.py")
    }
    assert n_lines.keys() == MAX_LINES.keys()
    assert {name: n for name, n in n_lines.items() if n > MAX_LINES[name]} == {}


@pytest.mark.parametrize("name", MAX_LINES)
def test_the_page_shows_the_program(name: str) -> None:
    assert SHOWN[name] == (FOLDER / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MAX_LINES)
def test_it_runs_in_an_empty_folder_prints_what_the_page_says_and_leaves_nothing(
    name: str, tmp_path: Path
) -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-W", "error", str(FOLDER / f"{name}.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == PRINTED[name]
    assert list(tmp_path.iterdir()) == []
    assert "parameters, " in done.stderr.splitlines()[0]  # off a terminal: lines
    assert "\r" not in done.stderr
