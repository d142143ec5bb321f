"""A run's scores in a file of one's own."""

from pathlib import Path

import numpy as np
import pytest

from artifact_torch import ConfigurationError, CsvClient
from tests.tracking.recorded import ARRAY, all_kinds, identity, recorded, score, scores, sent


def test_a_row_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scores.csv"
    client = sent(CsvClient(path))
    client.begin(identity(tmp_path))
    client.log_settings({"lr": 0.1})
    client.log_results([*scores(5, loss=0.5), *all_kinds(10, tmp_path)])
    client.log_results([recorded(ARRAY, "A", np.array([1.0]), 12)])  # no score, no row
    client.log_results([score("accuracy", float("nan"), 15), score("step", 7.0, 15)])
    client.end("finished", "")
    assert path.read_text().splitlines() == [
        "epoch,step,seconds,loss,JS/income %,JS/age,accuracy,score/step",
        "0,5,10.0,0.5,,,,",
        "1,10,20.0,0.1,1.0,0.5,,",
        "1,15,30.0,,,,nan,7.0",
    ]


def test_a_run_is_continued_and_a_new_one_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = CsvClient("scores.csv")
    kept = client.begin(identity(tmp_path))
    for step in (5, 10, 15):
        client.log_results(scores(step, loss=step))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resumed = sent(client)
    assert resumed.begin(identity(tmp_path, kept)) == kept
    resumed.log_results(scores(10, loss=0.5))
    path = tmp_path / "scores.csv"
    assert path.read_text().splitlines()[1:] == ["0,5,10.0,5.0", "1,10,20.0,0.5"]
    resumed.begin(identity(tmp_path))
    resumed.log_results(scores(20, loss=0.25))
    assert path.read_text() == "epoch,step,seconds,loss\n2,20,40.0,0.25\n"


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("age,income\n1,2\n")
    with pytest.raises(ConfigurationError, match=r"^CsvClient: .*data.csv holds something else"):
        CsvClient(path)
