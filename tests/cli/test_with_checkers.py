"""The command with the real checkers; mypy keeps what it knows about torch between test runs."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from artifact_torch.cli.main import main
from artifact_torch.cli.static import checkers

CACHE = str(Path(__file__).parents[2] / ".mypy_cache" / "artifact-torch")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_all_nets_see_the_three_mistakes_and_nothing_in_a_right_model(shop: Path, run: Run) -> None:
    options = ["--checker", "pyright", "--checker", "mypy", "--cache", CACHE, "--format", "json"]
    done = run("check", "shop.models:Vae", "shop.models:Good", *options, folder=shop)
    report = json.loads(done.stdout)
    wrong, right = report["targets"]
    nets = ["run time", "pyright", "mypy"]
    assert [(f["member"], f["seen_by"]) for f in wrong["findings"]] == [
        ("forward(values)", nets),
        ("forward -> return", nets),
        ("generate", nets),
    ]
    assert (right["status"], right["findings"], right["refused_by"]) == ("fits", [], [])
    assert [net["name"] for net in report["nets"] if not net["trouble"]] == nets
    assert done.returncode == report["exit_status"] == 1


def test_pyright_from_a_subfolder_with_settings_of_the_project(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`extraPaths` of the project's own settings stay in force: `lent` lies outside the roots."""
    (shop / "pyproject.toml").write_text(
        '[tool.pyright]\ntypeCheckingMode = "off"\nextraPaths = ["elsewhere"]\n'
        "reportReturnType = false\nreportMissingImports = false\n"
    )
    (shop / "elsewhere" / "lent").mkdir(parents=True)
    (shop / "elsewhere" / "lent" / "__init__.py").write_text("class Update:\n    n: int = 0\n")
    (shop / "src" / "shop" / "stop.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from lent import Update\n"
        "class Stop:\n"
        "    def __init__(self) -> None:\n        self.max_n_epochs = '3'\n"
        "    def should_stop(self, update: 'Update') -> bool:\n        return update.n\n"
    )
    monkeypatch.chdir(shop / "src" / "shop")
    arguments = ["check", "stop.py:Stop", "--contract", "Bounded", "--checker", "pyright"]
    assert main([*arguments, "--format", "json"]) == 1
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert [(f["code"], f["seen_by"]) for f in target["findings"]] == [("static", ["pyright"])]
    expected = 'Type "str" is not assignable to type "int | None"'
    assert target["findings"][0]["message"] == expected


def hide_checkers(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    monkeypatch.setattr(shutil, "which", nothing)


def test_a_missing_checker_that_was_asked_for(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide_checkers(monkeypatch)
    asked = ["--checker", "mypy", "--checker", "pyright", "--cache", str(shop)]
    assert main(["check", "shop.models:Good", *asked]) == 2
    text = capsys.readouterr().out
    assert "mypy: it is not installed; run: python -m pip install mypy\n" in text
    assert "pyright: it is not installed; run: python -m pip install 'pyright[nodejs]'\n" in text
    assert "shop.models:Good fits TableSynthesizer" in text


def test_without_any_checker_a_note_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide_checkers(monkeypatch)
    assert checkers.installed() == []
    assert main(["check", "shop.models:Good", "--cache", str(shop)]) == 0
    assert "artifact-torch: no checker is installed" in capsys.readouterr().err
