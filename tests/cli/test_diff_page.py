"""The page of `artifact-torch diff`: its program, and what the command says of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")
PROGRAM, READING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHOWN = re.findall(r"```console\n\$ artifact-torch (.*?)\n(.*?)```", PAGE, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the program of the page has run."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "parted.py").write_text(PROGRAM, encoding="utf-8")
    assert said(folder, "parted.py") == ""
    return folder


def said(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in ({0, 1} if "diff" in arguments else {0}), done.stderr
    return done.stdout


def without_numbers(text: str) -> str:
    """Losses differ from machine to machine in their last places."""
    return re.sub(r"\d+\.\d+", "x", text)


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_the_command_says_what_the_page_says(command: str, output: str, folder: Path) -> None:
    words = [each.strip("'") for each in re.findall(r"'[^']*'|\S+", command)]
    found = said(folder, "-m", "artifact_torch.cli", *words)
    assert without_numbers(found) == without_numbers(output)


def test_the_page_has_three_of_them() -> None:
    assert [command.partition(" ")[0] for command, _ in SHOWN] == ["diff"] * 3


def test_the_reading_program_prints_what_the_page_says(folder: Path) -> None:
    (folder / "reading.py").write_text(READING, encoding="utf-8")
    assert said(folder, "reading.py") == PRINTED
