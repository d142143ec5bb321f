"""docs/testing_your_run.md: its files are written and run as they stand."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from artifact_torch.testing import faults
from tests.faults.conftest import of_all

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing_your_run.md").read_text(encoding="utf-8")
REGISTERED = any(each.name == "artifact_torch" for each in entry_points(group="pytest11"))


@of_all
def test_the_programs_of_the_page_run(tmp_path: Path) -> None:
    files = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in files] == ["my_run.py", "test_my_run.py", "test_kills.py"]
    for name, program in files:
        (tmp_path / name).write_text(program, encoding="utf-8")
    plugin = () if REGISTERED else ("-p", "artifact_torch.cli.pytest_plugin")
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout


def test_every_function_is_on_the_page() -> None:
    names = [name for name in dir(faults) if name.startswith("survives_")]
    assert len(names) == 4
    assert [name for name in [*names, "Faults", "BrokenPromiseError"] if name not in PAGE] == []
