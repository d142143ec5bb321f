"""The demo as its user runs it: options, files, messages."""

import json
import math
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from artifact_torch.run_folder import read_status
from demo.__main__ import main
from demo.config.config import SPECIFICATION_CONFIG, load_config
from demo.data.heart import simulated_heart_disease
from demo.data.tables import configured_table
from demo.options import configured, parse


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
    assert main(["--steps", "6", "--out", str(out), "--seed", "3", "--device", "cpu"]) == 0
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
    numbers = [each for row in summary["final_scores"].values() for each in row.values()]
    assert all(math.isfinite(value) for value in numbers)
    assert set(summary["final_scores"]) == {"MEAN_JS_DISTANCE", "CORRELATION_DISTANCE"}
    assert set(summary["final_scores"]["MEAN_JS_DISTANCE"]) == {"generated", "bootstrap"}
    assert summary["versions"]["torch"] == version("torch")
    generated = pd.read_csv(out / "generated.csv")
    assert list(generated.columns) == list(simulated_heart_disease().columns)
    assert len(generated) == 1000
    assert (out / "checkpoints" / "epoch_00002_step_00000006").is_dir()
    scores = pd.read_csv(out / "scores.csv", index_col="step")
    assert list(scores["batch_loss"].dropna().index) == [6]
    wanted = {"train_loss", "validation_loss", "MEAN_JS_DISTANCE_TRAIN"}
    assert wanted <= {*scores.columns}
    [picture] = (out / "plots" / "DISTRIBUTIONS_TRAIN").glob("*.png")
    assert (out / "generated.png").read_bytes().startswith(b"\x89PNG")
    assert picture.read_bytes().startswith(b"\x89PNG")
    status = read_status(out)
    assert status is not None
    assert (status.status, status.epoch, status.step) == ("finished", 2, 6)
    assert shown.endswith(f"To see how it went, open {(out / 'report.html').as_uri()}\n")
    assert "validation_loss" in (out / "report.html").read_text(encoding="utf-8")
    for path in out.iterdir():
        assert path.name == "lock" or f"\n  {path.name} " in shown


def test_a_file_needs_no_column_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"{index:03};{2 + index % 7},5;{'x' if index % 3 else ''};0{index % 4};2024-01-{1 + index % 28:02};m{index}@mail"
        for index in range(60)
    ]
    path = tmp_path / "own.csv"
    path.write_text("nr;height;word;code;day;mail\n" + "\n".join(rows), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["--data", str(path), "--steps", "4", "--out", str(out), "--device", "cpu"]
    assert main([*arguments, "--kinds", "nr=drop", "--target", "height"]) == 0
    shown = capsys.readouterr().out
    assert "its cells are separated by a semicolon" in shown
    assert "column 'mail' names rows: its values are made anew" in shown
    assert "12 rows, a fifth, are held back for height; real are the others" in shown
    assert "asked about the rows held back" in shown
    assert "R² of height, learned from generated rows" in shown
    generated = pd.read_csv(
        out / "generated.csv", sep=";", decimal=",", dtype={"code": str}, parse_dates=["day"]
    )
    assert list(generated.columns) == ["height", "word", "code", "day", "mail"]
    assert generated["height"].between(2.5, 8.5).all()
    assert set(generated["code"]) <= {"00", "01", "02", "03"}
    assert generated["day"].between(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-28")).all()
    assert not set(generated["mail"]) & {row.split(";")[-1] for row in rows}
    assert generated["word"].isna().any()


def test_a_configured_table_that_is_not_there_is_simulated() -> None:
    data = configured_table(load_config(SPECIFICATION_CONFIG).data)
    assert len(data.table) == 900
    assert data.source.endswith("the configured assets/real.csv is not there")


def test_what_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "which is no file; check the path" in error_of(capsys, "--data", "nowhere.csv")
    assert "must be a JSON file" in error_of(capsys, "--config", str(tmp_path / "none.json"))
    assert "got 'tpu9' (torch knows no such device)" in error_of(capsys, "--device", "tpu9")
    taken = tmp_path / "file"
    taken.touch()
    assert f"--out {taken}: File exists; name a folder" in error_of(capsys, "--out", str(taken))
    own = tmp_path / "own.csv"
    own.write_text("a,b\n" + "".join(f"{number % 5},x\n" for number in range(30)))
    assert "must be one of a, b, got 'c'" in error_of(capsys, "--data", str(own), "--target", "c")
    assert "at least 2 values, 'b' has 1" in error_of(capsys, "--data", str(own), "--target", "b")
    kinds = ["--data", str(own), "--kinds", "c=drop"]
    assert "--kinds: there is no column 'c'; the columns are 'a', 'b'" in error_of(capsys, *kinds)
    with pytest.raises(SystemExit, match="2"):
        parse([str(own)])
    assert f"; a table of yours is --data {own}" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        parse(["--data", str(own), "--kinds", "id=identifier"])
    told = capsys.readouterr().err
    assert "got 'id=identifier': a column that names rows is made anew, id=fresh; id=drop" in told
    assert "with_kinds" not in told
    for arguments in (["--steps", "0"], ["--na", "x"], ["--data", "a", "--kinds", "b=word"]):
        with pytest.raises(SystemExit, match="2"):
            parse(arguments)


def test_options_take_the_place_of_the_configuration() -> None:
    config = configured(parse(["--steps", "7", "--seed", "5", "--model", "gan"]))
    assert config.training.max_n_steps == 7
    assert config.training.seed == 5
    assert config.architecture.model == "gan"
    assert configured(parse([])) == load_config()
