"""A researcher's project outside the package, in an environment of its own: what docs/ci.md says."""

import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "example_project"
REGISTERED = any(each.name == "artifact_torch" for each in entry_points(group="pytest11"))
LOADED = () if REGISTERED else ("-p", "artifact_torch.cli.pytest_plugin")
COMMAND = "python -m artifact_torch.cli"
"""What the script `artifact-torch` runs."""

WRONG_MODEL = '''
"""Four mistakes."""

import pandas as pd
from torch import Tensor, nn

from research.models import GenerationParams


class WrongVAE(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values.mean()

    def generat(self, params: GenerationParams) -> pd.DataFrame:
        return pd.DataFrame(index=range(params.n_records))
'''

WRONG_CALLBACK = """

class WrongSpread:
    name = "wrong_spread"

    def start(self) -> None: ...

    def update(self, output: HasMu) -> None: ...

    def finish(self) -> float:
        return 0.0
"""


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment. It sees what is installed here."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True
    )
    python = folder / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    here = sysconfig.get_path("purelib")
    lines = [f"import site, sys; site.addsitedir({here!r}); sys.path.insert(0, {str(ROOT)!r})"]
    (site / "around.pth").write_text("\n".join(lines))
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project; its folder has a space, as users' folders have."""
    copy = tmp_path / "my research"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    return copy


@pytest.fixture
def installed(project: Path, environment: Path) -> Path:
    """The same, installed for editing."""
    site = next(environment.parents[1].glob("lib/python*/site-packages"))
    (site / "research.pth").write_text(str(project / "src"))
    return project


def run(environment: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python ARGUMENTS` in the environment, which knows nothing of this suite's paths."""
    return subprocess.run(  # noqa: S603  (our own program)
        [str(environment), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(environment.parent), "OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
    )


def check(environment: Path, folder: Path, *targets: str) -> "subprocess.CompletedProcess[str]":
    command = shlex.split(COMMAND)[1:]
    return run(environment, folder, *command, "check", *targets, "--checker", "none")


def test_the_command_accepts_the_project_as_pre_commit_calls_it(
    installed: Path, environment: Path
) -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    hook = dict(re.findall(r"^[- ] (\w+): (.+?)(?: #.*)?$", text, re.MULTILINE))
    assert hook["id"] == "artifact-torch-check"
    assert hook["entry"] == "artifact-torch check --allow-none"
    files = [f"src/research/{name}.py" for name in ("models", "callbacks", "loaders")]
    assert all(re.search(hook["files"], file) for file in files)
    done = check(environment, installed, *files, "research.train:make_trainer")
    assert done.returncode == 0, done.stdout + done.stderr
    fits = re.findall(r"^(\S+) fits (\w+)", done.stdout, re.MULTILINE)
    assert fits == [
        ("research.models:TabularVAE", "TableSynthesizer"),
        ("research.callbacks:LatentSpread", "LoaderCallback"),
        ("research.callbacks:StepCounter", "BatchCallback"),
        ("research.loaders:Measurements", "BatchSource"),
        ("research.train:make_trainer()", "Trainer"),
    ]


def test_the_command_names_all_mistakes_at_their_lines(installed: Path, environment: Path) -> None:
    (installed / "src" / "research" / "wrong.py").write_text(WRONG_MODEL)
    done = check(environment, installed, "research.wrong:WrongVAE", "--format", "github")
    assert done.returncode == 1, done.stdout + done.stderr
    errors = re.findall(r"^::error file=([^,]+),line=(\d+)", done.stdout, re.MULTILINE)
    lines = WRONG_MODEL.splitlines()
    forward, generat = (
        next(n for n, text in enumerate(lines, 1) if f"def {name}(" in text)
        for name in ("forward", "generat")
    )
    assert sorted(errors) == sorted(
        ("src/research/wrong.py", str(line)) for line in (forward, forward, generat)
    )
    for words in ("Tensor is not a typed dict", "forward -> return", "generat"):
        assert words in done.stdout


def test_pytest_passes_what_fits_and_fails_what_does_not(
    installed: Path, environment: Path
) -> None:
    callbacks = installed / "src" / "research" / "callbacks.py"
    callbacks.write_text(callbacks.read_text() + WRONG_CALLBACK)
    done = run(environment, installed, "-m", "pytest", *LOADED, "-rA")
    assert done.returncode == 1
    passed = re.findall(r"^PASSED artifact-contract::(.+)$", done.stdout, re.MULTILINE)
    assert passed == [
        "research.models:TabularVAE [TableSynthesizer]",
        "research.callbacks:LatentSpread [LoaderCallback]",
        "research.callbacks:StepCounter [BatchCallback]",
        "research.loaders:Measurements [BatchSource]",
        "research.train:make_trainer() [Trainer]",
    ]
    wrong = "research.callbacks:WrongSpread [LoaderCallback]"
    assert f"FAILED artifact-contract::{wrong} - " in done.stdout
    assert "research.callbacks:WrongSpread does not fit LoaderCallback" in done.stdout
    assert "src/research/callbacks.py:" in done.stdout
    assert "1 failed, 9 passed" in done.stdout


def test_the_project_trains_two_epochs(installed: Path, environment: Path) -> None:
    done = run(environment, installed, "-m", "research.train")
    assert done.returncode == 0, done.stderr
    table, generated = done.stdout.split("\n\n")
    assert table.splitlines()[0].split() == ["train_loss", "latent_spread"]
    first, second = (line.split() for line in table.splitlines()[2:])
    assert (first[0], second[0]) == ("1", "2")
    assert float(second[1]) < float(first[1])
    assert generated.split()[:3] == ["age", "height", "weight"]
