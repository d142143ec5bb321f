"""`artifact-torch new`: what it makes passes everything that its own CI file asks for."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from artifact_torch.cli import new
from artifact_torch.cli.main import main

ROOT = Path(__file__).parents[2]
REGISTERED = any(each.name == "artifact_torch" for each in entry_points(group="pytest11"))
NAME = "leaf_shapes"
LONG_NAME = "measurements_of_all_leaves"
"""Lines grow with the name, and are kept short by the formatter."""
SPECIFIED = [
    "model/io.py",
    "model/model.py",
    "model/architectures",
    "data/dataset.py",
    "data/preprocessing",
    "trainer/trainer.py",
    "routines/artifact.py",
    "routines/batch.py",
    "routines/loader.py",
    "config",
]


def run(
    folder: Path, command: Sequence[str], **settings: str
) -> "subprocess.CompletedProcess[str]":
    """`command` as in an environment where this checkout and its tools are installed."""
    tools = Path(sys.executable).parent
    return subprocess.run(  # noqa: S603  (our own program)
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
            "PYTEST_ADDOPTS": "" if REGISTERED else "-p artifact_torch.cli.pytest_plugin",
            **settings,
        },
    )


def steps_of(ci: Path) -> list[str]:
    """What the CI file runs, but for what it installs; the commands as modules of this checkout."""
    lines = re.findall(r"^ +- run: (.+)$", ci.read_text(encoding="utf-8"), re.MULTILINE)
    steps = [line for line in lines if "pip install" not in line]
    return [
        line.replace("artifact-torch ", "python -m artifact_torch.cli ", 1)
        if line.startswith("artifact-torch ")
        else line
        for line in steps
    ]


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy learns about torch, once for all projects."""
    return tmp_path_factory.mktemp("caches")


@pytest.mark.parametrize("domain", new.DOMAINS)
def test_a_new_project_passes_its_own_ci(domain: str, caches: Path, tmp_path: Path) -> None:
    new.answer(LONG_NAME, domain, tmp_path)
    folder = tmp_path / LONG_NAME
    steps = steps_of(folder / ".github" / "workflows" / "ci.yml")
    asked = [re.split(r"[ .]", step.removeprefix("python -m "))[0] for step in steps]
    assert asked == ["ruff", "ruff", "pyright", "mypy", "artifact_torch", "pytest", LONG_NAME]
    for step in steps:
        if step.startswith("python -m artifact_torch.cli check"):
            step += f" --cache {caches / 'command'}"  # noqa: PLW2901  (as the runner's home is)
        done = run(folder, ["bash", "-c", step], MYPY_CACHE_DIR=str(caches / "mypy"))
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
    scores = (folder / "runs" / "first" / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert len(scores) > 5
    assert "held_out_loss" in scores[0]


@pytest.mark.parametrize("domain", new.DOMAINS)
def test_it_has_the_files_of_the_specification_and_no_word_of_the_templates(
    domain: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", NAME, "--domain", domain]) == 0
    files = [path for path in (tmp_path / NAME).rglob("*") if path.is_file()]
    said = capsys.readouterr().out
    assert said.startswith(f"{NAME}: {new.DOMAINS[domain].about}, {len(files)} files\n")
    assert f"python -m {NAME} " in said
    assert [each for each in SPECIFIED if not (tmp_path / NAME / NAME / each).exists()] == []
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"project_|dot_|template", f"{file.relative_to(tmp_path)}\n{text}")


def test_its_own_pytest_refuses_a_model_that_does_not_fit(tmp_path: Path) -> None:
    """The contracts are among its tests."""
    new.answer(NAME, "plain", tmp_path)
    model = tmp_path / NAME / NAME / "model" / "model.py"
    model.write_text(model.read_text().replace("rows: Rows) -> Output", "rows: Tensor) -> Output"))
    done = run(tmp_path / NAME, ["python", "-m", "pytest", "-q", "-k", "artifact-contract"])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "forward(rows): accepts Tensor" in done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("leaf-shapes", "write leaf_shapes"),
        ("2leaves", "write leaves"),
        ("leaves_", "write leaves"),
        ("a b/c", "cd to the folder first"),
        ("", "choose another"),
        ("class", "choose another"),
        ("../leaves", "it is made where you are"),
        ("blätter", "write bl_tter"),
        ("json", "another package's name"),
        ("torch", "another package's name"),
        ("artifact_torch", "another package's name"),
        ("tests", "another package's name"),
    ],
)
def test_a_name_that_cannot_be_imported_is_refused(
    name: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    said = capsys.readouterr().err
    assert repr(name) in said
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_anything_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "thesis.txt").write_text("mine")
    assert main(["new", NAME]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / NAME).iterdir()] == ["thesis.txt"]
    (tmp_path / "notes").write_text("mine")
    assert main(["new", "notes"]) == 2
    assert "got a file" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["new", "empty"]) == 0


def test_an_unknown_domain_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["new", NAME, "--domain", "images"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "'images'" in said
    assert all(domain in said for domain in new.DOMAINS)


def test_it_starts_without_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from artifact_torch.cli.main import main; status = main(['new', 'leaves']);"
        "sys.exit(status or bool({'torch', 'numpy', 'pandas'} & {*sys.modules}))"
    )
    done = run(tmp_path, [sys.executable, "-c", program])
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "leaves" / "pyproject.toml").is_file()


def test_every_template_is_in_the_wheel() -> None:
    """It holds what lies in the package's folder and git does not ignore."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["artifact_torch"]
    folder = ROOT / "artifact_torch" / "cli" / "templates"
    found = [str(path) for path in folder.rglob("*") if path.is_file()]
    assert len(found) > 30
    assert [path for path in found if not path.endswith(".template")] == []
    ignored = subprocess.run(  # noqa: S603  (our own program)
        ["git", "check-ignore", "--no-index", *found],  # noqa: S607  (the one that is there)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""
