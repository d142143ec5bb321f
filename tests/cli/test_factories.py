"""Factories: they are called, and what happens there stays there."""

import pickle
import sys
from pathlib import Path

import pytest

from artifact_torch.checking import require_contract
from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import EarlyStopper
from artifact_torch.errors import ContractError
from tests.cli.asked import Lines, check, reason, targets


def test_a_factory_of_a_trainer_is_called_and_may_not_write_into_the_report(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert check("shop.training:make_trainer") == 0
    said = capfd.readouterr()
    assert said.out.startswith("shop.training:make_trainer() fits Trainer\n")
    assert "building" not in said.out
    assert said.err == "building\n"


def test_what_a_trainer_refuses_is_said_at_the_line_that_builds_it(
    shop: Path, line_of: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("shop.training:make_bad_model") == 1
    at = f"src/shop/training.py:{line_of('training.py', 'return Trainer(')}: error: "
    text = capsys.readouterr().out
    assert f"{at}model= Bad: forward(x): accepts Tensor" in text
    assert f"{at}model= Bad: forward -> return: returns Tensor" in text


def test_a_refused_loader_is_a_misfit_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("shop.training:make_empty") == 1
    assert "error: DataLoader: TensorTable has 3 rows, too few" in capsys.readouterr().out


def test_a_factory_may_make_any_part(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (target,) = targets(capsys, "shop.training:make_model")
    assert (target["target"], target["contract"]) == ("shop.training:make_model()", "Model")
    assert target["status"] == "fits"


def test_what_a_factory_leaves_unverified_is_a_warning_and_with_strict_an_error(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "src" / "shop" / "doubt.py").write_text(
        "from artifact_torch.checking import require_contract\n"
        "from artifact_torch.contracts import EarlyStopper\n"
        "class Stop:\n    def should_stop(self, update) -> bool:\n        return True\n"
        "def make():\n"
        "    require_contract(Stop(), EarlyStopper[float], role='stop=')\n    return Stop()\n"
    )
    assert check("shop.doubt:make") == 0
    assert "  warning: stop= Stop is only partly verified as" in capsys.readouterr().out
    assert check("shop.doubt:make", "--strict") == 1
    assert "  error: stop= Stop is only partly verified as" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fail", "calling shop.training:fail failed: KeyError: 'learning_rate'"),
        ("leave", "calling shop.training:leave failed: SystemExit: 3"),
        ("hang", "it did not finish within 1 seconds; --timeout allows more"),
    ],
)
def test_a_factory_that_fails_is_no_misfit(
    shop: Path, capsys: pytest.CaptureFixture[str], name: str, expected: str
) -> None:
    assert check(f"shop.training:{name}", "--timeout", "1") == 2
    assert expected in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="processes end by signals elsewhere")
def test_a_crash_costs_only_its_own_target(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = targets(capsys, "shop.training:crash", "shop.models:Good")
    assert [each["status"] for each in found] == ["could not check", "fits"]
    ended = "its process ended with SIGKILL before it was checked"
    assert ended in reason(capsys, "shop.training:crash")


def test_an_error_carries_what_is_wrong_and_keeps_it_between_processes() -> None:
    class Stop:
        def should_stop(self) -> str:
            return ""

    with pytest.raises(ContractError) as raised:
        require_contract(Stop(), EarlyStopper[float], role="stop=")
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):  # noqa: S301  (our own)
        found = [(problem.member, problem.code) for problem in error.violations]
        assert found == [
            ("stop= Stop: should_stop", "parameter-missing"),
            ("stop= Stop: should_stop -> return", "return-type"),
        ]
        assert str(error) == str(raised.value)
    with pytest.raises(ContractError) as raised:
        check_contracts(("stop", Stop, EarlyStopper[float]))
    assert [(p.member, p.code) for p in raised.value.violations] == [("stop=", "value-type")]
