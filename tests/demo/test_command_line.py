"""The demo as its user runs it: options, files, messages."""

import json
import math
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from artifact_torch.run_folder import read_status
from demo.__main__ import main
from demo.config.config import SPECIFICATION_CONFIG
from demo.data.heart import simulated_heart_disease
from demo.options import configured, named_table, parse


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go below the working directory."""
    monkeypatch.chdir(tmp_path)


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


def test_a_short_run_leaves_everything_it_promises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(
            ["--epochs", "2", "--out", str(out), "--seed", "3", "--device", "cpu", "--model", "vae"]
        )
        == 0
    )
    shown = capsys.readouterr().out
    assert "simulated heart-disease table" in shown
    assert str(out) in shown
    assert "Real against generated" in shown
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["epochs"] == 2
    settings = json.loads((out / "settings.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["training.seed"], settings["architecture.n_bins_cts"]) == (3, 64)
    assert "simulated heart-disease table" in summary["table"]
    assert set(summary["seconds"]) == {"training", "validation", "rest"}
    assert all(math.isfinite(value) for value in summary["final_scores"].values())
    assert set(summary["final_scores"]) == {"MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"}
    assert summary["versions"]["torch"] == version("torch")
    generated = pd.read_csv(out / "generated.csv")
    assert list(generated.columns) == list(simulated_heart_disease().columns)
    assert len(generated) == 1000
    assert (out / "distributions.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "checkpoints" / "epoch_00002_step_00000006").is_dir()
    scores = pd.read_csv(out / "scores.csv", index_col="step")
    assert list(scores["batch_loss"].dropna().index) == [6]
    assert {"train_loss", "MEAN_JS_DISTANCE_TRAIN", "loss_terms/kl", "validation_loss"} <= {
        *scores.columns
    }
    assert (out / "plots" / "PDF_TRAIN" / "epoch_000002_step_00000006.png").is_file()
    status = read_status(out)
    assert status is not None
    assert (status.status, status.epoch, status.step) == ("finished", 2, 6)
    for path in out.iterdir():
        assert path.name == "lock" or f"\n  {path.name} " in shown


def test_a_table_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.csv"
    simulated_heart_disease(60).to_csv(path, index=False)
    options = parse(["--data", str(path), "--cts", "Age", "MaxHR", "--cat", "Sex"])
    data, source = named_table(options, configured(options))
    assert list(data.table.columns) == ["Age", "Sex", "MaxHR"]
    assert (data.cts_features, data.cat_features) == (("Age", "MaxHR"), ("Sex",))
    assert source == str(path)
    message = error_of(capsys, "--data", str(path), "--cts", "Agee", "--cat", "Sex")
    assert "it must have a column 'Agee', got none; the nearest name is 'Age'" in message


def test_a_configured_table_that_is_not_there_is_simulated() -> None:
    options = parse(["--config", str(SPECIFICATION_CONFIG)])
    data, source = named_table(options, configured(options))
    assert len(data.table) == 900
    assert source.endswith("the configured assets/real.csv is not there")


def test_what_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "which is no file; check the path" in error_of(capsys, "--data", "nowhere.csv")
    assert "must be a JSON file" in error_of(capsys, "--config", str(tmp_path / "none.json"))
    assert "got 'tpu9' (torch knows no such device)" in error_of(capsys, "--device", "tpu9")
    taken = tmp_path / "file"
    taken.touch()
    assert f"--out {taken}: File exists; name a folder" in error_of(capsys, "--out", str(taken))
    twice = ["--data", "a", "--cts", "Age", "--cat", "Age"]
    for arguments in (
        ["--epochs", "0"],
        ["--cts", "Age"],
        twice,
    ):
        with pytest.raises(SystemExit, match="2"):
            parse(arguments)


def test_options_take_the_place_of_the_configuration() -> None:
    config = configured(parse(["--epochs", "7", "--seed", "5", "--model", "gan"]))
    assert config.architecture.model == "gan"
    assert config.training.max_n_epochs == 7
    assert config.training.seed == 5
    assert configured(parse([])).architecture.model == "autoregressive"
