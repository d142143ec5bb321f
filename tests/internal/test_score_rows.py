"""The file of the scores: a row a moment, however the run was interrupted."""

from pathlib import Path

import pytest

from artifact_torch import ConfigurationError
from artifact_torch.internal.score_rows import ScoreRows


def add(rows: ScoreRows, step: int, **scores: float) -> None:
    """Epochs of ten steps, two seconds a step."""
    rows.add(epoch=step // 10, step=step, seconds=2.0 * step, scores=scores)


def test_a_row_a_moment_and_a_column_that_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scores.csv"
    rows = ScoreRows(path)
    add(rows, 5, loss=0.5)
    add(rows, 10, loss=0.1 + 0.2, age=0.5)
    add(rows, 15, accuracy=float("nan"))
    rows.add(epoch=2, step=20, seconds=1 / 3, scores={"loss": 0.25, "income, %": 1.0})
    assert path.read_text().splitlines() == [
        'epoch,step,seconds,loss,age,accuracy,"income, %"',
        "0,5,10.0,0.5,,,",
        "1,10,20.0,0.30000000000000004,0.5,,",
        "1,15,30.0,,,nan,",
        "2,20,0.333,0.25,,,1.0",
    ]
    assert [each.name for each in path.parent.iterdir()] == ["scores.csv"]


def test_what_comes_again_at_the_newest_step_joins_its_row(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    add(ScoreRows(path), 10, loss=0.5)
    rows = ScoreRows(path)  # killed within: told again
    for _ in range(2):
        add(rows, 10, auroc=0.75)
    assert path.read_text() == "epoch,step,seconds,loss,auroc\n1,10,20.0,0.5,0.75\n"


def test_a_killed_run_loses_its_torn_row_and_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    rows = ScoreRows(path)
    for step in (5, 10, 15, 20, 25):
        add(rows, step, loss=1 / step, old=1.0)
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:-1]) + whole[-1][:-2])
    resumed = ScoreRows(path)  # from a checkpoint of step 10
    add(resumed, 15, loss=0.5)
    add(resumed, 20, loss=0.25)
    assert path.read_text().splitlines() == [
        *("".join(whole[:3])).splitlines(),
        "1,15,30.0,0.5,",
        "2,20,40.0,0.25,",
    ]


def test_a_restored_run_takes_back_its_rows_and_a_new_one_all(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    rows = ScoreRows(path)
    for step in (5, 10, 15, 5, 10):
        add(rows, step, loss=float(step))
    assert path.read_text().splitlines()[1:] == ["0,5,10.0,5.0", "1,10,20.0,10.0"]
    rows.clear()
    add(rows, 15, accuracy=1.0)
    assert path.read_text() == "epoch,step,seconds,accuracy\n1,15,30.0,1.0\n"


@pytest.mark.parametrize("damage", ["x,y,z,1\n", "0\n", "\n", "0,-,10.0,1\n"])
def test_a_damaged_row_is_left_out(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("epoch,step,seconds,loss\n" + damage + "0,5,10.0,0.5\n")
    add(ScoreRows(path), 10, loss=0.25)
    assert path.read_text().splitlines()[1:] == ["0,5,10.0,0.5", "1,10,20.0,0.25"]


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("age,income\n1,2\n")
    with pytest.raises(ConfigurationError, match=r"data.csv holds something else than scores"):
        ScoreRows(path)
    assert path.read_text() == "age,income\n1,2\n"


def test_a_row_that_could_not_be_written_spoils_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    rows = ScoreRows(folder / "scores.csv")
    add(rows, 5, loss=0.5)
    folder.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        add(rows, 10, loss=0.25)
    (tmp_path / "away").rename(folder)
    add(rows, 15, loss=0.125)
    text = (folder / "scores.csv").read_text()
    assert text == "epoch,step,seconds,loss\n0,5,10.0,0.5\n1,15,30.0,0.125\n"
