"""A folder of runs as a table, and one that goes on as it grows."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from artifact_torch.cli.main import main
from artifact_torch.contracts import Ending, Moment
from artifact_torch.internal.sparkline import sparkline
from artifact_torch.run_folder import Begun, RunFolder, opened, read_run
from artifact_torch.run_folder.best import keep_best
from tests.run_folder.moments import START, at, score


def write(
    folder: Path,
    settings: Mapping[str, object],
    losses: list[float],
    *,
    how: Ending = "finished",
    mode: str = "min",
) -> None:
    """A run with a loss after every tenth step, of which the least or greatest was kept as the best."""
    with opened(RunFolder(folder)) as run:
        begun = Begun(settings=settings, judged_by="loss", modes={"loss": mode, "hit": "max"})
        run.begin(START, begun, spent={})
        for n, loss in enumerate(losses, 1):
            run.record([*score("loss", loss), *score("hit", -loss)], at(10 * n))
        run.end(how, "why not")
    best = (min if mode == "min" else max)(losses)
    keep_best(folder, {}, {"epoch": 1, "step": 10, "scores": {"loss": best, "hit": -best}})


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write(tmp_path / "b", {"m.lr": 0.1, "n": 1, "seed": None}, [0.5, 0.25])
    write(tmp_path / "a", {"m.lr": 0.01, "n": 1, "seed": 7}, [0.75, 1.5, 2.5], how="failed")
    write(tmp_path / "sweep" / "c", {"m.lr": 0.001, "n": 1, "seed": 7}, [0.125], how="killed")
    (tmp_path / "notes").mkdir()
    return tmp_path


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    """The words of each line."""
    assert main(["runs", *arguments]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_a_long_setting_shows_its_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "one", {"table": "a" * 60 + "b", "n": "c" * 27}, [0.5])
    write(tmp_path / "other", {"table": "a" * 61, "n": "d"}, [0.5])
    _, one, _ = table(capsys, str(tmp_path), "--sort", "run")
    assert one[-2:] == ["aaaaaaaaaaaa...aaaaaaaaaaab", "c" * 27]
    whole = ["--where", f"table={'a' * 60}b"]
    assert [row[0] for row in table(capsys, str(tmp_path), *whole)[1:]] == ["one"]


def test_the_runs_of_a_folder_and_what_differs(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = table(capsys, str(runs), "--sort", "run")
    assert head == ["run", "status", "epochs", "steps", "loss", "time", "lr", "seed"]
    assert rows == [
        ["a", "failed", "3", "30", "0.75", "-", "0.01", "7"],
        ["b", "finished", "2", "20", "0.25", "-", "0.1", "-"],
        ["sweep/c", "stopped", "1", "10", "0.125", "-", "0.001", "7"],
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--sort", "score"], ["sweep/c", "b", "a"]),
        (["--sort", "score", "--reverse"], ["a", "b", "sweep/c"]),
        (["--sort", "seed"], ["a", "sweep/c", "b"]),
        (["--score", "hit", "--sort", "score"], ["sweep/c", "b", "a"]),
        (["--where", "status=failed"], ["a"]),
        (["--where", "lr>=0.01", "--sort", "m.lr"], ["a", "b"]),
        (["--where", "lr>0.001", "--where", "status!=failed"], ["b"]),
        (["--where", "seed=none"], ["b"]),
        (["--where", "seed!=7"], []),
        (["--where", " run = sweep/c "], ["sweep/c"]),
    ],
)
def test_sorted_and_filtered(
    arguments: list[str], expected: list[str], runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = main(["runs", str(runs), "--format", "json", *arguments])
    assert found == 0
    assert [row["run"] for row in json.loads(capsys.readouterr().out)] == expected


def test_another_score_is_the_best_of_its_record(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = table(capsys, str(runs), "--score", "hit", "--sort", "run")
    assert head[4] == "hit"
    assert [row[4] for row in rows] == ["-0.75", "-0.25", "-0.125"]


def test_a_score_whose_highest_is_the_best_comes_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("low", 0.1), ("high", 0.9)):
        write(tmp_path / name, {}, [value, value / 2], mode="max")
    _, *rows = table(capsys, str(tmp_path), "--sort", "score")
    assert [(row[0], row[4]) for row in rows] == [("high", "0.9"), ("low", "0.1")]


def test_a_setting_that_is_called_as_a_column_has_one_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, n in (("a", 300), ("b", 20)):
        write(tmp_path / name, {"epochs": n, "train.time": n}, [0.5])
    head, *rows = table(capsys, str(tmp_path), "--sort", "settings.epochs")
    assert head[-2:] == ["settings.epochs", "train.time"]
    assert [(row[0], row[2], row[-2]) for row in rows] == [("b", "1", "20"), ("a", "1", "300")]
    _, *rows = table(capsys, str(tmp_path), "--where", "settings.epochs>20")
    assert [row[0] for row in rows] == ["a"]


def test_a_record_that_cannot_be_read_hides_no_other_run(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "a" / "record.jsonl").unlink()
    (runs / "a" / "record.jsonl").mkdir()
    _, *rows = table(capsys, str(runs), "--score", "hit", "--sort", "run")
    assert [row[4] for row in rows] == ["-", "-0.25", "-0.125"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--sort", "rate"], "there is no column rate; write one of run, status"),
        (["--where", "lr"], "--where: got 'lr', expected COLUMN"),
        (["--where", "lr>fast"], "> compares numbers, got 'fast' and '0."),
        (["--score", "nothing"], "no run has recorded a score of this name; there are loss, hit\n"),
        (["--watch"], "--watch: none of the 3 runs in"),
    ],
)
def test_what_cannot_be_meant(
    arguments: list[str], told: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", str(runs), *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_folder_that_is_none_and_one_without_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", str(tmp_path / "no")]) == 2
    assert "is no folder; give one that holds runs, or a run" in capsys.readouterr().err
    assert main(["runs", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path}: no runs\n"
    assert main(["runs", str(tmp_path), "--watch"]) == 2
    told = f"--watch: there are no runs in {tmp_path}; give the folder of one"
    assert told in capsys.readouterr().err


def test_names_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a\x1b[2J\n\u202eb", {"x\x07": "\x1b]0;t\x07"}, [1.0])
    write(tmp_path / "日本", {"x\x07": "é"}, [1.0])
    assert main(["runs", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert all(each.isprintable() for line in out.split("\n") for each in line)
    assert "a\\x1b[2J\\n\\u202eb" in out
    assert len(out.splitlines()) == 3


def test_damaged_files_hide_no_run(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("status.json", "settings.json"):
        (runs / "a" / name).write_bytes(b'{"status": [\x00')
    (runs / "b" / "best" / "best.json").write_text("[]")
    _, *rows = table(capsys, str(runs), "--sort", "run")
    assert [row[:2] for row in rows] == [["a", "failed"], ["b", "finished"], ["sweep/c", "stopped"]]


def test_how_a_run_ended_is_read_from_its_record_too(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a report has it."""
    for name in ("a", "b", "sweep/c"):
        (runs / name / "status.json").write_text("{")
    record = runs / "sweep" / "c" / "record.jsonl"
    *lines, _ = record.read_text().splitlines()  # the last says that it ended
    record.write_text("".join(f"{line}\n" for line in lines))
    rows = table(capsys, str(runs), "--sort", "run")[1:]
    assert [row[:4] for row in rows] == [
        ["a", "failed", "3", "30"],
        ["b", "finished", "2", "20"],
        ["sweep/c", "died", "1", "10"],
    ]
    for name, status, epochs, steps, *_ in rows:
        run = read_run(runs / name)
        assert (run.status, str(run.epoch), str(run.step)) == (status, epochs, steps)


