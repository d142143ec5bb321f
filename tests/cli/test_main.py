"""The command as a whole, with the run-time net alone; `test_with_checkers.py` has the others."""

import json
import sys
from pathlib import Path

import pytest

from artifact_torch.cli.main import main
from tests.cli.asked import Lines, check, reason, targets


def test_three_mistakes_are_named_at_once_with_what_to_change(
    shop: Path, line_of: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("shop.models:Vae") == 1
    forward, generat = line_of("models.py", "values: Tensor) ->"), line_of("models.py", "generat(")
    text = capsys.readouterr().out
    assert text.startswith(
        f"""\
shop.models:Vae does not fit TableSynthesizer
  contract inferred: an nn.Module with forward, generat (close to generate)
  src/shop/models.py:{forward}: error: forward(values): accepts Tensor, is called with \
In (some ModelInput): Tensor is not a typed dict [parameter-type]
      to do: annotate it with a typed dict
  src/shop/models.py:{forward}: error: forward -> return: returns Tensor, must return \
Out (some ModelOutput): Tensor is not a typed dict with the keys "loss" [return-type]
      to do: return what is asked for, and annotate it
  src/shop/models.py:{generat}: error: generate: is missing [missing]
      to do: rename generat to generate?
  what fits: artifact-torch explain TableSynthesizer

1 does not fit"""
    )


def test_a_right_model_fits(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("shop.models:Good") == 0
    expected = "shop.models:Good fits TableSynthesizer[In=Rows, Out=Fit, Params=Params]\n"
    assert capsys.readouterr().out.startswith(expected)


def test_an_object_is_checked_like_its_class(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (target,) = targets(capsys, "shop.models:model")
    assert (target["status"], target["contract"]) == ("fits", "TableSynthesizer")


@pytest.mark.parametrize("target", ["shop.models", "src/shop/models.py"])
def test_of_a_module_all_is_checked_that_looks_meant(
    shop: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    check("--format", "json", target)
    report = json.loads(capsys.readouterr().out)
    found = {each["target"]: (each["contract"], each["status"]) for each in report["targets"]}
    assert found == {
        "shop.models:Vae": ("TableSynthesizer", "does not fit"),
        "shop.models:Good": ("TableSynthesizer", "fits"),
        "shop.models:Slow": ("EarlyStopper", "fits"),
    }
    assert report["skipped"] == [
        {
            "name": "shop.models:Encoder",
            "reason": "neither what its forward takes nor what it returns is a typed dict: "
            "a building block? If it is a model, annotate its forward with typed dicts",
        }
    ]


@pytest.mark.parametrize(
    ("folder", "target"),
    [("src", "shop.models:Good"), ("src/shop", "models.py:Good"), ("src/shop", "shop.models:Good")],
)
def test_it_runs_from_any_folder_of_the_project(
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str,
    target: str,
) -> None:
    monkeypatch.chdir(shop / folder)
    (found,) = targets(capsys, target)
    assert (found["target"], found["status"]) == ("shop.models:Good", "fits")
    assert found["file"] == ("shop/models.py" if folder == "src" else "models.py")


def test_type_arguments_are_checked_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("shop.models:Slow", "--args", "float") == 0
    assert check("shop.models:Slow", "--args", "artifact_torch.contracts:RunState") == 1
    assert "accepts float, is called with RunState" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["shop.modles"], "there is no module shop.modles in shop; did you mean shop.models?"),
        (["nothing_like_it"], "there is no module nothing_like_it in "),
        (["shop.models.Good"], "for Good of shop.models write shop.models:Good"),
        (["shop.models:Goood"], "shop.models has no Goood; did you mean Good?"),
        (["src/shop/none.py"], "there is no Python file "),
        (["shop-models"], '"shop-models" is no module, no file and no module:Name'),
        (["shop.models:Helper"], "no contract fits the members of Helper; say which one with "),
        (["shop.models:Good", "--contract", "TableSynthesiser"], "mean TableSynthesizer?"),
        (["shop.models:Good", "--contract", "Nothing"], "no contract Nothing; known are Artifact"),
        (["shop.models:Good", "--contract", "shop.models:Params"], "a contract is a Protocol"),
        (["shop.models:Good", "--contract", "shop.none:It"], "No module named 'shop.none'"),
        (["shop.models:Slow", "--args", "int", "str"], "EarlyStopper takes 1 (Update)"),
        (["shop.models:Slow", "--args", "shop.models:None_"], "--args: module 'shop.models' has"),
        (["shop.training:needs"], "a function that requires path; a factory takes no arguments"),
        (["shop"], "nothing defined in shop looks as if it were meant for a contract; name what"),
    ],
)
def test_what_cannot_be_checked_says_why(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert check(*arguments) == 2
    capsys.readouterr()
    assert expected in reason(capsys, *arguments)


def test_files_with_nothing_to_check_may_be_allowed(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A hook over all changed files; one without any class is not even imported."""
    (shop / "script.py").write_text("print('imported')\n")
    (shop / "helper.py").write_text("class Helper:\n    pass\n")
    assert check("script.py", "helper.py") == 2
    assert capfd.readouterr().err == "imported\n"
    assert check("script.py", "helper.py", "--allow-none") == 0
    said = capfd.readouterr()
    nothing = "looks as if it were meant for a contract"
    lines = [f"  {name}: nothing defined in {name} {nothing}" for name in ("script", "helper")]
    assert said.out.startswith("\n".join(["not checked:", *lines, "", "nothing to check"]))
    assert said.err == ""
    assert check("script.py", "src/shop/models.py", "--allow-none") == 1
    assert check("src/shop/broken.py", "src/shop/none.py", "--allow-none") == 2


def test_an_import_error_shows_the_lines_of_the_user(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("shop.broken") == 2
    file = shop / "src" / "shop" / "broken.py"
    assert capsys.readouterr().out.startswith(
        f"""\
could not check shop.broken
  src/shop/broken.py:2: importing shop.broken failed: ModuleNotFoundError: No module named \
'nothing_of_this_name'
      Traceback (most recent call last):
        File "{file}", line 2, in <module>
          import nothing_of_this_name
      ModuleNotFoundError: No module named 'nothing_of_this_name'

1 could not be checked"""
    )


def test_a_misfit_beside_something_unchecked_is_a_misfit(shop: Path) -> None:
    assert check("shop.models:Vae", "shop.broken", "shop.models:Good") == 1


def test_doubts_are_warnings_and_with_strict_errors(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "src" / "shop" / "doubt.py").write_text(
        "class Stop:\n    def should_stop(self, update) -> bool:\n        return True\n"
    )
    assert check("shop.doubt:Stop") == 0
    assert "2: warning: should_stop(update): is not verified" in capsys.readouterr().out
    assert check("shop.doubt:Stop", "--strict") == 1
    assert "2: error: should_stop(update): is not verified" in capsys.readouterr().out


def test_what_is_not_annotated_at_all_could_not_be_checked(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "src" / "shop" / "bare.py").write_text(
        "class Stop:\n    def should_stop(self, update):\n        return True\n"
    )
    assert check("shop.bare:Stop") == 2
    text = capsys.readouterr().out
    assert text.startswith("could not check shop.bare:Stop\n")
    assert "  src/shop/bare.py:1: nothing of should_stop is annotated: no mistake" in text


def test_a_contract_of_the_user(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "src" / "shop" / "own.py").write_text(
        "from typing import Protocol\n"
        "class Cleans(Protocol):\n    def clean(self, text: str) -> str: ...\n"
        "class Strip:\n    def clean(self, text: bytes) -> str:\n        return ''\n"
    )
    assert check("shop.own:Strip", "--contract", "shop.own:Cleans") == 1
    assert "accepts bytes, is called with str" in capsys.readouterr().out


def test_the_models_of_a_file_against_a_contract_of_the_user(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "src" / "shop" / "domain.py").write_text(
        "from typing import Protocol\n"
        "from torch import Tensor, nn\n"
        "class Ranker(Protocol):\n    def rank(self, x: Tensor, /) -> Tensor: ...\n"
        "class Layer(nn.Module):\n    def forward(self, x: Tensor) -> Tensor: return x\n"
        "class Fits(nn.Module):\n    def rank(self, x: Tensor) -> Tensor: return x\n"
        "class Asks(nn.Module):\n    def rank(self, x: Tensor, k: int) -> Tensor: return x\n"
    )
    named = ["--contract", "shop.domain:Ranker", "--checker", "none"]
    assert check("src/shop/domain.py", *named) == 1
    text = capsys.readouterr().out
    assert "shop.domain:Fits fits Ranker\n" in text
    assert "rank: requires k, which no caller passes" in text
    assert "Layer" not in text


def test_contracts_and_explain_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts"]) == 0
    assert "TableSynthesizer[In, Out, Params]\n" in capsys.readouterr().out
    assert main(["explain", "Model"]) == 0
    assert capsys.readouterr().out.startswith("Model[In, Out]\n")
    assert main(["explain", "Modell"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "artifact-torch: there is no contract Modell; did you mean Model?\n",
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--help"], "start here:"),
        (["check", "--help"], "IT IS EXECUTED"),
        (["--version"], "artifa"),
    ],
)
def test_help(capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert expected in capsys.readouterr().out


def test_the_checks_do_not_load_the_command() -> None:
    import subprocess

    program = (
        "import sys, artifact_torch.checking;"
        "sys.exit(any('artifact_torch.cli' in name for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  (our own program)
