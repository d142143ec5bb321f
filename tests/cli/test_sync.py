"""What a client missed is delivered later, by a command."""

import csv
import json
import socket
from pathlib import Path

import pytest

from artifact_torch import CsvClient
from artifact_torch.cli.main import main
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.recording import Recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "vae"
    record = Recording(folder)
    record.begin(lr=0.1)
    for step in (10, 20):
        record.scores(step, loss=1 / step, accuracy=0.5)
    record.end()
    return folder


def steps(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as opened:
        return [row["step"] for row in csv.DictReader(opened)]


def standing(folder: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "tracking" / f"{name}.json").read_bytes())
    return found


def test_a_client_that_the_run_never_had_gets_everything(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scores.csv"
    assert main(["sync", str(folder), "--to", "csv", "--file", str(file)]) == 0
    assert steps(file) == ["10", "20"]
    assert capsys.readouterr().out == (
        f"{folder}: 4 results delivered to csv, which has everything\n"
    )
    found = standing(folder, "csv")
    assert found["client"] == "artifact_torch.tracking.csv_client:CsvClient"
    assert (found["arguments"], found["run"]) == ({"path": str(file)}, "finished")
    Recording(folder).begin(20)
    Recording(folder).scores(30, loss=0.1)
    assert main(["sync", str(folder), "--to", "csv"]) == 0  # as it was built
    assert steps(file) == ["10", "20", "30"]
    assert "1 results delivered" in capsys.readouterr().out


def test_another_file_is_another_client(folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.csv" for number in range(2)]
    for file in files:
        assert main(["sync", str(folder), "--to", "csv", "--file", str(file)]) == 0
        assert steps(file) == ["10", "20"]
    assert standing(folder, "csv-2")["arguments"] == {"path": str(files[1])}


def test_what_an_outage_of_the_run_left_is_delivered(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.touch()  # a file where a folder should be
    delivery = Delivery([CsvClient(home / "scores.csv")], folder)
    delivery.start()
    delivery.finish()
    assert "4 results are not delivered" in delivery.outages["csv"]
    assert main(["sync", str(folder), "--to", "csv"]) == 1
    out = capsys.readouterr().out
    assert "0 results delivered to csv, 4 are left: " in out
    assert "home" in out
    home.unlink()
    assert main(["sync", str(folder), "--to", "csv"]) == 0
    assert steps(home / "scores.csv") == ["10", "20"]


def test_a_run_that_was_killed_is_told_so(folder: Path, tmp_path: Path) -> None:
    host = socket.gethostname()
    dead = {"status": "running", "epoch": 1, "step": 20, "host": host, "pid": 0, "time": ""}
    (folder / "status.json").write_text(json.dumps(dead), encoding="utf-8")
    (folder / "record.jsonl").unlink()
    Recording(folder).begin()
    assert main(["sync", str(folder), "--to", "csv", "--file", str(tmp_path / "x.csv")]) == 0
    assert standing(folder, "csv")["run"] == "killed"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--to", "neptune"], "--to: there is no client neptune; known are csv, mlflow, "),
        (["--to", "csv"], "--to csv: CsvClient cannot be built: "),
        (["--to", "csv", "--uri", "x"], "--uri is not for csv"),
        (["--to", "mlflow", "--run-name", "x"], "--to mlflow: MLflowClient cannot be built: "),
    ],
)
def test_what_cannot_be_meant_is_said(
    folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", str(folder), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_of_something_else_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", str(tmp_path), "--to", "csv"]) == 2
    assert "is no folder of a run" in capsys.readouterr().err


def test_a_class_that_is_not_ours_is_never_built(folder: Path) -> None:
    file = folder / "tracking" / "csv.json"
    file.parent.mkdir()
    evil = {"version": 1, "client": "os:system", "arguments": {"command": "touch evil"}}
    file.write_text(json.dumps(evil), encoding="utf-8")
    assert main(["sync", str(folder), "--to", "csv"]) == 2
    assert not Path("evil").exists()
