"""Whose settings the checkers get, and what they are kept from."""

import importlib.util
import json
import os
import shutil
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from artifact_torch.cli.reports.findings import CannotCheckError
from artifact_torch.cli.static.asking import Asking
from artifact_torch.cli.static.checkers import CHECKERS, FILE
from artifact_torch.cli.static.processes import Program
from artifact_torch.cli.targets.question import Question, find_project, read_target

ROOT = Path(__file__).parents[2]


def question(folder: Path) -> Question:
    return Question(targets=(), project=find_project(folder), cache=folder / "cache")


def test_pyright_gets_settings_of_ours_beside_the_witness(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "typings").mkdir(parents=True)
    (home / "pyproject.toml").write_text('[tool.pyright]\ntypeCheckingMode = "off"\n')
    assert CHECKERS["pyright"].arguments(tmp_path, question(home))[:2] == ["-p", str(tmp_path)]
    settings = json.loads((tmp_path / "pyrightconfig.json").read_text())
    assert settings["include"] == [FILE]
    assert settings["extraPaths"] == [str(home), str(ROOT)]
    assert settings["stubPath"] == str(home / "typings")
    assert settings["reportReturnType"] == "error"
    assert settings["pythonVersion"] == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_mypy_gets_no_settings_and_the_roots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYPYPATH", "/theirs")
    (tmp_path / "mypy.ini").write_text("[mypy]\nplugins = nothing\n")
    arguments = CHECKERS["mypy"].arguments(tmp_path, question(tmp_path))
    assert arguments[arguments.index("--config-file") + 1] == ""
    assert arguments[arguments.index("--cache-dir") + 1] == str(tmp_path / "cache" / "mypy")
    path = Asking(question(tmp_path)).environment()["MYPYPATH"]
    assert path == os.pathsep.join([str(tmp_path), str(ROOT), "/theirs"])


def test_a_pyright_that_would_download_node_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pyright" / "dist" / "index.js"
    program.parent.mkdir(parents=True)
    program.touch()
    (tmp_path / "pyright" / "__init__.py").touch()
    specs = {"pyright": ModuleSpec("pyright", None, origin=str(tmp_path / "pyright" / "x.py"))}
    monkeypatch.setattr(importlib.util, "find_spec", specs.get)
    monkeypatch.setattr(shutil, "which", {"pyright": "/bin/pyright"}.get)
    assert CHECKERS["pyright"].find() is None
    monkeypatch.setattr(shutil, "which", {"node": "/bin/node"}.get)
    found = CHECKERS["pyright"].find() or [""]
    assert (found[0], found[-1]) == ("/bin/node", str(program))


def test_a_project_in_the_src_layout(tmp_path: Path) -> None:
    package = tmp_path / "src" / "shop" / "models"
    package.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (package / "__init__.py").touch()
    project = find_project(package)
    assert project.paths == (tmp_path / "src", tmp_path)
    assert find_project(tmp_path).paths == (tmp_path / "src", tmp_path)
    assert find_project(tmp_path / "src" / "shop").paths[-1] == tmp_path / "src" / "shop"


@pytest.mark.parametrize(
    ("files", "folder", "text", "module", "name"),
    [
        (["src/shop/vae.py"], ".", "src/shop/vae.py", "shop.vae", ""),
        (["src/shop/vae.py"], "src/shop", "vae.py:VAE", "shop.vae", "VAE"),
        (["shop/__init__.py", "shop/vae.py"], "shop", "vae.py", "shop.vae", ""),
        (["lib/shop/__init__.py"], ".", "lib/shop/__init__.py", "shop", ""),
        (["my-models/vae.py"], ".", "my-models/vae.py", "vae", ""),
        ([], ".", "shop.vae:VAE.Inner", "shop.vae", "VAE.Inner"),
        ([], ".", "shop", "shop", ""),
    ],
)
def test_targets(  # noqa: PLR0917  (columns of the table above)
    tmp_path: Path, files: list[str], folder: str, text: str, module: str, name: str
) -> None:
    (tmp_path / "pyproject.toml").touch()
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    target, project = read_target(text, find_project(tmp_path / folder))
    assert (target.module, target.name) == (module, name)
    if files:
        found = [root / (module.replace(".", "/") + ".py") for root in project.paths]
        found += [root / module.replace(".", "/") / "__init__.py" for root in project.paths]
        assert tmp_path / files[-1] in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my-models", '"my-models" is no module, no file and no module:Name'),
        ("shop:a b", '"a b" is no name in a module; write shop:Name'),
        ("nowhere/x.py", "there is no Python file "),
        ("a-b.py", '"a-b" is no name of a module; rename the file'),
    ],
)
def test_texts_that_name_nothing(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "a-b.py").touch()
    with pytest.raises(CannotCheckError) as raised:
        read_target(text, find_project(tmp_path))
    assert expected in str(raised.value)


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    slept = tmp_path / "slept"  # of a child that was left to end by itself
    command = ["/bin/sh", "-c", f"(sleep 300; touch {slept}) & echo $!; sleep 300"]
    program = Program(command, folder=tmp_path, environment=os.environ)
    program.hear(1.0)
    assert program.status is None
    while runs(int(program.output)):  # as long as it takes
        time.sleep(0.01)
    assert not slept.exists()
