"""The command with the real checkers; mypy keeps what it knows about torch between test runs."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from artifact_torch.cli.main import main
from artifact_torch.cli.static.checkers import installed

CACHE = str(Path(__file__).parents[2] / ".mypy_cache" / "artifact-torch")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_every_net_refuses_in_its_own_words_and_nobody_a_right_model(shop: Path, run: Run) -> None:
    options = ["--checker", "pyright", "--checker", "mypy", "--cache", CACHE, "--format", "json"]
    done = run("check", "shop.models:Vae", "shop.models:Good", *options, folder=shop)
    report = json.loads(done.stdout)
    wrong, right = report["targets"]
    assert [(f["net"], f["member"], f["code"]) for f in wrong["findings"]] == [
        ("run time", "forward(values)", "parameter-type"),
        ("run time", "forward -> return", "return-type"),
        ("run time", "generate", "missing"),
        ("pyright", "", "reportReturnType"),
        ("mypy", "", "return-value"),
    ]
    of_pyright, of_mypy = (finding["message"] for finding in wrong["findings"][3:])
    assert '"generate" is not present' in of_pyright
    assert of_mypy.startswith('Incompatible return value type (got "Vae", expected')
    assert "def forward(self, values: Tensor) -> Tensor" in of_mypy
    assert {f["line"] for f in wrong["findings"][3:]} == {wrong["line"]}
    assert (right["status"], right["findings"]) == ("fits", [])
    assert [n["name"] for n in report["nets"] if not n["trouble"]] == [
        "run time",
        "pyright",
        "mypy",
    ]
    assert done.returncode == report["exit_status"] == 1


STOP = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from lent import Update


class Stop:
    def __init__(self) -> None:
        self.max_n_epochs = '3'

    def should_stop(self, update: 'Update') -> bool:
        return update.n > 3
"""


def test_pyright_from_a_subfolder_whatever_the_settings_of_the_project(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a project turns off for its own files is still asked here."""
    (shop / "pyproject.toml").write_text(
        '[tool.pyright]\ntypeCheckingMode = "off"\nignore = ["**"]\nstrict = 7\n'
    )
    (shop / "src" / "shop" / "stop.py").write_text(STOP)
    monkeypatch.chdir(shop / "src" / "shop")
    arguments = ["check", "stop.py:Stop", "--contract", "Bounded", "--checker", "pyright"]
    assert main([*arguments, "--format", "json"]) == 1
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    (finding,) = target["findings"]
    assert (finding["net"], finding["code"]) == ("pyright", "reportReturnType")
    assert '"max_n_epochs" is an incompatible type' in finding["message"]


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
    assert "mypy: it is not installed; pip install 'artifact-torch[check]'\n" in text
    assert "pyright: it is not installed; pip install 'artifact-torch[check]'\n" in text
    assert "shop.models:Good fits TableSynthesizer" in text


def test_without_any_checker_a_note_says_so(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hide_checkers(monkeypatch)
    assert installed() == ()
    assert main(["check", "shop.models:Good", "--cache", str(shop)]) == 0
    assert "artifact-torch: no checker is installed" in capsys.readouterr().err
