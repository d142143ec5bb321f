"""Started without torch: only the process that examines loads it."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys

from artifact_torch.cli.main import main

status = main()
loaded = {name.partition(".")[0] for name in sys.modules} & {"torch", "pandas", "numpy"}
sys.exit(f"the command itself loaded {loaded}" if loaded else status)
"""


def check(shop: Path, *options: str) -> list[str]:
    """The states of the targets in `shop.models`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROGRAM, "check", "shop.models", "--format", "json"]
    done = subprocess.run(  # noqa: S603  (our own program)
        [*command, "--cache", str(shop / "cache"), *options],
        cwd=shop,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return [target["status"] for target in json.loads(done.stdout)["targets"]]


def test_the_command_itself_loads_nothing_heavy(shop: Path) -> None:
    assert check(shop, "--checker", "none") == ["does not fit", "fits", "fits"]
    assert not (shop / "cache").exists()


def test_the_checkers_begin_with_the_last_question(shop: Path) -> None:
    """A class that was renamed since is asked about under its new name in the end."""
    first = check(shop, "--checker", "pyright")
    models = shop / "src" / "shop" / "models.py"
    models.write_text(models.read_text().replace("class Slow:", "class Slower:"))
    (kept,) = (shop / "cache" / "witness").iterdir()
    assert "shop.models.Slow)" in kept.read_text()
    assert check(shop, "--checker", "pyright") == first
    assert "shop.models.Slower)" in kept.read_text()
