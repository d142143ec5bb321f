"""The page of what is promised: its program is hurt as it says, and each test that it names is there."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
HOME = "/home/me"


def commands(block: str) -> list[tuple[str, list[str]]]:
    """Each command with the lines that are written below it."""
    asked = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(first, rest) for first, *rest in (each.splitlines() for each in asked)]


def misses(said: list[str], written: list[str]) -> str | None:
    """The first line of `written` that is not in `said` after the one before it; `...` is anything."""
    at = 0
    for line in written:
        pattern = ".*".join(re.escape(part) for part in line.split("..."))
        while at < len(said) and not re.fullmatch(pattern, said[at]):
            at += 1
        if line != "..." and at == len(said):
            return line
        at += line != "..."
    return None


def test_what_the_page_shows_happens(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "train.py").write_text(program, encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "OMP_NUM_THREADS": "1",
    }
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 6
    for command, written in [each for block in blocks for each in commands(block)]:
        done = subprocess.run(  # noqa: S603  (our own page)
            ["/bin/bash", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            timeout=300,
        )
        said = done.stdout.replace(str(tmp_path), HOME)
        missing = misses(said.splitlines(), written)
        assert missing is None, f"$ {command}\n{said}\nhas no line\n{missing}"
        assert written or (done.returncode, said) == (0, ""), f"$ {command}\n{said}"


def test_a_line_that_is_not_there_is_missed() -> None:
    assert misses(["a 1 b", "c"], ["a ... b", "c"]) is None
    assert misses(["x", "c"], ["...", "c"]) is None
    assert misses(["c", "a 1 b"], ["a ... b", "c"]) == "c"
    assert misses(["a"], ["a", "a"]) == "a"


def test_promises_are_made() -> None:
    assert len(PROMISED) >= 50


@pytest.mark.parametrize(("file", "test"), sorted(set(PROMISED)))
def test_each_promise_has_its_test(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in [each.name for each in tree.body if isinstance(each, ast.FunctionDef)]


def test_every_promise_names_one() -> None:
    table = PAGE.split("## What is promised")[1].split("## What is not promised")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert [row for row in rows if "proved by" not in row and "::test_" not in row] == []