def test_a_score_that_was_never_a_number_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "one", {}, [float("nan")])
    _, row = table(capsys, str(tmp_path), "--score", "hit")
    assert row[4] == "-"


def test_a_run_that_ended_is_followed_to_its_end_at_once(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", str(runs / "a"), "--watch"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a  failed  epoch 3  step 30  why not  best loss 0.75"
    assert lines[1].split() == ["now", "lowest", "highest"]
    assert lines[2].split() == ["loss", "▁▄█", "2.5", "0.75", "2.5"]
    assert lines[3].split() == ["hit", "█▅▁", "-2.5", "-2.5", "-0.75"]


def test_a_run_that_goes_on_is_told_with_each_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(RunFolder(tmp_path / "vae", strict=True)) as run:  # which writes no thread beside
        run.begin(START, Begun())

        def meanwhile(_: float) -> None:
            """The run goes on by a moment, and ends with the third."""
            step = next(moments)
            run.record(score("loss", 1 / step), Moment(epoch=0, step=step, ends_epoch=False))
            if step == 3:
                run.end("finished", "done")

        moments = iter((1, 2, 3))
        monkeypatch.setattr("artifact_torch.cli.watching.sleep", meanwhile)
        assert main(["runs", str(tmp_path), "--watch"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-2:] for line in lines[1:3]] == [["loss", "1"], ["loss", "0.5"]]
    assert lines[3] == "vae  finished  epoch 0  step 3  done"
    assert lines[-1].split() == ["loss", "█▃▁", "0.3333", "0.3333", "1"]


def test_it_starts_without_torch(runs: Path) -> None:
    program = (
        "import sys; from artifact_torch.cli.main import main; main(sys.argv[1:]); "
        "assert not {'torch', 'pandas'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, "runs", str(runs), "--score", "hit"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


def test_a_curve_in_a_line() -> None:
    nan, inf = float("nan"), float("inf")
    assert sparkline([], 5) == ""
    assert sparkline([3.0], 5) == "▄"
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([0, 0, 7, 7], 2) == "▁█"
    assert sparkline([0.0, nan, inf, 1.0], 4) == "▁··█"
    assert sparkline([-1.7e308, 1.7e308], 2) == "▁█"
    assert sparkline([1, 10, 100, 1000], 4) == "▁▃▆█"  # logarithms: 0, 1, 2 and 3 thirds
    assert sparkline([-1, 10, 100, 1000], 4) == "▁▁▁█"
    assert len(sparkline([0.5] * 1000, 30)) == 30
