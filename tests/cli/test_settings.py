"""Whose settings the checkers get, and what they are kept from."""

import json
import os
import sys
from pathlib import Path

import pytest

from artifact_torch.cli.static import mypy, pyright
from artifact_torch.cli.static.processes import Programs
from artifact_torch.cli.static.project import Project, find_project
from artifact_torch.cli.targets.target import TargetError, read_target

ROOT = Path(__file__).parents[2]


def written(project: Project, folder: Path) -> dict[str, object]:
    folder.mkdir()
    arguments = pyright.arguments(folder, project)
    assert arguments[:2] == ["-p", str(folder)]
    settings: dict[str, object] = json.loads((folder / "pyrightconfig.json").read_text())
    return settings


def test_pyright_extends_the_settings_of_the_project(tmp_path: Path) -> None:
    config = tmp_path / "pyrightconfig.json"
    config.write_text(
        '{\n  // our settings\n  "extraPaths": ["lib", "/abs//x"], /* and */ "venv": "gone",\n}'
    )
    (tmp_path / "deep").mkdir()
    settings = written(find_project(tmp_path / "deep"), tmp_path / "out")
    assert settings["extends"] == str(config)
    assert settings["extraPaths"] == [
        str(tmp_path / "deep"),
        str(ROOT),
        str(tmp_path / "lib"),
        "/abs/x",
    ]
    assert settings["stubPath"] == str(tmp_path / "typings")
    assert settings["venv"] != "gone"
    assert settings["reportReturnType"] == "error"


def test_pyright_without_settings(tmp_path: Path) -> None:
    settings = written(find_project(tmp_path), tmp_path / "out")
    assert "extends" not in settings
    assert "venv" not in settings
    assert settings["pythonVersion"] == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_a_version_that_the_project_names_stays(tmp_path: Path) -> None:
    (tmp_path / "pyrightconfig.json").write_text('{"pythonVersion": "3.13"}')
    assert "pythonVersion" not in written(find_project(tmp_path), tmp_path / "out")


def test_the_nearest_settings_win(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.pyright]\n[tool.mypy]\nstrict = true\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    project = find_project(deep)
    assert project.root == tmp_path / "a"
    assert pyright.find_config(project) == tmp_path / "pyproject.toml"
    assert mypy.find_config(project) == tmp_path / "pyproject.toml"
    (tmp_path / "a" / "setup.cfg").write_text("[mypy]\nstrict = true\n")
    assert mypy.find_config(project) == tmp_path / "a" / "setup.cfg"
    (deep / "mypy.ini").write_text("[mypy]\n")
    assert mypy.find_config(project) == deep / "mypy.ini"


def test_mypy_is_told_the_settings_and_the_roots(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    arguments = mypy.arguments(tmp_path, config, tmp_path / "cache")
    assert arguments[:2] == ["--config-file", str(config)]
    assert mypy.arguments(tmp_path, None, tmp_path)[0] == "--output"
    environment = mypy.environment({"MYPYPATH": "/theirs"}, tmp_path, find_project(tmp_path))
    assert environment["MYPYPATH"] == os.pathsep.join([str(tmp_path)] * 2 + [str(ROOT), "/theirs"])


def test_nothing_is_downloaded() -> None:
    environment = pyright.environment({"PYRIGHT_PYTHON_FORCE_VERSION": "latest", "A": "b"})
    assert "PYRIGHT_PYTHON_FORCE_VERSION" not in environment
    assert environment["A"] == "b"


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
    assert (target.module, target.name, target.text) == (module, name, text)
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
    with pytest.raises(TargetError) as raised:
        read_target(text, find_project(tmp_path))
    assert expected in str(raised.value)


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "sleep 60 & sleep 60"]
    done = Programs().run(command, folder=tmp_path, environment=os.environ, timeout=0.3)
    assert done.status is None
    assert done.seconds < 10
