"""`pytest --artifact-contracts`: pytest is run in a project of a user, in processes of its own."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTERED = any(each.name == "artifact_torch" for each in entry_points(group="pytest11"))
LOADED = () if REGISTERED else ("-p", "artifact_torch.cli.pytest_plugin")

Run = Callable[..., "subprocess.CompletedProcess[str]"]

MODELS = """
from typing import TypedDict

import pandas as pd
from torch import Tensor, nn

class Rows(TypedDict):
    values: Tensor

class Fit(TypedDict):
    loss: Tensor

class Good(nn.Module):
    def forward(self, rows: Rows) -> Fit:
        return Fit(loss=rows["values"].mean())

    def generate(self, n_records: int) -> pd.DataFrame:
        return pd.DataFrame()

class Encoder(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values
"""

BROKEN = MODELS.replace("rows: Rows", "rows: Tensor").replace("-> Fit:", "-> int:")

LIGHT = """
import sys

def test_nothing_heavy_was_imported():
    assert not {"torch", "pandas", "numpy"} & {*sys.modules}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project in the src layout, with one test of its own."""
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "pyproject.toml").write_text("")
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODELS)
    (package / "broken.py").write_text(BROKEN)
    (package / "unimportable.py").write_text("import nothing_of_this_name\n")
    (tmp_path / "test_light.py").write_text(LIGHT)
    return tmp_path


@pytest.fixture
def run(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """pytest in the project, with the plugin alone."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def start(*arguments: str) -> "subprocess.CompletedProcess[str]":
        plugin = ("-p", "artifact_torch") if REGISTERED else LOADED
        return subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *arguments],
            cwd=shop,
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def without(*checkers: str) -> str:
    """A conftest that hides them."""
    return (
        "import importlib.util, shutil\n"
        "find, which = importlib.util.find_spec, shutil.which\n"
        f"hidden = {checkers!r}\n"
        "importlib.util.find_spec = lambda name: None if name in hidden else find(name)\n"
        "shutil.which = lambda name: None if name in hidden else which(name)\n"
    )


def verdicts(output: str) -> dict[str, str]:
    """Name of the contract item to its word in pytest's summary (`-rA`)."""
    found = re.findall(
        r"^(PASSED|FAILED|ERROR) artifact-contract::(.+?)(?: - .*)?$", output, re.MULTILINE
    )
    return {name: word for word, name in found}


def test_without_a_target_nothing_is_imported(run: Run) -> None:
    done = run("-q")
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "1 passed"), done.stdout


def test_what_fits_passes_what_does_not_fails_what_is_unchecked_is_an_error(run: Run) -> None:
    done = run(
        *("-rA", "-m", "artifact_contract"),
        *("--artifact-contracts", "shop.models"),
        *("--artifact-contracts", "shop.broken:Good"),
        *("--artifact-contracts", "shop.unimportable"),
        *("--artifact-contracts", "shop.models:Good=Nonsense"),
    )
    assert verdicts(done.stdout) == {
        "shop.models:Good [TableSynthesizer]": "PASSED",
        "shop.broken:Good [TableSynthesizer]": "FAILED",
        "shop.unimportable": "ERROR",
        "shop.models:Good": "ERROR",
    }
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 deselected, 2 errors" in done.stdout
    assert "no contract checked for shop.models:Encoder: neither what" in done.stdout


def test_a_failure_is_the_report_of_the_command_without_a_traceback(run: Run) -> None:
    done = run("-q", "--artifact-contracts", "shop.broken:Good", "-k", "artifact-contract")
    _, _, text = done.stdout.partition(" artifact contract shop.broken:Good [TableSynthesizer] ")
    report, _, _ = text.partition("=== short test summary")
    line = BROKEN.splitlines().index("    def forward(self, rows: Tensor) -> int:") + 1
    assert report.splitlines()[1:3] == [
        "shop.broken:Good does not fit TableSynthesizer[Params=int]",
        "  contract inferred: an nn.Module with forward, generate",
    ]
    assert f"  src/shop/broken.py:{line}: error: forward(rows): accepts Tensor" in report
    assert f"  src/shop/broken.py:{line}: error: forward -> return: returns int" in report
    assert "Traceback" not in report
    assert "artifact_torch.cli.pytest_plugin.py" not in report


def test_the_contract_can_be_named(run: Run) -> None:
    done = run("-rA", "--artifact-contracts", "shop.models:Good=Model")
    assert verdicts(done.stdout) == {"shop.models:Good [Model]": "PASSED"}


def test_ini_lines_count_unless_single_tests_are_asked_for(run: Run, shop: Path) -> None:
    lines = "[pytest]\nartifact_contracts =\n    shop.models:Good\n    shop.broken:Good=Model\n"
    (shop / "pytest.ini").write_text(lines)
    everything = {
        "shop.models:Good [TableSynthesizer]": "PASSED",
        "shop.broken:Good [Model]": "FAILED",
    }
    assert verdicts(run("-rA").stdout) == everything
    assert verdicts(run("-rA", ".").stdout) == everything
    assert verdicts(run("-rA", "test_light.py").stdout) == {}


def test_items_are_left_out_by_mark_like_other_tests(run: Run) -> None:
    done = run(
        *("-rA", "--strict-markers", "-m", "not artifact_contract"),
        *("--artifact-contracts", "shop.models:Good"),
    )
    assert verdicts(done.stdout) == {}
    assert "1 deselected" in done.stdout


def test_a_checker_that_is_asked_for_and_absent_is_an_error(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "conftest.py").write_text(without("pyright", "mypy"))
    done = run(
        "-rA", "-m", "artifact_contract", "--artifact-contracts-static",
        "--artifact-contracts", "shop.models:Good",
    )  # fmt: skip
    assert verdicts(done.stdout) == {
        "shop.models:Good [TableSynthesizer]": "PASSED",
        "pyright": "ERROR",
        "mypy": "ERROR",
    }
    assert (
        "pyright could not be asked: it is not installed; pip install 'artifact-torch[check]'"
        in done.stdout
    )


def test_checkers_are_asked_and_quoted_in_the_same_text(run: Run, shop: Path) -> None:
    """pyright alone: mypy would read torch for half a minute where it has no cache."""
    (shop / "conftest.py").write_text(without("mypy"))
    done = run(
        *("-rA", "-m", "artifact_contract", "--artifact-contracts-static"),
        *("--artifact-contracts", "shop.broken:Good=Model"),
    )
    assert verdicts(done.stdout) == {"shop.broken:Good [Model]": "FAILED"}
    assert "[parameter-type]" in done.stdout
    assert ' pyright error: Type "Good" is not assignable to return type "Model[' in done.stdout
