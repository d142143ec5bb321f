"""A run of the demo that is stopped goes on, and ends as if it had not been."""

import logging
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pandas as pd
import pytest
import torch
from torch import nn

from artifact_torch.run_folder import read_status
from artifact_torch.table_comparison import TableComparisonPlan
from demo.__main__ import main
from demo.trainer import validation

ARGUMENTS = ["--steps", "16", "--device", "cpu", "--model", "vae"]


@pytest.fixture(autouse=True)
def _scores_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Pictures take longer than everything else here."""
    monkeypatch.setattr(validation, "PLAN", TableComparisonPlan(scores=validation.PLAN.scores))
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO)  # which a handler of pytest's keeps the demo from


@pytest.fixture(params=["SIGTERM", "SIGINT"])
def stopped_by(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that comes in the forward pass of the tenth update, of sixteen."""
    number, n_calls = signal.Signals[request.param], 0

    def count(module: nn.Module, _inputs: object) -> None:
        nonlocal n_calls
        if type(module).__name__ == "TabularVAESynthesizer" and module.training:
            n_calls += torch.is_grad_enabled()
            if n_calls == 10:
                signal.raise_signal(number)

    hook = nn.modules.module.register_module_forward_pre_hook(count)
    yield number
    hook.remove()


def ended(arguments: list[str]) -> int | str | None:
    """The exit status, in whichever way the demo has it."""
    try:
        return main(arguments)
    except SystemExit as exit_:
        return exit_.code


def status_in(folder: Path) -> tuple[str, int, int]:
    status = read_status(folder)
    assert status is not None
    return status.status, status.epoch, status.step


def scores_in(folder: Path) -> pd.DataFrame:
    """All but the times."""
    return pd.read_csv(folder / "scores.csv").drop(columns="seconds")


def test_a_signal_ends_the_demo_saved_and_its_own_words_go_on(
    stopped_by: signal.Signals,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    assert ended(ARGUMENTS) == 128 + stopped_by
    assert handlers == [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    [folder] = Path("runs").absolute().iterdir()
    shown = capsys.readouterr()
    told, _, said = shown.out.splitlines()[-1].partition(": ")
    assert told == "Stopped. The run goes on with"
    program, *words = shlex.split(said)
    assert words == ["-m", "demo", *ARGUMENTS, "--out", str(folder)]
    assert Path(which(program) or "").absolute() == Path(sys.executable)
    assert "Traceback" not in shown.out + shown.err
    assert status_in(folder)[:2] == ("stopped", 3)
    assert [each.name for each in (folder / "checkpoints").glob("step_*")] == ["step_00000010"]

    assert ended(words[2:]) == 0
    assert f"{folder}: goes on after epoch 3, step 10" in caplog.text
    assert status_in(folder) == ("finished", 5, 16)
    whole = Path("whole")
    assert ended([*ARGUMENTS, "--out", str(whole)]) == 0
    assert (folder / "generated.csv").read_bytes() == (whole / "generated.csv").read_bytes()
    pd.testing.assert_frame_equal(scores_in(folder), scores_in(whole))


def test_a_second_run_says_that_nothing_was_left_and_a_longer_one_goes_on(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    out = ["--out", "run"]
    assert ended(["--steps", "6", *out]) == 0
    generated = (tmp_path / "run" / "generated.csv").read_bytes()
    scores = scores_in(tmp_path / "run")
    assert ended(["--steps", "6", *out]) == 0
    assert "nothing was left to train: 6 steps completed" in caplog.text
    assert (tmp_path / "run" / "generated.csv").read_bytes() == generated
    pd.testing.assert_frame_equal(scores_in(tmp_path / "run"), scores)
    assert ended(["--steps", "9", *out]) == 0
    assert caplog.text.count("goes on after epoch 2, step 6") == 2
    assert "training.max_n_steps was 6, is 9" in caplog.text
    assert status_in(tmp_path / "run") == ("finished", 3, 9)


def test_the_run_of_another_table_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert ended(["--steps", "3", "--out", "run"]) == 0
    status, record = (tmp_path / "run" / each for each in ("status.json", "record.jsonl"))
    before = record.read_bytes()
    (tmp_path / "own.csv").write_text("a,b\n" + "".join(f"{n},x\n" for n in range(60)))
    own = ["--data", "own.csv", "--steps", "3"]
    capsys.readouterr()
    assert ended([*own, "--out", "run"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert "run" in shown.err
    assert record.read_bytes() == before
    assert status.is_file()
    assert ended([*own, "--device", "tpu9"]) == 2
    assert list((tmp_path / "runs").iterdir()) == []  # no folder of a run that never was


def renamed(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"a": "b"})


def shifted(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(a=table["a"] + 9)


@pytest.mark.parametrize("other", [renamed, shifted])
def test_the_run_of_a_table_with_as_many_codes_is_refused(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    other: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    """Its weights fit, and would make rows of neither table."""
    table = pd.DataFrame({"a": [n % 30 for n in range(60)], "c": ["x", "y"] * 30})
    table.to_csv(tmp_path / "one.csv", index=False)
    other(table).to_csv(tmp_path / "two.csv", index=False)
    assert ended(["--data", "one.csv", "--steps", "3", "--out", "run"]) == 0
    before = (tmp_path / "run" / "record.jsonl").read_bytes()
    capsys.readouterr()
    assert ended(["--data", "two.csv", "--steps", "6", "--out", "run"]) == 2
    assert "run holds the run of another table" in capsys.readouterr().err
    assert (tmp_path / "run" / "record.jsonl").read_bytes() == before
    assert ended(["--data", "one.csv", "--steps", "6", "--out", "run"]) == 0
